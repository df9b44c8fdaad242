"""Entries of the receivables ledger: each function adds rows, none changes any. Callers commit.

The database checks the same once more, under its locks (see credit_app.models.ledger_guards).
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from credit_app.domain import allocation as rules
from credit_app.domain.allocation import Debt, Part
from credit_app.domain.errors import DomainError
from credit_app.domain.money import minor_units
from credit_app.domain.policy_values import whole_of
from credit_app.domain.sentences import N_
from credit_app.i18n import _
from credit_app.models import (
    Adjustment,
    Allocation,
    ItemBalance,
    ItemMark,
    Receipt,
    ReceiptBalance,
    ReceiptReversal,
    ReceivableItem,
    known_currency,
    policy_values,
)
from workflows import NotFound, Refused

OWN_SOURCE = "credit_desk"


class LedgerRefused(Refused):
    """An entry that would not fit the ledger."""

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
        raise LedgerRefused(COMING_DAY, day=on, today=today)
    first = first_open_day(session, today)
    if on < first:
        raise LedgerRefused(CLOSED_DAY, day=on, first=first)


def check_amount(session: Session, amount: Decimal, currency: str) -> None:
    """Above zero, in a known currency, without decimals that it has not. Raises Refused."""
    known_currency(session, currency)
    if amount <= 0:
        raise LedgerRefused(_("Give an amount above zero."))
    if amount != round(amount, minor_units(currency)):
        raise LedgerRefused(
            _("%(amount)s has more decimals than %(currency)s.", amount=amount, currency=currency)
        )


# --- receipts -----------------------------------------------------------------------------------------------------


def enter_receipt(
    session: Session,
    customer_id: int,
    amount: Decimal,
    currency: str,
    received_on: date,
    today: date,
    *,
    reference: str = "",
    payer: str = "",
    source: str = OWN_SOURCE,
    external_id: str = "",
    made_by: int | None = None,
) -> Receipt:
    """Money received, not allocated yet. Raises LedgerRefused."""
    check_day(session, received_on, today)
    check_amount(session, amount, currency)
    receipt = Receipt(
        source=source,
        external_id=external_id or uuid4().hex,
        customer_id=customer_id,
        received_on=received_on,
        amount=amount,
        currency=currency,
        reference=reference[:200],
        payer=payer[:200],
        made_by=made_by,
    )
    session.add(receipt)
    session.flush()
    return receipt


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
        raise LedgerRefused(_("Take it back on %(day)s or later.", day=allocation.allocated_on))
    return _undo(session, [allocation], on, made_by)[0]


def reverse_receipt(
    session: Session,
    receipt: Receipt,
    on: date,
    kind: str,
    reason: str,
    today: date,
    made_by: int | None = None,
) -> ReceiptReversal:
    """The bank took the receipt back (bounced), or it was booked in error (reversed): all it paid is open again.

    Raises LedgerRefused for one that was reversed before, or a day before its last entry.
    """
    check_day(session, on, today)
    # Items before the receipt, as every allocation holds them, so that none waits for the other.
    paid = select(Allocation.item_id).where(Allocation.receipt_id == receipt.id)
    held = select(ItemBalance.item_id).where(ItemBalance.item_id.in_(paid)).order_by(ItemBalance.item_id)
    session.execute(held.with_for_update(key_share=True)).all()
    left_of(session, receipt.id)
    if session.scalar(select(ReceiptReversal.id).where(ReceiptReversal.receipt_id == receipt.id)):
        raise LedgerRefused(_("This receipt was reversed already."))
    last_on = session.get_one(ReceiptBalance, receipt.id, populate_existing=True).last_on
    if on < last_on:
        raise LedgerRefused(
            _("The receipt was used on %(day)s; reverse it on that day or later.", day=last_on)
        )
    if not reason.strip():
        raise LedgerRefused(_("Give the reason for which the receipt is taken back."))
    used = session.scalars(
        select(Allocation).where(Allocation.receipt_id == receipt.id, Allocation.reverses_id.is_(None))
    ).all()
    undone = _undone(session, [row.id for row in used])
    _undo(session, [row for row in used if row.id not in undone], on, made_by)
    reversal = ReceiptReversal(
        receipt_id=receipt.id, kind=kind, reversed_on=on, reason=reason.strip()[:500], made_by=made_by
    )
    session.add(reversal)
    session.flush()
    return reversal


# --- items --------------------------------------------------------------------------------------------------------


def adjust_item(
    session: Session,
    item: ReceivableItem,
    amount: Decimal,
    on: date,
    reason: str,
    note: str,
    today: date,
    *,
    source: str = OWN_SOURCE,
    external_id: str = "",
    made_by: int | None = None,
) -> Adjustment:
    """Correct what an item asks by a signed amount, with reason and note. Raises LedgerRefused."""
    check_day(session, on, today)
    check_amount(session, abs(amount), item.currency)
    if not note.strip():
        raise LedgerRefused(_("Say in a note what is corrected."))
    if on < item.document_date:
        raise LedgerRefused(
            _("The item is of %(day)s; correct it on that day or later.", day=item.document_date)
        )
    balance = hold_item(session, item.id)
    still_open = balance.open_amount
    if amount < 0 and balance.reopened and on < balance.last_on:
        raise LedgerRefused(
            _("The item was opened again; correct it on %(day)s or later.", day=balance.last_on)
        )
    if still_open + amount < 0:
        raise LedgerRefused(
            _(
                "Only %(open)s is open of %(number)s; correct it by that or less.",
                open=still_open,
                number=item.number,
            )
        )
    row = Adjustment(
        source=source,
        external_id=external_id or uuid4().hex,
        item_id=item.id,
        amount=amount,
        adjusted_on=on,
        reason=reason,
        note=note.strip()[:500],
        made_by=made_by,
    )
    session.add(row)
    session.flush()
    return row


def mark_item(
    session: Session,
    item: ReceivableItem,
    kind: str,
    amount: Decimal,
    on: date,
    reason: str,
    today: date,
    *,
    due_on: date | None = None,
    made_by: int | None = None,
) -> ItemMark:
    """Mark a part of an item as disputed, or as promised for a day. Raises LedgerRefused."""
    check_day(session, on, today)
    check_amount(session, amount, item.currency)
    still_open = hold_item(session, item.id).open_amount
    marked = sum(
        (mark.amount for mark in live_marks(session, [item.id], on) if mark.kind == kind), Decimal(0)
    )
    if marked + amount > still_open:
        raise LedgerRefused(
            _(
                "%(free)s of %(number)s can still be marked so.",
                free=max(still_open - marked, 0),
                number=item.number,
            )
        )
    if kind == "promised" and (due_on is None or due_on < on):
        raise LedgerRefused(_("Give the day for which payment is promised, %(day)s or later.", day=on))
    mark = ItemMark(
        item_id=item.id,
        kind=kind,
        amount=amount,
        marked_on=on,
        due_on=due_on if kind == "promised" else None,
        reason=reason.strip()[:500],
        made_by=made_by,
    )
    session.add(mark)
    session.flush()
    return mark


def end_mark(
    session: Session, mark: ItemMark, on: date, reason: str, today: date, made_by: int | None = None
) -> ItemMark:
    """The dispute is settled, or the promise over, from a day on. Raises LedgerRefused."""
    check_day(session, on, today)
    hold_item(session, mark.item_id)  # two at once take their turn
    if mark.ends_id is not None or session.scalar(select(ItemMark.id).where(ItemMark.ends_id == mark.id)):
        raise LedgerRefused(_("This mark was ended already."))
    if on < mark.marked_on:
        raise LedgerRefused(_("The mark is of %(day)s; end it on that day or later.", day=mark.marked_on))
    end = ItemMark(
        item_id=mark.item_id,
        kind=mark.kind,
        amount=mark.amount,
        marked_on=on,
        ends_id=mark.id,
        reason=reason.strip()[:500],
        made_by=made_by,
    )
    session.add(end)
    session.flush()
    return end


def live_marks(session: Session, item_ids: Sequence[int], day: date) -> list[ItemMark]:
    """The marks of items that stand on a day, oldest first."""
    ended = select(ItemMark.ends_id).where(ItemMark.ends_id.is_not(None), ItemMark.marked_on <= day)
    query = select(ItemMark).where(
        ItemMark.item_id.in_(item_ids),
        ItemMark.ends_id.is_(None),
        ItemMark.marked_on <= day,
        ItemMark.id.not_in(ended.where(ItemMark.item_id.in_(item_ids))),
    )
    return list(session.scalars(query.order_by(ItemMark.marked_on, ItemMark.id)))


def hold_item(session: Session, item_id: int) -> ItemBalance:
    """The item's balance, held until the commit. Raises NotFound."""
    query = select(ItemBalance).where(ItemBalance.item_id == item_id).with_for_update(key_share=True)
    balance = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if balance is None:
        raise NotFound(_("This item does not exist."))
    return balance


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


_WRONG = text("""
    SELECT b.item_id FROM item_balance b LEFT JOIN (
        SELECT item_id, sum(amount) AS amount, max(on_date) AS last_on FROM item_entry GROUP BY item_id
    ) e ON e.item_id = b.item_id
    WHERE e.amount IS DISTINCT FROM b.open_amount OR e.last_on IS DISTINCT FROM b.last_on
    UNION ALL SELECT -b.receipt_id FROM receipt_balance b LEFT JOIN (
        SELECT receipt_id, sum(amount) AS amount FROM receipt_entry GROUP BY receipt_id
    ) e ON e.receipt_id = b.receipt_id WHERE e.amount IS DISTINCT FROM b.unallocated
    LIMIT 100
""")


def balances_that_do_not_tie(session: Session) -> list[int]:
    """Items (and, with a minus, receipts) whose kept balance is not the sum of their entries; none, ever."""
    return list(session.scalars(_WRONG))
