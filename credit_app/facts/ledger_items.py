"""Items of the receivables ledger: corrections of what they ask, and parts marked as disputed or promised."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.facts.ledger import OWN_SOURCE, LedgerRefused, check_amount, check_day, hold_item
from credit_app.i18n import _
from credit_app.models import Adjustment, ItemMark, ReceivableItem


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
        ).at("day")
    balance = hold_item(session, item.id)
    still_open = balance.open_amount
    if amount < 0 and balance.reopened and on < balance.last_on:
        raise LedgerRefused(
            _("The item was opened again; correct it on %(day)s or later.", day=balance.last_on)
        ).at("day")
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
        raise LedgerRefused(_("Give the day for which payment is promised, %(day)s or later.", day=on)).at(
            "due_on"
        )
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
        raise LedgerRefused(_("The mark is of %(day)s; end it on that day or later.", day=mark.marked_on)).at(
            "day"
        )
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
