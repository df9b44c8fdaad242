"""Late interest as the statement of account explains it: what was not claimed yet, by account and invoice."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy.orm import Session

from credit_app.domain.late_interest import Interest
from credit_app.domain.money import format_amount
from credit_app.facts.interest_claims import unclaimed_of
from credit_app.facts.statement import Statement
from credit_app.i18n import _

ZERO = Decimal(0)


@dataclass(slots=True)
class AccountInterest:
    """The late interest of an account: (number of the invoice, its interest), their total, and sentences about fees."""

    currency: str
    rows: list[tuple[str, Interest]] = field(default_factory=list)
    fees: Sequence[str] = ()

    @property
    def total(self) -> Decimal:
        """The interest of all invoices, each rounded by itself."""
        return sum((one.amount for _number, one in self.rows), ZERO)


def statement_interest(
    session: Session, statement: Statement, country: str | None
) -> dict[str, AccountInterest]:
    """Currency -> late interest of the open invoices of its account up to the day of the statement.

    Raises Refused that names a rate which is missing.
    """
    late = [
        item
        for account in statement.accounts
        for item in account.items
        if item.kind == "invoice" and item.days_overdue > 0
    ]
    left = unclaimed_of(session, [item.item_id for item in late], country, statement.as_of)
    found: dict[str, AccountInterest] = {}
    for item in late:
        if item.item_id in left:
            one = found.setdefault(item.currency, AccountInterest(item.currency))
            one.rows.append((item.number, left[item.item_id]))
    for one in found.values():
        one.fees = fee_sentences([interest for _number, interest in one.rows])
    return found


def fee_sentences(found: Sequence[Interest]) -> list[str]:
    """What the law gives besides for the costs of collection."""
    totals: dict[str, Decimal] = {}
    for one in found:
        if one.fee_currency:
            totals[one.fee_currency] = totals.get(one.fee_currency, ZERO) + one.fee
    return [
        _(
            "For the costs of collection the law gives %(total)s besides.",
            total=format_amount(total, currency),
        )
        for currency, total in sorted(totals.items())
    ]
