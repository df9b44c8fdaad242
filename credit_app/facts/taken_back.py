"""Payments that were taken back: what had been kept goes on as its days say, what runs holds its items again."""

from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from credit_app.facts import ledger_items, promised
from credit_app.facts.collection import log_contact
from credit_app.facts.promised import Case
from credit_app.i18n import _
from credit_app.models import ItemMark
from credit_app.models.promises import PromisedItem


def reopen(session: Session, case: Case, status: str, today: date) -> bool:
    """What had been kept runs again, with its items; False when all of it is paid. Its process is still to be started.

    An item that stands in another promise, plan or extension by now stays there.
    """
    session.refresh(case, with_for_update=True)
    promised.hold_items(session, case)
    came = promised.came_by_item(session, case.items)
    case.paid = sum(came.values(), Decimal(0))
    if case.closed_on is None or case.paid >= (case.amount or 0):
        return False
    taken = promised.holders(session, [row.item_id for row in case.items])
    free = _free(session, case, today)
    for row in case.items:
        row.mark_id = None
        row.live = row.item_id not in taken and free.get(row.item_id, 0) >= row.amount - came[row.item_id]
    case.status, case.closed_on, case.reopened_on = status, None, today
    log_contact(
        session,
        case.customer_id,
        "email",
        "noted",
        note=_("%(number)s goes on: a payment of it was taken back.", number=case.number),
    )
    session.flush()
    return True


def mark_again(session: Session, case: Case, today: date) -> None:
    """What is marked of an item grows by what was taken back, to the day of the other marks."""
    session.refresh(case, with_for_update=True)
    promised.hold_items(session, case)
    came, free = promised.came_by_item(session, case.items), _free(session, case, today)
    until = max(
        (mark.due_on for row in case.items if (mark := _mark_of(session, row)) and mark.due_on), default=None
    )
    for row in case.items:
        before = _mark_of(session, row)
        marked = before.amount if before is not None else Decimal(0)
        amount = min(row.amount - came[row.item_id], free.get(row.item_id, Decimal(0)) + marked)
        if not row.live or until is None or amount <= marked:
            continue
        if before is not None:
            ledger_items.end_mark(session, before, today, case.number, today)
        row.mark_id = ledger_items.mark_item(
            session, row.item, "promised", amount, today, case.number, today, due_on=max(until, today)
        ).id
    session.flush()


def _mark_of(session: Session, row: PromisedItem) -> ItemMark | None:
    return session.get(ItemMark, row.mark_id) if row.mark_id is not None else None


def _free(session: Session, case: Case, today: date) -> dict[int, Decimal]:
    """Item id -> what of it is open and not marked as promised."""
    ids = [row.item_id for row in case.items]
    return {debt.item.id: debt.free for debt in promised.debts(session, case.customer_id, today, ids)}
