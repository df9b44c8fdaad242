"""The items that a promise, plan or extension is about: taking them under a lock, marking them, what came of them.

The three have this in common: an item stands in one of them at a time, its part is marked as promised so that
collection pauses for it, and when the debtor fails, the case moves up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TypeVar

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from credit_app.domain import promises as rules
from credit_app.domain.collection import PAUSED, harsher
from credit_app.domain.dates import BusinessCalendar, zone_named
from credit_app.domain.policy_values import whole_of
from credit_app.facts import collection, ledger_items
from credit_app.facts.ledger import LedgerRefused
from credit_app.i18n import _, said
from credit_app.models import (
    Allocation,
    CollectionCase,
    CollectionMove,
    ItemBalance,
    ItemMark,
    LimitationInterruption,
    ReceivableItem,
    holidays,
    policy_values,
    the_company,
)
from credit_app.models.promises import PaymentExtension, PaymentPlan, PromisedItem, PromiseToPay
from workflows import Action, Conflict, InvalidAnswer

Case = PromiseToPay | PaymentPlan | PaymentExtension
AnyCase = TypeVar("AnyCase", PromiseToPay, PaymentPlan, PaymentExtension)
GRACE = "collection.promise_grace_days"
MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Debt:
    """A debt that something may be agreed about: what is open of it, what of that is `free`, and the number of the
    promise, plan or extension that it stands in already."""

    item: ReceivableItem
    open_amount: Decimal
    free: Decimal
    held_by: str


# --- choosing -----------------------------------------------------------------------------------------------------


def debts(session: Session, customer_id: int, today: date, ids: Sequence[int] | None = None) -> list[Debt]:
    """What is open of the customer, or these items of it, the oldest first; documents of today or before."""
    query = (
        select(ReceivableItem, ItemBalance.open_amount)
        .join(ItemBalance, ItemBalance.item_id == ReceivableItem.id)
        .where(
            ItemBalance.customer_id == customer_id,
            ItemBalance.kind != "credit_note",
            ItemBalance.open_amount != 0,
            ItemBalance.document_date <= today,
        )
        .order_by(ItemBalance.due_date, ItemBalance.item_id)
        .limit(MOST_SHOWN)
    )
    if ids is not None:
        query = query.where(ItemBalance.item_id.in_(ids))
    rows = session.execute(query).all()
    found = [row[0].id for row in rows]
    marked: dict[int, Decimal] = {}
    for mark in ledger_items.live_marks(session, found, today):
        if mark.kind == "promised":
            marked[mark.item_id] = marked.get(mark.item_id, Decimal(0)) + mark.amount
    held = holders(session, found)
    return [
        Debt(
            item,
            still_open,
            max(still_open - marked.get(item.id, Decimal(0)), Decimal(0)),
            held.get(item.id, ""),
        )
        for item, still_open in rows
    ]


def holders(session: Session, item_ids: Sequence[int]) -> dict[int, str]:
    """Item id -> number of the promise, plan or extension that it stands in now."""
    number = func.coalesce(PromiseToPay.number, PaymentPlan.number, PaymentExtension.number)
    query = (
        select(PromisedItem.item_id, number)
        .outerjoin(PromiseToPay, PromiseToPay.id == PromisedItem.promise_id)
        .outerjoin(PaymentPlan, PaymentPlan.id == PromisedItem.plan_id)
        .outerjoin(PaymentExtension, PaymentExtension.id == PromisedItem.extension_id)
        .where(PromisedItem.live, PromisedItem.item_id.in_(item_ids))
    )
    return {row[0]: row[1] for row in session.execute(query)}


def take(session: Session, customer_id: int, ids: Sequence[int], today: date) -> list[Debt]:
    """The chosen items, held until the commit: a second person who wants one of them waits here, and then reads that
    it is taken. Raises InvalidAnswer for one that is paid, another's, taken, or of another currency than the first."""
    if not ids:
        raise InvalidAnswer("items", _("Choose at least one open item."))
    held = select(ItemBalance.item_id).where(ItemBalance.item_id.in_(ids)).order_by(ItemBalance.item_id)
    session.execute(held.with_for_update(key_share=True)).all()
    found = {debt.item.id: debt for debt in debts(session, customer_id, today, ids)}
    for number in ids:
        if number not in found:
            raise InvalidAnswer("items", _nothing_open(session, customer_id, number))
    for debt in found.values():
        if debt.held_by:
            raise InvalidAnswer(
                "items",
                _("%(number)s stands in %(case)s already.", number=debt.item.number, case=debt.held_by),
            )
        if debt.free <= 0:
            raise InvalidAnswer(
                "items", _("%(number)s is marked as promised already.", number=debt.item.number)
            )
    if len({debt.item.currency for debt in found.values()}) > 1:
        raise InvalidAnswer("items", _("Choose items of one currency only."))
    return list(found.values())


