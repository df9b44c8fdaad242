"""Begins releases of orders on hold, puts them in force and ends them, and tells those that run what has happened."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import text, update
from sqlalchemy.orm import Session

from credit_app import orders
from credit_app.facts import order_releases as facts_of
from credit_app.facts.blacklist import BARRED
from credit_app.i18n import _, said
from credit_app.models import Company, next_case_number
from credit_app.models.orders import WAITING_RELEASES, OrderRelease, SalesOrder
from workflows import SYSTEM, Action, Actor, Conflict, Engine, InvalidAnswer, NotWaiting

PROCESS = facts_of.KIND
JOB = "job:follow_releases"
PASSES, USED, REVOKED, WITHDRAWN = "order_passes", "release_used", "release_revoked", "withdrawn"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What sales asks for: the order once, or its customer until a day, and why."""

    kind: str
    valid_until: date | None
    ground: str


def ask(
    session: Session,
    engine: Engine,
    order: SalesOrder,
    wanted: Wanted,
    actor: Actor,
    source: str,
    now: datetime,
) -> OrderRelease:
    """Ask for the release of an order on hold; the caller commits.

    Raises InvalidAnswer naming the field, Conflict where it is not on hold or asked for already, MissingRate.
    """
    if wanted.kind not in ("once", "until"):
        raise InvalidAnswer("kind", _("Choose how far the release is to go."))
    if len(wanted.ground) < facts_of.LEAST_WORDS:
        raise InvalidAnswer("ground", _("Say in a few words why the order is to be delivered all the same."))
    orders.hold_customers(session, [order.customer_id])
    session.refresh(order)
    day = orders.today_of(session)
    valid_until = wanted.valid_until if wanted.kind == "until" else None
    if wanted.kind == "until":
        wrong = facts_of.policy_of(session, day).last_day_wrong(valid_until, day, order.deliver_on)
        if wrong is not None:
            raise InvalidAnswer("valid_until", said(wrong))
    waiting = facts_of.waiting_of(session, order.id)
    if waiting is not None:
        raise Conflict(_("A release of this order is asked for already: %(number)s.", number=waiting.number))
    weighed = facts_of.weigh(session, order, day)
    refused = facts_of.why_not(session, weighed, day)
    if refused is not None:
        raise Conflict(refused)
    row = OrderRelease(
        number=next_case_number(session, PROCESS, day.year), customer_id=order.customer_id, order_id=order.id,
        kind=wanted.kind, valid_until=valid_until, status="asked", rules=weighed.rules, amount=order.amount,
        currency=order.currency, payment_days=order.payment_days, payment_method=order.payment_method,
        ground=wanted.ground[:1000], made_by=actor.person_id, created_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    row.instance_id = engine.start(
        session, PROCESS, row.id, {"release_id": row.id}, actor, source
    ).instance_id
    session.flush()
    return row


def withdraw(
    session: Session, engine: Engine, row: OrderRelease, reason: str, actor: Actor, source: str
) -> None:
    """Withdraw a request that is not decided yet: its tasks end, the order stays on hold. The caller commits.

    Raises InvalidAnswer without a reason, Conflict once it is decided or has ended.
    """
    if len(reason) < facts_of.LEAST_WORDS:
        raise InvalidAnswer("reason", _("Say in a few words why."))

    def keep_reason(action: Action) -> None:
        facts_of.locked(action, *WAITING_RELEASES).decision_note = reason[:1000]

    try:
        engine.send(session, row.instance_id or 0, WITHDRAWN, actor, source, before=keep_reason)
    except NotWaiting as late:
        raise Conflict(_("This release was dealt with already.")) from late


# --- what the process does ----------------------------------------------------------------------------------------


def hold(action: Action) -> None:
    """Let the customer's orders wait until the commit. The process is held first, then the customer, everywhere."""
    orders.hold_customers(action.session, [facts_of.release_of(action).customer_id])


def put_in_force(action: Action) -> dict[str, Any]:
    """It was approved: the order is checked under it; says until when it holds (`expires_at`). Raises MissingRate."""
    session = action.session
    hold(action)
    row = facts_of.locked(action, "in_approval")
    row.status = "active"
    session.flush()
    order = facts_of.order_of(row)
    orders.recheck(session, order, "release", action.today, action.now)
    if row.kind != "once":  # the customer's other orders have their turn at once
        others = (SalesOrder.customer_id == row.customer_id, SalesOrder.is_held)
        session.execute(
            update(SalesOrder)
            .where(*others)
            .values(looked_at=action.now - orders.LOOK_EVERY - timedelta(minutes=1))
        )
    action.mail(facts_of.sales_of(row), "release_granted", release_id=row.id)
    last = row.valid_until or action.today
    return {"expires_at": facts_of.end_of_day(session, last).isoformat()}


def close(action: Action, status: str, **more: Any) -> None:
    """A release in force has ended; what is not delivered under it is checked again. Raises MissingRate."""
    session = action.session
    hold(action)
    row = facts_of.locked(action, "active")
    facts_of.end(action, row, status, **more)
    for order in facts_of.orders_under(session, row):
        session.refresh(order)
        if order.status == "open":
            orders.recheck(session, order, "release", action.today, action.now)


def revoke(action: Action) -> None:
    """Something has happened after which nobody would have released. Raises MissingRate."""
    found = facts_of.revoking(action.session, facts_of.release_of(action), action.today)
    close(action, "revoked", revoked_by=found or str(action.data["revoked_by"]))


# --- the job ------------------------------------------------------------------------------------------------------

# Those that something may have happened to: told or not is said by a look at each, which costs a check.
_TO_FOLLOW = text(f"""
    SELECT r.id FROM order_release r
    JOIN customer c ON c.id = r.customer_id JOIN sales_order o ON o.id = r.order_id
    WHERE r.status = ANY(:waiting) AND NOT o.is_held OR r.status = 'active' AND (
        c.status <> 'active' OR {BARRED}
        OR r.kind = 'once' AND (o.status <> 'open' OR greatest(o.delivered_amount, o.invoiced_amount) >= o.amount)
        OR r.kind = 'up_to' AND EXISTS (SELECT FROM order_check k JOIN sales_order u ON u.id = k.order_id
            WHERE k.release_id = r.id AND (u.status = 'closed' OR u.delivered_amount > 0 OR u.invoiced_amount > 0))
        OR EXISTS (SELECT FROM customer_hold h WHERE h.customer_id = c.id
            AND h.status IN ('active', 'releasing', 'released') AND h.held_from <= :as_of
            AND coalesce(h.held_until, :as_of) >= :as_of)
        OR (SELECT g.grade FROM rating g WHERE g.customer_id = c.id ORDER BY g.rated_at DESC, g.id DESC LIMIT 1)
            = ANY(:grades))
    ORDER BY r.id
""")  # noqa: S608 (of constants; values are bound)


def to_follow(session: Session) -> list[int]:
    """The releases that wait for an order which passes, and those in force that may be used or revoked."""
    if session.get(Company, 1) is None:
        return []
    day = orders.today_of(session)
    grades = sorted(facts_of.policy_of(session, day).barred_grades)
    values = {"waiting": list(WAITING_RELEASES), "as_of": day, "grades": grades}
    return list(session.execute(_TO_FOLLOW, values).scalars())


def follow(session: Session, engine: Engine, release_id: int) -> bool:
    """Tell a release what has happened; False when nothing has. The caller commits. Raises MissingRate."""
    row = session.get_one(OrderRelease, release_id)
    day = orders.today_of(session)
    if row.instance_id is None:
        return False
    if row.status != "active":
        return _tell(session, engine, row, PASSES, _passes)
    rule = facts_of.revoking(session, row, day)
    if rule is not None:
        return _tell(session, engine, row, REVOKED, None, {"revoked_by": rule})
    return facts_of.is_used(session, row, day) and _tell(session, engine, row, USED, None)


def _passes(action: Action) -> None:
    """It still passes, now that nobody else changes it."""
    hold(action)
    order = facts_of.order_of(facts_of.release_of(action))
    action.session.refresh(order)
    if order.is_held:
        raise NotWaiting("The order is on hold again.")


def _tell(
    session: Session,
    engine: Engine,
    row: OrderRelease,
    message: str,
    before: Any,
    data: dict[str, Any] | None = None,
) -> bool:
    try:
        engine.send(session, row.instance_id or 0, message, SYSTEM, JOB, data, before=before)
    except NotWaiting:
        return False
    return True
