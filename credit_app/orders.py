"""Orders of customers: messages taken in once and in order, checked, and looked at again while on hold."""

import hashlib
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from credit_app.domain.dates import day_in_zone
from credit_app.domain.order_check import CheckResult
from credit_app.domain.order_policy import HOLD
from credit_app.domain.plain import to_json
from credit_app.domain.sentences import N_
from credit_app.facts.order_changes import orders_to_look_at
from credit_app.facts.order_check import check_order
from credit_app.facts.order_reading import Asked, asked_of
from credit_app.models import Company, the_company
from credit_app.models.order_queries import NO_ORDER
from credit_app.models.orders import OrderCheck, OrderMessage, SalesOrder
from workflows import Refused, clock, outbox

TOLD, TOLD_HELD = "order_passes_now", "order_held_now"  # the mails to the sales rep
LOOK_EVERY = timedelta(minutes=4)
LOOKS_A_TIME = 50
LONGEST_DAYS = 3650


class OrderRefused(Refused):
    """A message about an order that cannot be taken; `field` names what was wrong with it."""

    def __init__(self, field: str, template: str, **values: Any) -> None:
        super().__init__(template, **values)
        self.field = field


@dataclass(frozen=True, slots=True)
class Message:
    """What the order system says of an order: all of it, each time. Amounts in `currency`, with taxes.

    `sequence` numbers its messages about this order; a later message has a higher number.
    """

    external_id: str
    customer_id: int
    amount: Decimal
    currency: str
    payment_days: int
    method: str
    ordered_on: date
    deliver_on: date | None
    delivered: Decimal
    invoiced: Decimal
    status: str
    sequence: int

    @property
    def content_hash(self) -> str:
        """The same for messages that say the same, whatever their number."""
        said = [str(value) for value in astuple(self)[:-1]]
        return hashlib.sha256("\x1f".join(said).encode()).hexdigest()

    def asked(self, order_id: int = NO_ORDER) -> Asked:
        """What is checked of it."""
        return Asked(
            self.customer_id,
            self.amount,
            self.currency,
            self.payment_days,
            self.method,
            self.delivered,
            self.invoiced,
            self.status == "open",
            order_id,
            self.deliver_on,
        )


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a message: new, changed, same (it was there), older (a later one was there), and the order's
    last check."""

    result: str
    order: SalesOrder
    last: OrderCheck


def hold_customers(session: Session, customer_ids: Iterable[int]) -> None:
    """Let the orders of these customers wait for each other until the transaction ends, also over their groups.

    Two orders at the same time would each find the same room under a limit, the customer's own or a parent's.
    """
    session.execute(_HOLD, {"ids": sorted(set(customer_ids))})


# In the order of ids, so that two requests never wait for each other.
_HOLD = text("""
    WITH RECURSIVE up(id, parent_id) AS (
        SELECT id, parent_id FROM customer WHERE id = ANY(:ids)
        UNION SELECT c.id, c.parent_id FROM up CROSS JOIN LATERAL (
            SELECT c.id, c.parent_id FROM customer c WHERE c.id = up.parent_id OFFSET 0) c
    )
    SELECT id FROM customer WHERE id = ANY(ARRAY(SELECT id FROM up)) ORDER BY id FOR NO KEY UPDATE
""")


def take(
    session: Session,
    source: str,
    message: Message,
    day: date,
    now: datetime,
    token_id: int | None = None,
) -> Taken:
    """Write down what the message says and check the order; the caller has held the customer, and commits.

    A message that is there, or older than one that is, changes nothing and is answered with the last check. What was
    delivered already is never held, and no message is refused because of what the check says.
    Raises OrderRefused naming the field, MissingRate.
    """
    found = session.scalars(
        select(SalesOrder)
        .where(SalesOrder.source == source, SalesOrder.external_id == message.external_id)
        .with_for_update()
    ).one_or_none()
    if found is None:
        _plausible(message, day)
        result = check_order(session, message.asked(), day)
        order = SalesOrder(source=source, external_id=message.external_id, entered_on=day, created_at=now)
        return Taken("new", order, _keep(session, order, message, result, day, now, token_id))
    if found.customer_id != message.customer_id:
        raise OrderRefused("customer_external_id", N_("is another customer than the order was entered for"))
    if message.sequence <= found.sequence:
        same = message.sequence == found.sequence
        if same and message.content_hash != found.content_hash:
            raise OrderRefused(
                "sequence",
                N_("is the number of a message that said something else; number each message anew"),
            )
        return Taken("same" if same else "older", found, last_check(session, found))
    _plausible(message, day)
    result = check_order(session, message.asked(found.id), day)
    return Taken("changed", found, _keep(session, found, message, result, day, now, token_id))


def last_check(session: Session, order: SalesOrder) -> OrderCheck:
    """The newest check of an order."""
    query = select(OrderCheck).where(OrderCheck.order_id == order.id).order_by(OrderCheck.id.desc()).limit(1)
    return session.scalars(query).one()


def recheck(
    session: Session,
    order: SalesOrder,
    cause: str,
    day: date,
    now: datetime,
    person_id: int | None = None,
) -> CheckResult:
    """Check an order again as it stands; kept where the outcome, the release or the rules that fired are others, and
    always when a person asked. The caller has held the customer, and commits. Raises MissingRate.

    That an order was on hold and passes now, or the other way round, is told to the sales rep, unless a release of its
    own says so.
    """
    before = last_check(session, order)
    was_held = order.is_held
    result = check_order(session, asked_of(order), day)
    release_id = result.release.release_id if result.release is not None else None
    fired = [one.rule for one in result.findings]
    said_before = (before.outcome, before.release_id, [one["rule"] for one in before.findings])
    order.looked_at = now
    if cause != "recheck" or (result.outcome, release_id, fired) != said_before:
        order.outcome, order.release_id, order.is_held = result.outcome, release_id, result.outcome == HOLD
        order.checked_at, order.checked_on = now, day
        _note(session, order, result, cause, day, now, person_id=person_id)
    session.flush()
    if was_held != order.is_held and cause != "release":
        _tell_sales(session, order, TOLD_HELD if order.is_held else TOLD)
    return result


# --- the job ------------------------------------------------------------------------------------------------------


def held_now(session: Session) -> list[int]:
    """The orders on hold that were not looked at for some minutes, those that wait longest first.

    A look at all that is on hold costs little beside signals of everything that may free an order: a receipt, a limit,
    a grade, a security, a promise, the end of a stop, an exchange rate, policy, or a day that begins.
    """
    if session.get(Company, 1) is None:
        return []
    query = select(SalesOrder.id).where(
        SalesOrder.is_held,
        SalesOrder.looked_at < clock.now() - LOOK_EVERY,
    )
    return list(session.scalars(query.order_by(SalesOrder.looked_at, SalesOrder.id).limit(LOOKS_A_TIME)))


def changed_now(session: Session) -> list[int]:
    """The orders that pass, or are released, of customers of whom something has changed since; the newest first."""
    if session.get(Company, 1) is None:
        return []
    now = clock.now()
    return orders_to_look_at(session, today_of(session), now, now - LOOK_EVERY, LOOKS_A_TIME)


def look_again(session: Session, order_id: int) -> bool:
    """Check an open order again; the caller commits. Returns whether it is freed or put on hold. Raises MissingRate."""
    order = session.get_one(SalesOrder, order_id)
    hold_customers(session, [order.customer_id])
    session.refresh(order)  # as it stands now that nobody else changes it
    if order.status != "open":
        return False
    was_held = order.is_held
    recheck(session, order, "recheck", today_of(session), clock.now())
    return was_held != order.is_held


def today_of(session: Session) -> date:
    """The day in the company's zone."""
    return day_in_zone(clock.now(), the_company(session).time_zone)