def _nothing_open(session: Session, customer_id: int, item_id: int) -> str:
    item = session.get(ReceivableItem, item_id)
    if item is None or item.customer_id != customer_id:
        return _("Choose items of this customer.")
    return _("%(number)s has nothing open any more.", number=item.number)


def keep(session: Session, case: Case, parts: Sequence[tuple[ReceivableItem, Decimal, Decimal]]) -> None:
    """Note which part (item, amount, what is open) of which item a case is about; they are live from now on."""
    paid = paid_of(session, [item.id for item, _amount, _open in parts])
    case.items = [
        PromisedItem(
            item=item, amount=amount, open_before=still_open, paid_before=paid.get(item.id, Decimal(0))
        )
        for item, amount, still_open in parts
    ]
    session.flush()


def paid_of(session: Session, item_ids: Sequence[int]) -> dict[int, Decimal]:
    """Item id -> what was allocated to it, less what was undone."""
    query = select(Allocation.item_id, func.sum(Allocation.amount)).where(Allocation.item_id.in_(item_ids))
    return {row[0]: row[1] for row in session.execute(query.group_by(Allocation.item_id))}


def overdue_of(session: Session, customer_id: int, currency: str, today: date) -> Decimal:
    """What a customer owes in a currency that is past due."""
    query = select(func.coalesce(func.sum(ItemBalance.open_amount), 0)).where(
        ItemBalance.customer_id == customer_id,
        ItemBalance.currency == currency,
        ItemBalance.kind != "credit_note",
        ItemBalance.due_date < today,
    )
    return Decimal(session.scalar(query) or 0)


# --- what came ----------------------------------------------------------------------------------------------------


def hold_items(session: Session, case: Case) -> None:
    """Hold the items until the commit: nothing is paid or taken back meanwhile."""
    ids = [row.item_id for row in case.items]
    held = select(ItemBalance.item_id).where(ItemBalance.item_id.in_(ids)).order_by(ItemBalance.item_id)
    session.execute(held.with_for_update(key_share=True)).all()


def came(session: Session, case: Case) -> Decimal:
    """What has come so far of all that a case is about."""
    return sum(came_by_item(session, case.items).values(), Decimal(0))


def came_by_item(session: Session, rows: Sequence[PromisedItem]) -> dict[int, Decimal]:
    """Item id -> what has come of its part."""
    ids = [row.item_id for row in rows]
    query = select(ItemBalance.item_id, ItemBalance.open_amount).where(ItemBalance.item_id.in_(ids))
    still_open = {row[0]: row[1] for row in session.execute(query)}
    paid = paid_of(session, ids)
    return {
        row.item_id: rules.settled(
            row.amount,
            row.open_before,
            still_open[row.item_id],
            row.paid_before,
            paid.get(row.item_id, Decimal(0)),
        )
        for row in rows
    }


_ON_ACCOUNT = text("""
    SELECT coalesce(sum(unallocated), 0) FROM receipt_balance
    WHERE customer_id = :customer AND currency = :currency AND received_on >= :since AND unallocated <> 0
""")


def on_account(session: Session, case: Case, since: date) -> Decimal:
    """Money that came in since a day and pays nothing yet."""
    values = {"customer": case.customer_id, "currency": case.currency, "since": since}
    return Decimal(session.execute(_ON_ACCOUNT, values).scalar_one())


# --- marks --------------------------------------------------------------------------------------------------------


def mark(action: Action, case: Case, until: date) -> None:
    """Mark what is left of every part as promised: collection pauses for it to the end of `until`. Raises Conflict."""
    session, today = action.session, action.today
    paid = came_by_item(session, case.items)
    grace = timedelta(days=whole_of(policy_values(session, today), GRACE))
    for row in case.items:
        row.mark_id, left = None, row.amount - paid[row.item_id]
        if left <= 0 or not row.live:  # of one that was reopened, an item may stand in another by now
            continue
        try:
            made = ledger_items.mark_item(
                session, row.item, "promised", left, today, case.number, today,
                due_on=max(until - grace, today), made_by=action.actor.person_id,
            )  # fmt: skip
        except LedgerRefused as refused:
            raise Conflict(said(refused)) from None
        row.mark_id = made.id
    session.flush()


