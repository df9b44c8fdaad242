"""Starts promises to pay, payment plans and extensions, and tells those that run when a payment has come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from credit_app.facts import extensions, plans, promised, promises
from credit_app.facts.extensions import Terms
from credit_app.facts.plans import Schedule
from credit_app.facts.promised import AnyCase, Case
from credit_app.facts.promises import Given
from credit_app.models import Customer
from credit_app.models.promises import PaymentExtension, PaymentPlan, PromiseToPay
from workflows import SYSTEM, Action, Actor, Engine, NotWaiting

PROMISE, PLAN, EXTENSION = "promise_to_pay", "payment_plan", "payment_extension"
MODELS: dict[str, Any] = {
    PROMISE: PromiseToPay,
    PLAN: PaymentPlan,
    EXTENSION: PaymentExtension,
}
PAID = "payment_in"  # the message that each of the diagrams waits for


def take_promise(
    session: Session,
    engine: Engine,
    customer: Customer,
    given: Given,
    actor: Actor,
    source: str,
    now: datetime,
    *,
    may_go_beyond: bool = False,
) -> PromiseToPay:
    """Take a promise down and wait for it; the caller commits. Raises InvalidAnswer, NotAllowed."""
    row = promises.take_down(session, customer, given, actor.person_id or 0, now, may_go_beyond=may_go_beyond)
    return _begin(session, engine, PROMISE, row, actor, source)


def ask_for_plan(
    session: Session,
    engine: Engine,
    customer: Customer,
    items: Sequence[int],
    schedule: Schedule,
    actor: Actor,
    source: str,
    now: datetime,
) -> PaymentPlan:
    """Ask for a plan and have it decided; the caller commits. Raises InvalidAnswer."""
    row = plans.ask(session, customer, items, schedule, actor.person_id or 0, now)
    return _begin(session, engine, PLAN, row, actor, source)


def ask_for_extension(
    session: Session,
    engine: Engine,
    customer: Customer,
    items: Sequence[int],
    terms: Terms,
    asked_by: str,
    actor: Actor,
    source: str,
    now: datetime,
) -> PaymentExtension:
    """Ask for an extension and have it decided; the caller commits. Raises InvalidAnswer."""
    row = extensions.ask(session, customer, items, terms, asked_by, actor.person_id or 0, now)
    return _begin(session, engine, EXTENSION, row, actor, source)


def _begin(
    session: Session, engine: Engine, process: str, row: AnyCase, actor: Actor, source: str
) -> AnyCase:
    rest = engine.start(session, process, row.id, {}, actor, source)
    row.instance_id = rest.instance_id
    session.flush()
    return row


@dataclass(frozen=True, slots=True)
class Paid:
    """Something that waits for a payment which has come."""

    process: str
    case_id: int
    instance_id: int


# What came of each item's part, as credit_app.domain.promises.settled has it, against what is waited for: the whole of
# a promise or extension, all instalments of a plan up to the one that is awaited.
_PAID = text("""
    WITH came AS (
        SELECT p.promise_id, p.plan_id, p.extension_id, sum(least(p.amount, greatest(
            p.open_before - b.open_amount, paid.amount - p.paid_before, 0))) AS amount
        FROM promised_item p JOIN item_balance b ON b.item_id = p.item_id CROSS JOIN LATERAL (
            SELECT coalesce(sum(a.amount), 0) AS amount FROM allocation a WHERE a.item_id = p.item_id
        ) paid
        WHERE p.live GROUP BY p.promise_id, p.plan_id, p.extension_id
    )
    SELECT 'promise_to_pay' AS process, c.id AS case_id, c.instance_id FROM came
        JOIN promise_to_pay c ON c.id = came.promise_id WHERE c.status = 'open' AND came.amount >= c.amount
    UNION ALL SELECT 'payment_extension', c.id, c.instance_id FROM came
        JOIN payment_extension c ON c.id = came.extension_id WHERE c.status = 'running' AND came.amount >= c.amount
    UNION ALL SELECT 'payment_plan', c.id, c.instance_id FROM came
        JOIN payment_plan c ON c.id = came.plan_id WHERE c.status = 'running' AND came.amount >= (
            SELECT sum(i.amount) FROM plan_instalment i WHERE i.plan_id = c.id AND i.place <= c.awaited)
    ORDER BY 1, 2
""")


def paid_now(session: Session) -> list[Paid]:
    """What runs and has been paid since it was looked at."""
    return [Paid(*row) for row in session.execute(_PAID) if row.instance_id is not None]


def tell(session: Session, engine: Engine, one: Paid) -> bool:
    """Let the process go on; the caller commits. False when it moved on by itself meanwhile."""

    def still(action: Action) -> None:
        """What came is held until the commit, and is still there."""
        case: Case = action.session.get_one(MODELS[one.process], one.case_id)
        promised.hold_items(action.session, case)
        if one.process != PLAN and promised.came(action.session, case) < (case.amount or 0):
            raise NotWaiting("The payment was taken back.")

    try:
        engine.send(session, one.instance_id, PAID, SYSTEM, "job:recognise_payments", before=still)
    except NotWaiting:
        return False
    return True