def put_off(session: Session, order_id: int) -> None:
    """Leave an order that could not be looked at, for a rate is missing, until its turn comes again."""
    session.execute(update(SalesOrder).where(SalesOrder.id == order_id).values(looked_at=clock.now()))


# --- inside -------------------------------------------------------------------------------------------------------


def _plausible(message: Message, day: date) -> None:
    if message.amount <= 0:
        raise OrderRefused("amount", N_("is not above zero"))
    if message.deliver_on is not None and message.deliver_on < message.ordered_on:
        raise OrderRefused("deliver_on", N_("is before the day of the order"))
    if message.ordered_on > day + timedelta(days=1):  # the order system may be a zone ahead
        raise OrderRefused("ordered_on", N_("lies in the future"))


def _keep(
    session: Session,
    order: SalesOrder,
    message: Message,
    result: CheckResult,
    day: date,
    now: datetime,
    token_id: int | None,
) -> OrderCheck:
    """Write the message, and what the check said of it, into the order and its history."""
    order.customer_id, order.amount, order.currency = message.customer_id, message.amount, message.currency
    order.payment_days, order.payment_method = message.payment_days, message.method
    order.ordered_on, order.deliver_on = message.ordered_on, message.deliver_on
    order.delivered_amount, order.invoiced_amount = message.delivered, message.invoiced
    order.status, order.sequence, order.content_hash = message.status, message.sequence, message.content_hash
    order.told_on, order.checked_on = day, day
    order.checked_at = order.looked_at = now
    if message.status != "cancelled" or order.outcome is None:  # else a copy of it may follow: see the rules
        order.outcome = result.outcome
    order.is_held = result.outcome == HOLD
    if message.status == "open":  # what was delivered under a release stays under it
        order.release_id = result.release.release_id if result.release is not None else None
    session.add(order)
    session.flush()
    session.add(
        OrderMessage(
            order_id=order.id, customer_id=order.customer_id, sequence=order.sequence, told_on=day,
            amount=order.amount, currency=order.currency, payment_days=order.payment_days,
            payment_method=order.payment_method, deliver_on=order.deliver_on, status=order.status,
            delivered_amount=order.delivered_amount, invoiced_amount=order.invoiced_amount, token_id=token_id,
            created_at=now,
        )
    )  # fmt: skip
    return _note(session, order, result, "message", day, now, token_id=token_id)


def _note(
    session: Session,
    order: SalesOrder,
    result: CheckResult,
    cause: str,
    day: date,
    now: datetime,
    *,
    token_id: int | None = None,
    person_id: int | None = None,
) -> OrderCheck:
    inputs = {
        "amount": order.amount,
        "currency": order.currency,
        "delivered_amount": order.delivered_amount,
        "invoiced_amount": order.invoiced_amount,
        "payment_days": order.payment_days,
        "payment_method": order.payment_method,
        "deliver_on": order.deliver_on,
        "status": order.status,
    }
    row = OrderCheck(
        order_id=order.id, customer_id=order.customer_id, cause=cause, token_id=token_id, person_id=person_id,
        as_of=day, outcome=result.outcome, release_id=result.release.release_id if result.release else None,
        inputs=to_json(inputs), figures=to_json(result.figures), findings=to_json(result.findings), created_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def _tell_sales(session: Session, order: SalesOrder, template: str) -> None:
    rep = order.customer.sales_rep_id
    if rep is not None:
        key = f"order:{order.id}:{order.checked_at.isoformat()}:{template}"
        outbox.queue(session, key, "mail", f"person:{rep}", template, {"order_id": order.id})
