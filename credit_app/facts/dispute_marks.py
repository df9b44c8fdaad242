"""The marks of disputed parts: set so that collection leaves them out, made smaller by what is paid, ended."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from credit_app.domain.marks import standing
from credit_app.facts import ledger_items
from credit_app.facts.disputes import ZERO, dispute_of
from credit_app.facts.ledger import hold_item
from credit_app.i18n import _
from credit_app.models import ItemBalance, ItemMark
from credit_app.models.disputes import DISPUTES_RUNNING, Dispute, DisputeItem
from workflows import Action, Conflict


def pause(action: Action) -> None:
    """Mark the disputed parts, so that collection leaves them out."""
    row = dispute_of(action)
    for part in row.items:
        if part.mark_id is None and part.live:
            part.mark_id = _mark(action, part, part.amount - part.paid).id


def _mark(action: Action, part: DisputeItem, amount: Decimal) -> ItemMark:
    return ledger_items.mark_item(
        action.session, part.item, "disputed", amount, action.today, part.dispute.number, action.today,
        made_by=action.actor.person_id,
    )  # fmt: skip


def disputed_marks(session: Session, item_ids: Sequence[int], day: date) -> list[ItemMark]:
    """The marks of disputed parts that stand on these items on a day."""
    return [mark for mark in ledger_items.live_marks(session, item_ids, day) if mark.kind == "disputed"]


def left_of(session: Session, row: Dispute, day: date) -> dict[int, Decimal]:
    """Part id -> what of the disputed part is still open, with what was paid of it by money that was taken back since.

    Marks keep what they have: a part grows only into what is open and in no mark.
    """
    if row.status not in DISPUTES_RUNNING:
        return {}
    ids = [part.item_id for part in row.items]
    balances = {
        one.item_id: one.open_amount
        for one in session.scalars(
            select(ItemBalance).where(ItemBalance.item_id.in_(ids)).execution_options(populate_existing=True)
        )
    }
    found: dict[int, Decimal] = {}
    marks = disputed_marks(session, ids, day)
    for part in row.items:
        own = [(mark.id, mark.kind, mark.amount) for mark in marks if mark.item_id == part.item_id]
        room = max(balances[part.item_id] - sum(amount for _id, _kind, amount in own), ZERO)
        left = standing(balances[part.item_id], own).get(part.mark_id or 0, ZERO) + min(part.paid, room)
        if part.live or left > 0:
            found[part.id] = left
    return found


def of_mark(session: Session, mark_id: int) -> Dispute | None:
    """The running dispute that holds a mark: it ends the mark, nobody else does."""
    query = select(Dispute).join(DisputeItem).where(DisputeItem.mark_id == mark_id, DisputeItem.live)
    return session.scalar(query)


def refuse_if_held(session: Session, mark: ItemMark) -> None:
    """A mark that a running dispute holds is ended there. Raises Conflict."""
    held = of_mark(session, mark.id)
    if held is not None:
        raise Conflict(
            _(
                "This part belongs to the dispute %(number)s, which ends it with its result.",
                number=held.number,
            )
        )


# A dispute stands longest: what comes pays what is not disputed first, so a part was paid when less than all that is
# disputed of its item is open. One of which something was paid grows again when more is open than is marked.
_CHANGED = text("""
    SELECT DISTINCT d.id FROM dispute_item p JOIN dispute d ON d.id = p.dispute_id
        JOIN item_balance b ON b.item_id = p.item_id CROSS JOIN LATERAL (
            SELECT coalesce(sum(m.amount), 0) AS amount FROM item_mark m
            WHERE m.item_id = p.item_id AND m.kind = 'disputed' AND m.ends_id IS NULL
                AND NOT EXISTS (SELECT FROM item_mark x WHERE x.ends_id = m.id)
        ) marked
    WHERE p.mark_id IS NOT NULL AND d.status IN ('investigating', 'in_decision') AND d.instance_id IS NOT NULL
        AND (p.live AND b.open_amount < marked.amount OR p.paid > 0 AND b.open_amount > marked.amount)
    ORDER BY d.id
""")


def changed_by_payments(session: Session) -> list[int]:
    """The running disputes of which something may have been paid, or taken back, since it was looked at."""
    return [row.id for row in session.execute(_CHANGED)]


# What had ended as paid, by money that has been taken back since, where more is open again than is disputed otherwise.
_BOUNCED = text("""
    SELECT DISTINCT d.id FROM allocation undone
        JOIN allocation a ON a.id = undone.reverses_id
        JOIN dispute_item p ON p.item_id = a.item_id AND p.paid > 0
        JOIN dispute d ON d.id = p.dispute_id AND d.status = 'paid' AND undone.allocated_on >= d.closed_on
            AND a.allocated_on BETWEEN d.opened_on AND d.closed_on
        JOIN item_balance b ON b.item_id = p.item_id
    WHERE b.open_amount > (
        SELECT coalesce(sum(m.amount), 0) FROM item_mark m WHERE m.item_id = p.item_id AND m.kind = 'disputed'
            AND m.ends_id IS NULL AND NOT EXISTS (SELECT FROM item_mark x WHERE x.ends_id = m.id)
    )
    ORDER BY d.id
""")


def bounced(session: Session) -> list[int]:
    """The disputes that had ended as paid and whose payment was taken back."""
    return [row.id for row in session.execute(_BOUNCED)]


def reopen(session: Session, row: Dispute, day: date) -> bool:
    """Have a dispute that had ended as paid be investigated again, with what is open of its parts now and in no other
    dispute; False when nothing is. Its process is still to be started."""
    session.refresh(row, with_for_update=True)
    balances = {part.item_id: hold_item(session, part.item_id).open_amount for part in row.items}
    taken = dict.fromkeys(balances, ZERO)
    for mark in disputed_marks(session, list(balances), day):
        taken[mark.item_id] += mark.amount
    again = {
        part.id: min(part.paid, max(balances[part.item_id] - taken[part.item_id], ZERO)) for part in row.items
    }
    if row.status != "paid" or not any(again.values()):
        return False
    for part in row.items:
        part.paid -= again[part.id]
        part.live, part.mark_id = again[part.id] > 0, None
    row.status, row.closed_on, row.reopened_on = "investigating", None, day
    row.proposal = row.level = row.escalated_on = None
    session.flush()
    return True


def take_in_payments(session: Session, row: Dispute, day: date) -> Decimal:
    """Mark anew what of each part is still open, after payments and such as were taken back; returns the sum of it."""
    for part in sorted(row.items, key=lambda one: one.item_id):
        hold_item(session, part.item_id)
    left = left_of(session, row, day)
    for part in row.items:
        still = left.get(part.id, ZERO)
        if part.mark_id is None or still == part.amount - part.paid:
            continue
        if part.live:
            ledger_items.end_mark(session, session.get_one(ItemMark, part.mark_id), day, row.number, day)
        part.paid = part.amount - still
        part.credit = still if row.proposal == "credited" else min(part.credit, still)
        part.live = still > 0
        if part.live:
            mark = ledger_items.mark_item(session, part.item, "disputed", still, day, row.number, day)
            part.mark_id = mark.id
    session.flush()
    return sum(left.values(), ZERO)
