"""Costs of a legal case, and the entry of the ledger by which one is claimed from the debtor."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from credit_app.facts import ledger
from credit_app.i18n import _, written_day
from credit_app.models import ReceivableItem
from credit_app.models.legal import COST_KINDS, LegalCase, LegalCost
from workflows import InvalidAnswer

SOURCE = "legal"


def add_cost(
    session: Session,
    case: LegalCase,
    kind: str,
    amount: Decimal | None,
    incurred_on: date | None,
    note: str,
    today: date,
    made_by: int,
    now: datetime,
    *,
    claimed: bool,
) -> LegalCost:
    """Write a cost down; with `claimed` the debtor owes it, as an item of the kind cost that is due at once.

    Raises InvalidAnswer naming the field, LedgerRefused. The caller commits.
    """
    if kind not in COST_KINDS:
        raise InvalidAnswer("kind", _("Choose what the cost is for."))
    if amount is None or amount <= 0:
        raise InvalidAnswer("amount", _("Give an amount above zero."))
    if incurred_on is None or not case.started_on <= incurred_on <= today:
        raise InvalidAnswer(
            "incurred_on",
            _(
                "Give a day from %(first)s, when the case began, to today.",
                first=written_day(case.started_on),
            ),
        )
    currency = case.currency or ""
    ledger.check_amount(session, amount, currency)
    row = LegalCost(
        case_id=case.id, kind=kind, amount=amount, currency=currency, incurred_on=incurred_on, note=note[:300],
        made_by=made_by, created_at=now,
    )  # fmt: skip
    if claimed:
        try:
            row.item = _item(session, case, amount, incurred_on, today, made_by)
        except ledger.LedgerRefused as refused:  # its day is closed
            raise InvalidAnswer("incurred_on", refused.template, **refused.values) from refused
    session.add(row)
    session.flush()
    return row


def _item(
    session: Session, case: LegalCase, amount: Decimal, on: date, today: date, made_by: int
) -> ReceivableItem:
    ledger.check_day(session, on, today)
    place = 1 + sum(cost.item_id is not None for cost in case.costs)
    number = f"{case.number}-C{place}"
    item = ReceivableItem(
        source=SOURCE, external_id=number, customer_id=case.customer_id, kind="cost", number=number,
        document_date=on, due_date=on, amount=amount, currency=case.currency, reference=case.number, made_by=made_by,
    )  # fmt: skip
    session.add(item)
    session.flush()
    return item