def free(action: Action, case: Case) -> None:
    """End the marks that still stand and let go of the items."""
    session, today = action.session, action.today
    ids = [row.mark_id for row in case.items if row.mark_id is not None]
    ended = set(session.scalars(select(ItemMark.ends_id).where(ItemMark.ends_id.in_(ids))))
    for row in case.items:
        if row.mark_id is not None and row.mark_id not in ended:
            own = session.get_one(ItemMark, row.mark_id)
            ledger_items.end_mark(session, own, today, case.number, today, action.actor.person_id)
        row.live = False
    session.flush()


# --- days ---------------------------------------------------------------------------------------------------------


def calendar_of(session: Session, today: date) -> BusinessCalendar:
    """The company's business days."""
    return BusinessCalendar.from_policy(policy_values(session, today), holidays(session))


def days_after(session: Session, day: date, key: str, today: date) -> datetime:
    """The close of the so many business days that a policy figure grants after `day`; a day off counts as the next."""
    zone, count = the_company(session).time_zone, whole_of(policy_values(session, today), key)
    noon = datetime.combine(day, time(12), zone_named(zone))
    return calendar_of(session, today).add_business_days(noon, count, zone)


def days_before(session: Session, day: date, key: str, today: date) -> datetime:
    """The noon of the so many business days before `day`."""
    calendar, left = calendar_of(session, today), whole_of(policy_values(session, today), key)
    while left:
        day -= timedelta(days=1)
        left -= calendar.is_business_day(day)
    return datetime.combine(day, time(12), zone_named(the_company(session).time_zone))


# --- when the debtor fails, or acknowledges -----------------------------------------------------------------------


def move_up(session: Session, case: Case) -> None:
    """The customer's collection case stands at least one stage harsher from now on, and is looked at at once.

    Where no case is open there is nothing to move: the daily run opens one when the debt is old enough.
    """
    found = collection.open_case(session, case.customer_id)
    if found is None:
        return
    stage = found.stage if found.stage != PAUSED else _last_stage(session, found)
    due = found.oldest_due or min((row.item.due_date for row in case.items), default=None)
    if stage is not None and due is not None:
        found.floor_stage, found.floor_due = harsher(stage), due
    collection.signal(session, case.customer_id, "broken_promise")


def _last_stage(session: Session, found: CollectionCase) -> str | None:
    """Where a paused case stood before."""
    query = select(CollectionMove.to_stage).where(
        CollectionMove.case_id == found.id,
        CollectionMove.to_stage.is_not(None),
        CollectionMove.to_stage != PAUSED,
    )
    return session.scalar(query.order_by(CollectionMove.id.desc()).limit(1))


def restart_limitation(
    action: Action, case: Case, ground: str, day: date, document_id: int | None = None
) -> None:
    """Note for every item that limitation runs anew from `day`; the case itself is the evidence."""
    evidence = f"{case.__tablename__}:{case.id}"
    action.session.add_all(
        LimitationInterruption(
            item_id=row.item_id, interrupted_on=day, ground=ground, document_id=document_id, evidence=evidence,
            created_at=action.now,
        )
        for row in case.items
    )  # fmt: skip
    action.note("limitation", items=len(case.items), interrupted_on=day.isoformat())
    action.session.flush()


def interrupted_by(session: Session, case: Case) -> int:
    """Of how many debts a case has restarted limitation."""
    evidence = f"{case.__tablename__}:{case.id}"
    query = select(func.count()).where(
        LimitationInterruption.evidence == evidence,
        LimitationInterruption.item_id.in_([row.item_id for row in case.items]),
    )
    return session.scalar(query) or 0


def told(session: Session, case: Case) -> list[int]:
    """Who is told what became of it: the collector of the open case, and whoever took it down."""
    found = collection.open_case(session, case.customer_id)
    people = [found.collector_id if found is not None else None, case.made_by]
    return [one for one in dict.fromkeys(people) if one is not None]


# --- holding a case -----------------------------------------------------------------------------------------------


def hold(action: Action, model: type[AnyCase], *statuses: str) -> AnyCase:
    """The case of an action, held until the commit. Raises Conflict when it is in none of these statuses any more."""
    found = action.session.get_one(model, action.subject_id)
    action.session.refresh(found, with_for_update=True)
    if found.status not in statuses:
        raise Conflict(_("This was dealt with already."))
    return found
