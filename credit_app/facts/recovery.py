"""A claim after it was written off: money that comes in for it, and what the debtor turns out not to owe.

Either way the debt is opened again by as much and closed at once, so that it stays written off otherwise.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from credit_app.facts.ledger_allocations import allocate_chosen
from credit_app.facts.ledger_items import adjust_item
from credit_app.i18n import _
from credit_app.models import Receipt, ReceiptBalance
from credit_app.models.write_off import Recovery, WriteOff, WriteOffItem
from workflows import InvalidAnswer

ZERO = Decimal(0)


def claims_of(session: Session, customer_id: int) -> list[WriteOffItem]:
    """The claims of a customer that were written off and are still alive, the oldest first."""
    query = (
        select(WriteOffItem)
        .join(WriteOff, WriteOff.id == WriteOffItem.write_off_id)
        .where(WriteOff.customer_id == customer_id, WriteOffItem.written.is_not(None))
        .order_by(WriteOffItem.id)
    )
    return [row for row in session.scalars(query) if row.claim > 0]


def written_off_of(session: Session, item_id: int) -> Decimal:
    """What a debtor still owes of an item that our books have written off."""
    return sum((row.claim for row in _claims_on(session, item_id)), ZERO)


def take_back(session: Session, item_id: int, amount: Decimal, today: date, made_by: int | None) -> None:
    """Open a written-off debt again by `amount`, for a correction that the caller books next and commits.

    Raises InvalidAnswer when less than that of it is claimed.
    """
    left = amount
    for row in _claims_on(session, item_id):
        part = min(row.claim, left)
        if part > 0:
            note = _("Correction of write-off %(number)s", number=row.write_off.number)
            adjust_item(session, row.item, part, today, "written_off", note, today, made_by=made_by)
            row.corrected += part
            left -= part
    if left > 0:
        raise InvalidAnswer("amount", _("Less than that of the claim is left."))
    session.flush()


def _claims_on(session: Session, item_id: int) -> list[WriteOffItem]:
    """The claims on an item that are alive, held until the commit, with what was recovered of them by now."""
    query = (
        select(WriteOffItem)
        .where(WriteOffItem.item_id == item_id, WriteOffItem.written.is_not(None))
        .order_by(WriteOffItem.id)
        .with_for_update()
    )
    rows = session.scalars(query.execution_options(populate_existing=True)).all()
    return [row for row in rows if row.claim > 0]


def receipts_left(session: Session, customer_id: int) -> Sequence[tuple[Receipt, Decimal]]:
    """The receipts of a customer that pay nothing yet, with what is left of each."""
    query = (
        select(Receipt, ReceiptBalance.unallocated)
        .join(ReceiptBalance, ReceiptBalance.receipt_id == Receipt.id)
        .where(Receipt.customer_id == customer_id, ReceiptBalance.unallocated > 0)
        .order_by(Receipt.received_on, Receipt.id)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def recover(
    session: Session, claim: WriteOffItem, receipt: Receipt, amount: Decimal, today: date, made_by: int
) -> Recovery:
    """Book a part of a receipt as a recovery; the caller commits. Raises InvalidAnswer, LedgerRefused.

    The debt is opened by the amount and paid with it in the same transaction, so that it stays written off otherwise.
    """
    session.refresh(claim, with_for_update=True)  # of two at once the second sees what the first has booked
    item = claim.item
    if receipt.customer_id != item.customer_id or receipt.currency != item.currency:
        raise InvalidAnswer(
            "receipt", _("Choose a receipt of this customer in %(currency)s.", currency=item.currency)
        )
    booked = select(func.coalesce(func.sum(Recovery.amount), 0)).where(Recovery.write_off_item_id == claim.id)
    left = (claim.written or ZERO) - claim.corrected - Decimal(session.scalar(booked) or 0)
    if not 0 < amount <= left:
        raise InvalidAnswer(
            "amount", _("The claim is %(left)s; enter an amount above zero up to that.", left=left)
        )
    note = _("Recovery of write-off %(number)s", number=claim.write_off.number)
    entry = adjust_item(session, item, amount, today, "recovered", note, today, made_by=made_by)
    (paid,) = allocate_chosen(session, receipt, {item.id: amount}, today, today, made_by)
    row = Recovery(
        write_off_item_id=claim.id,
        receipt_id=receipt.id,
        amount=amount,
        recovered_on=paid.allocated_on,
        adjustment_id=entry.id,
        allocation_id=paid.id,
        made_by=made_by,
    )
    session.add(row)
    session.flush()
    return row
