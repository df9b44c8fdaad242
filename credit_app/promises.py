"""Starts promises to pay, payment plans and extensions, and tells them when a payment has come or was taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from credit_app.domain.dates import day_in_zone
from credit_app.facts import extensions, plans, promised, promises, taken_back
from credit_app.facts.extensions import Terms
from credit_app.facts.plans import Schedule
from credit_app.facts.promised import AnyCase, Case
from credit_app.facts.promises import Given
from credit_app.models import Customer, the_company
from credit_app.models.promises import PaymentExtension, PaymentPlan, PromiseToPay
from workflows import SYSTEM, Action, Actor, Engine, NotWaiting, clock

PROMISE, PLAN, EXTENSION = "promise_to_pay", "payment_plan", "payment_extension"
MODELS: dict[str, Any] = {
    PROMISE: PromiseToPay,
    PLAN: PaymentPlan,
    EXTENSION: PaymentExtension,
}
GOES_ON = {PROMISE: "open", PLAN: "running", EXTENSION: "running"}  # its status when it is reopened
SOURCE = "job:follow_taken_back"
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
    data = {} if process == PROMISE else {"reopened": row.reopened_on is not None}
    rest = engine.start(session, process, row.id, data, actor, source)
    row.instance_id = rest.instance_id
    session.flush()
    return row


@dataclass(frozen=True, slots=True)
class Paid:
    """Something that waits for a payment which has come."""

    process: str
    case_id: int
    instance_id: int

    def __str__(self) -> str:
        return f"{self.process} {self.case_id}"


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


# --- payments that were taken back ------------------------------------------------------------------------------------

# What ended as paid and of which an item was paid by a receipt that was taken back: whether it is paid all the same,
# by another one, is looked up.
_ENDED = text("""
    SELECT DISTINCT 'promise_to_pay' AS process, c.id AS case_id FROM receipt_reversal r
        JOIN allocation a ON a.receipt_id = r.receipt_id JOIN promised_item p ON p.item_id = a.item_id
        JOIN promise_to_pay c ON c.id = p.promise_id AND c.status = 'kept'
    UNION SELECT 'payment_extension', c.id FROM receipt_reversal r
        JOIN allocation a ON a.receipt_id = r.receipt_id JOIN promised_item p ON p.item_id = a.item_id
        JOIN payment_extension c ON c.id = p.extension_id AND c.status = 'kept'
    UNION SELECT 'payment_plan', c.id FROM receipt_reversal r
        JOIN allocation a ON a.receipt_id = r.receipt_id JOIN promised_item p ON p.item_id = a.item_id
        JOIN payment_plan c ON c.id = p.plan_id AND c.status = 'completed'
    ORDER BY 1, 2
""")
# What runs and has less marked than is still to come, or an instalment noted as paid that no longer is.
_RUNNING = text("""
    WITH part AS (
        SELECT p.promise_id, p.plan_id, p.extension_id, coalesce(m.amount, 0) AS marked, p.amount - least(p.amount,
            greatest(p.open_before - b.open_amount, paid.amount - p.paid_before, 0)) AS left_open
        FROM promised_item p JOIN item_balance b ON b.item_id = p.item_id LEFT JOIN item_mark m ON m.id = p.mark_id
            CROSS JOIN LATERAL (
                SELECT coalesce(sum(a.amount), 0) AS amount FROM allocation a WHERE a.item_id = p.item_id
            ) paid
        WHERE p.live
    ), short AS (SELECT * FROM part WHERE marked < left_open), due AS (
        SELECT plan_id, sum(left_open) AS left_open FROM part WHERE plan_id IS NOT NULL GROUP BY plan_id
    )
    SELECT 'promise_to_pay' AS process, c.id AS case_id FROM short
        JOIN promise_to_pay c ON c.id = short.promise_id WHERE c.status IN ('open', 'in_part')
    UNION SELECT 'payment_extension', c.id FROM short
        JOIN payment_extension c ON c.id = short.extension_id WHERE c.status = 'running'
    UNION SELECT 'payment_plan', c.id FROM short
        JOIN payment_plan c ON c.id = short.plan_id WHERE c.status = 'running'
    UNION SELECT 'payment_plan', c.id FROM due JOIN payment_plan c ON c.id = due.plan_id
        WHERE c.status = 'running' AND c.amount - due.left_open < (
            SELECT sum(i.amount) FROM plan_instalment i WHERE i.plan_id = c.id AND i.paid_on IS NOT NULL)
    ORDER BY 1, 2
""")


def taken_back_now(session: Session) -> list[tuple[str, int]]:
    """(process, case) of what ended as paid, or runs, and has lost a payment that counted."""
    ended = [(row.process, row.case_id) for row in session.execute(_ENDED)]
    cases = {one: session.get_one(MODELS[one[0]], one[1]) for one in ended}
    lost = [one for one in ended if promised.came(session, cases[one]) < (cases[one].amount or 0)]
    return lost + [(row.process, row.case_id) for row in session.execute(_RUNNING)]


def take_back(session: Session, engine: Engine, process: str, case_id: int) -> bool:
    """Reopen what had ended as paid; have what runs mark its items again and look at its instalments. The caller
    commits. True when it was reopened, or looks anew."""
    case: Any = session.get_one(MODELS[process], case_id)
    today = day_in_zone(clock.now(), the_company(session).time_zone)
    if case.closed_on is not None:
        if not taken_back.reopen(session, case, GOES_ON[process], today):
            return False
        _begin(session, engine, process, case, SYSTEM, SOURCE)
        return True
    taken_back.mark_again(session, case, today)
    if process != PLAN or case.instance_id is None:
        return False
    try:
        engine.send(session, case.instance_id, PAID, SYSTEM, SOURCE)
    except NotWaiting:
        return False
    return True
