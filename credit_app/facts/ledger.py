"""What every entry of the receivables ledger is held to: an open day, an amount that its currency has, one at a time.

Entries are added and never changed, by `ledger_receipts`, `ledger_allocations` and `ledger_items`. Callers commit.
The database checks the same once more, under its locks (see credit_app.models.ledger_guards).
"""

from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.domain.errors import DomainError
from credit_app.domain.money import minor_units
from credit_app.domain.policy_values import whole_of
from credit_app.domain.sentences import N_
from credit_app.i18n import _
from credit_app.models import ItemBalance, known_currency, policy_values
from workflows import NotFound, Refused

OWN_SOURCE = "credit_desk"


class LedgerRefused(Refused):
    """An entry that would not fit the ledger. `about` is what of it: "day", "due_on" of a promise, or ""."""

    about = ""

    def at(self, about: str) -> "LedgerRefused":
        """The same refusal, said to be about this."""
        self.about = about
        return self

    @classmethod
    def by(cls, error: DomainError) -> "LedgerRefused":
        """The refusal with the sentence of the rule that was not met."""
        return cls(error.sentence.template, **error.sentence.values)


COMING_DAY = N_("%(day)s has not come yet; date the entry %(today)s or before.")
CLOSED_DAY = N_("%(day)s is closed, what was reported of it stays; the first open day is %(first)s.")


def first_open_day(session: Session, today: date) -> date:
    """The first day to which policy lets an entry of today be dated."""
    return today - timedelta(days=whole_of(policy_values(session, today), "ledger.backdate_days"))


def check_day(session: Session, on: date, today: date) -> None:
    """An entry's day lies between the first that policy still leaves open and today. Raises LedgerRefused."""
    if on > today:
        raise LedgerRefused(COMING_DAY, day=on, today=today).at("day")
    first = first_open_day(session, today)
    if on < first:
        raise LedgerRefused(CLOSED_DAY, day=on, first=first).at("day")


def check_amount(session: Session, amount: Decimal, currency: str) -> None:
    """Above zero, in a known currency, without decimals that it has not. Raises Refused."""
    known_currency(session, currency)
    if amount <= 0:
        raise LedgerRefused(_("Give an amount above zero."))
    if amount != round(amount, minor_units(currency)):
        raise LedgerRefused(
            _("%(amount)s has more decimals than %(currency)s.", amount=amount, currency=currency)
        )


def hold_item(session: Session, item_id: int) -> ItemBalance:
    """The item's balance, held until the commit. Raises NotFound."""
    query = select(ItemBalance).where(ItemBalance.item_id == item_id).with_for_update(key_share=True)
    balance = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if balance is None:
        raise NotFound(_("This item does not exist."))
    return balance
