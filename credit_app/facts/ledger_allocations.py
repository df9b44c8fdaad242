"""Allocations of the receivables ledger: what a receipt or a credit note pays, and taking that back."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.domain import allocation as rules
from credit_app.domain.allocation import Debt, Part
from credit_app.domain.errors import DomainError
from credit_app.facts.ledger import LedgerRefused, check_day, hold_item
from credit_app.i18n import _
from credit_app.models import Allocation, ItemBalance, Receipt, ReceiptBalance, ReceivableItem, policy_values


def debts_of(
    session: Session,
    customer_id: int,
    currency: str,
    *,
    lock: bool = False,
    only: Collection[int] | None = None,
    until: date | None = None,
) -> list[Debt]:
    """What is open of the customer's debts in a currency after all entries; `lock` holds them until the commit.

    With `only` just these items are looked at: a customer may have thousands. `until` leaves out later documents.
    """
    query = (
        select(ItemBalance.item_id, ItemBalance.kind, ItemBalance.due_date, ItemBalance.open_amount)
        .where(
            ItemBalance.customer_id == customer_id,
            ItemBalance.currency == currency,
            ItemBalance.kind != "credit_note",
            ItemBalance.open_amount != 0,
        )
        .order_by(ItemBalance.item_id)
    )
    if only is not None:
        query = query.where(ItemBalance.item_id.in_(only))
    if until is not None:
        query = query.where(ItemBalance.document_date <= until)
    return [Debt(*row) for row in session.execute(query.with_for_update(key_share=True) if lock else query)]


def allocate_oldest(
    session: Session, receipt: Receipt, on: date, today: date, made_by: int | None = None
) -> list[Allocation]:
    """Pay debts with what is left of a receipt: costs, interest, principal, each the oldest first."""
    debts = debts_of(session, receipt.customer_id, receipt.currency, lock=True, until=today)
    order = rules.order_from_policy(policy_values(session, today))
    parts = rules.oldest_first(left_of(session, receipt.id), debts, order)
    return _allocate(session, parts, on, today, made_by, receipt=receipt)


def allocate_chosen(
    session: Session,
    receipt: Receipt,
    chosen: Mapping[int, Decimal],
    on: date,
    today: date,
    made_by: int | None = None,
) -> list[Allocation]:
    """Pay the chosen items (id -> amount) with a receipt. Raises LedgerRefused."""
    debts = debts_of(session, receipt.customer_id, receipt.currency, lock=True, only=chosen)
    try:
        parts = rules.as_chosen(left_of(session, receipt.id), debts, chosen)
    except DomainError as error:
        raise LedgerRefused.by(error) from error
    return _allocate(session, parts, on, today, made_by, receipt=receipt)


def use_credit_note(
    session: Session,
    credit_note: ReceivableItem,
    chosen: Mapping[int, Decimal],
    on: date,
    today: date,
    made_by: int | None = None,
) -> list[Allocation]:
    """Set a credit note off against the chosen items (id -> amount). Raises LedgerRefused."""
    if credit_note.kind != "credit_note":
        raise LedgerRefused(_("Only a credit note can be set off against other items."))
    debts = debts_of(session, credit_note.customer_id, credit_note.currency, lock=True, only=chosen)
    left = session.get_one(ItemBalance, credit_note.id, populate_existing=True).open_amount
    try:
        parts = rules.as_chosen(left, debts, chosen)
    except DomainError as error:
        raise LedgerRefused.by(error) from error
    return _allocate(session, parts, on, today, made_by, credit_note=credit_note)


def left_of(session: Session, receipt_id: int) -> Decimal:
    """What a receipt has left after all entries; the row is held until the commit."""
    query = select(ReceiptBalance.unallocated).where(ReceiptBalance.receipt_id == receipt_id)
    return session.scalars(query.with_for_update(key_share=True)).one()


def undo_allocation(
    session: Session, allocation: Allocation, on: date, today: date, made_by: int | None = None
) -> Allocation:
    """Take an allocation back from a day on; the item is open again. Raises LedgerRefused."""
    check_day(session, on, today)
    hold_item(session, allocation.item_id)  # two at once take their turn
    if allocation.reverses_id is not None or _undone(session, [allocation.id]):
        raise LedgerRefused(_("This allocation was taken back already."))
    if on < allocation.allocated_on:
        raise LedgerRefused(_("Take it back on %(day)s or later.", day=allocation.allocated_on)).at("day")
    return _undo(session, [allocation], on, made_by)[0]


def undo_all(session: Session, receipt: Receipt, on: date, made_by: int | None = None) -> list[Allocation]:
    """Take back from a day on all that the receipt still pays; the caller holds the receipt and what it paid."""
    used = session.scalars(
        select(Allocation).where(Allocation.receipt_id == receipt.id, Allocation.reverses_id.is_(None))
    ).all()
    undone = _undone(session, [row.id for row in used])
    return _undo(session, [row for row in used if row.id not in undone], on, made_by)


# --- inside -------------------------------------------------------------------------------------------------------


def _allocate(
    session: Session,
    parts: Sequence[Part],
    on: date,
    today: date,
    made_by: int | None,
    *,
    receipt: Receipt | None = None,
    credit_note: ReceivableItem | None = None,
) -> list[Allocation]:
    check_day(session, on, today)
    # Money that came before the invoice pays it from the invoice's own day on; what was opened again takes and gives
    # nothing before the entry that opened it.
    ids = [part.item_id for part in parts] + ([credit_note.id] if credit_note else [])
    days = _first_days(session, ids)
    begins = [days[credit_note.id]] if credit_note else []
    if receipt:
        balance = session.get_one(ReceiptBalance, receipt.id, populate_existing=True)
        begins.append(balance.last_on if balance.reopened else receipt.received_on)
    rows = [
        Allocation(
            receipt_id=receipt.id if receipt else None,
            credit_item_id=credit_note.id if credit_note else None,
            item_id=part.item_id,
            amount=part.amount,
            allocated_on=max([on, days[part.item_id], *begins]),
            made_by=made_by,
        )
        for part in parts
    ]
    if late := next((row.allocated_on for row in rows if row.allocated_on > today), None):
        raise LedgerRefused(_("A document is of %(day)s, which has not come yet.", day=late))
    session.add_all(rows)
    session.flush()
    return rows


def _first_days(session: Session, item_ids: Sequence[int]) -> dict[int, date]:
    """From which day on an entry may pay, or be paid by, each item."""
    query = select(ItemBalance).where(ItemBalance.item_id.in_(item_ids))
    rows = session.scalars(query.execution_options(populate_existing=True))
    return {row.item_id: row.last_on if row.reopened else row.document_date for row in rows}


def _undone(session: Session, ids: Sequence[int]) -> set[int]:
    query = select(Allocation.reverses_id).where(Allocation.reverses_id.in_(ids))
    return {found for found in session.scalars(query) if found is not None}


def _undo(
    session: Session, allocations: Sequence[Allocation], on: date, made_by: int | None
) -> list[Allocation]:
    rows = [
        Allocation(
            receipt_id=row.receipt_id,
            credit_item_id=row.credit_item_id,
            item_id=row.item_id,
            amount=-row.amount,
            allocated_on=on,
            reverses_id=row.id,
            made_by=made_by,
        )
        for row in allocations
    ]
    session.add_all(rows)
    session.flush()
    return rows
