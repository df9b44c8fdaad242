"""Payment plans: asking for one, beginning it, waiting for one instalment after the other, and its end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.domain.dates import day_in_zone
from credit_app.domain.promises import (
    DaysNotRising,
    DoesNotAddUp,
    NotAgreeable,
    PlanPolicy,
    TooFar,
    paid_parts,
    trimmed,
)
from credit_app.facts import agreements, promised
from credit_app.facts.agreements import Decision
from credit_app.facts.collection import log_contact
from credit_app.facts.reachable import addressees
from credit_app.i18n import _, said, written_day
from credit_app.models import Customer, next_case_number, policy_values, the_company
from credit_app.models.promises import PaymentPlan, PlanInstalment
from workflows import Action, InvalidAnswer

KIND = "payment_plan"
DUE = "plan.due_after_days"
RUNNING = ("in_approval", "sent_back", "running")


@dataclass(frozen=True, slots=True)
class Schedule:
    """Instalments as typed (day, amount), with what is agreed besides."""

    instalments: tuple[tuple[date | None, Decimal | None], ...]
    with_interest: bool | None
    security: str
    ground: str


def policy_of(session: Session, day: date) -> PlanPolicy:
    """The policy of `day`."""
    return PlanPolicy.from_policy(policy_values(session, day))


def ask(
    session: Session, customer: Customer, items: Sequence[int], schedule: Schedule, who: int, now: datetime
) -> PaymentPlan:
    """The plan over all that is open of the chosen items, held from now on; its process is still to be started.

    The caller commits. Raises InvalidAnswer naming the field.
    """
    today = day_in_zone(now, the_company(session).time_zone)
    found = promised.take(session, customer.id, items, today)
    total = sum((debt.free for debt in found), Decimal(0))
    rows = _checked(session, schedule, total, today)
    plan = PaymentPlan(
        number=next_case_number(session, KIND, today.year), customer_id=customer.id, status="in_approval",
        amount=total, currency=found[0].item.currency, made_by=who, created_at=now, requested_on=today,
        ground=schedule.ground[:1000], security=schedule.security[:500], with_interest=bool(schedule.with_interest),
    )  # fmt: skip
    plan.instalments = rows
    session.add(plan)
    promised.keep(session, plan, [(debt.item, debt.free, debt.open_amount) for debt in found])
    return plan


def _checked(session: Session, schedule: Schedule, total: Decimal, today: date) -> list[PlanInstalment]:
    """The instalments as rows. Raises InvalidAnswer naming the field."""
    if schedule.with_interest is None:
        raise InvalidAnswer("with_interest", _("Say whether interest goes on during this time."))
    typed: list[tuple[date, Decimal]] = []
    for place, (day, amount) in enumerate(schedule.instalments):
        if day is None:
            raise InvalidAnswer(f"rows-{place}-due_on", _("Please give a date."))
        if amount is None or amount <= 0:
            raise InvalidAnswer(f"rows-{place}-amount", _("Give an amount above zero."))
        typed.append((day, amount))
    try:
        policy_of(session, today).check(typed, total, today)
    except DoesNotAddUp as error:
        raise InvalidAnswer("rows-0-amount", said(error.sentence)) from None
    except DaysNotRising as error:
        raise InvalidAnswer(
            f"rows-{int(str(error.values['place'])) - 1}-due_on", said(error.sentence)
        ) from None
    except TooFar as error:
        raise InvalidAnswer(f"rows-{len(typed) - 1}-due_on", said(error.sentence)) from None
    except NotAgreeable as error:
        raise InvalidAnswer("rows-0-due_on", said(error.sentence)) from None
    return [
        PlanInstalment(place=place, due_on=day, amount=amount) for place, (day, amount) in enumerate(typed, 1)
    ]


def plan_of(action: Action) -> PaymentPlan:
    """The plan that a process is about."""
    return action.session.get_one(PaymentPlan, action.subject_id)


def level(action: Action) -> dict[str, Any]:
    """Who decides, by amount and days to the last instalment (`level`)."""
    plan = plan_of(action)
    days = (plan.instalments[-1].due_on - action.today).days
    authority = policy_of(action.session, action.today).authority
    return {"level": agreements.level_for(action, plan, authority, days)}


def proposed(session: Session, plan: PaymentPlan) -> list[tuple[int, date, Decimal]]:
    """(place, day, amount) of the instalments as they would be approved now: trimmed by what came since."""
    left = max(agreements.still_open(session, plan), Decimal(0))
    amounts = trimmed([row.amount for row in plan.instalments], left)
    return [(row.place, row.due_on, amount) for row, amount in zip(plan.instalments, amounts, strict=False)]


def decide(action: Action, decision: Decision) -> None:
    """Approve, refuse or send back. Approving trims the plan by what was paid meanwhile.

    Raises InvalidAnswer naming the field, Conflict.
    """
    plan = promised.hold(action, PaymentPlan, "in_approval")
    left = agreements.decide(action, plan, decision)
    if decision.choice != "approve":
        return
    if plan.instalments[0].due_on <= action.today:
        raise InvalidAnswer(
            "choice",
            _(
                "The first instalment was due on %(day)s; send it back for new days.",
                day=written_day(plan.instalments[0].due_on),
            ),
        )
    if left < (plan.amount or 0):
        _trim(action, plan)


def _trim(action: Action, plan: PaymentPlan) -> None:
    parts = proposed(action.session, plan)
    action.note("trimmed", before=f"{plan.currency} {plan.amount}")
    agreements.trim(action.session, plan)
    for row, (_place, _day, amount) in zip(plan.instalments, parts, strict=False):
        row.amount = amount
    del plan.instalments[len(parts) :]
    action.session.flush()


def rework(action: Action, choice: str, schedule: Schedule) -> None:
    """Whoever asked changes the instalments and asks again, or withdraws. Raises InvalidAnswer, Conflict."""
    plan, session = promised.hold(action, PaymentPlan, "sent_back"), action.session
    if agreements.withdraws(action, plan, choice):
        return
    total = agreements.still_open(session, plan)
    if total <= 0:
        raise InvalidAnswer("choice", _("Nothing is open any more of these items; withdraw it."))
    rows = _checked(session, schedule, total, action.today)
    agreements.trim(session, plan)
    plan.instalments.clear()
    session.flush()
    plan.instalments = rows
    plan.with_interest, plan.security = bool(schedule.with_interest), schedule.security[:500]
    plan.ground = schedule.ground[:1000]
    agreements.ask_again(plan)


# --- while it runs ------------------------------------------------------------------------------------------------


def begin(action: Action) -> None:
    """It was approved: the items are marked, limitation runs anew where the law says so, the customer is told."""
    plan, session = promised.hold(action, PaymentPlan, "in_approval"), action.session
    plan.status = "running"
    late = _late_at(session, plan.instalments[-1].due_on, action.today)
    promised.mark(action, plan, day_in_zone(late, the_company(session).time_zone))
    if plan.customer.country in policy_of(session, action.today).interrupting:
        promised.restart_limitation(action, plan, KIND, action.today)
    log_contact(session, plan.customer_id, "email", "plan", note=plan.number, made_by=action.actor.person_id)
    write(action, plan, "plan_agreed")


def go_on(action: Action) -> None:
    """It was completed, but a payment was taken back: the items are marked again, if its last day lies ahead."""
    plan, session = promised.hold(action, PaymentPlan, "running"), action.session
    action.note("reopened", paid=f"{plan.currency} {plan.paid}")
    late = _late_at(session, plan.instalments[-1].due_on, action.today)
    if late > action.now:
        promised.mark(action, plan, day_in_zone(late, the_company(session).time_zone))


def refuse(action: Action) -> None:
    """It was refused: the items are free again, whoever asked is told."""
    agreements.refuse(action, promised.hold(action, PaymentPlan, "in_approval"), "plan_refused", KIND)


def await_next(action: Action) -> dict[str, Any]:
    """Note what came, and wait for the first instalment that is not paid; `instalment_open` is False when all is."""
    plan, session, today = promised.hold(action, PaymentPlan, "running"), action.session, action.today
    recognise(session, plan, today)
    waited = next((row for row in plan.instalments if row.paid_on is None), None)
    plan.awaited = waited.place if waited is not None else None
    if waited is None:
        return {"instalment_open": False}
    remind = promised.days_before(session, waited.due_on, "plan.remind_days", today)
    check = promised.days_after(session, waited.due_on, promised.GRACE, today)
    late = _late_at(session, waited.due_on, today)
    return {
        "instalment_open": True, "remind_at": remind.isoformat(), "check_at": check.isoformat(),
        "late_at": late.isoformat(),
    }  # fmt: skip


def recognise(session: Session, plan: PaymentPlan, today: date) -> None:
    """Write down which instalments are paid by what came so far; a payment that was taken back opens them again."""
    parts = paid_parts([row.amount for row in plan.instalments], promised.came(session, plan))
    for row, paid in zip(plan.instalments, parts, strict=True):
        if paid < row.amount:
            row.paid_on = None
        elif row.paid_on is None:
            row.paid_on = today
    session.flush()


def remind(action: Action) -> None:
    """Remind the customer of the instalment that is due soon; not on the day on which the plan was agreed."""
    plan, row = plan_of(action), _awaited(plan_of(action))
    if row is not None and row.due_on > action.today and plan.decided_on != action.today:
        row.reminded_on = action.today
        write(action, plan, "plan_reminder", instalment=row.place)


def check(action: Action) -> dict[str, Any]:
    """Whether the instalment that is waited for has come (`missed`)."""
    plan = promised.hold(action, PaymentPlan, "running")
    recognise(action.session, plan, action.today)
    row = _awaited(plan)
    return {"missed": row is not None and row.paid_on is None}


def remind_late(action: Action) -> None:
    """The one reminder of an instalment that has not come; none when its last day is over, after a payment was taken
    back."""
    plan, row = plan_of(action), _awaited(plan_of(action))
    if row is not None and _late_at(action.session, row.due_on, action.today) > action.now:
        row.late_on = action.today
        write(action, plan, "plan_late", instalment=row.place)


def complete(action: Action) -> None:
    """All of it is paid."""
    plan = promised.hold(action, PaymentPlan, "running")
    agreements.end(action, plan, "completed")


def fail(action: Action) -> None:
    """An instalment was missed: the plan is over, the case moves up, the collector is told."""
    plan, session = promised.hold(action, PaymentPlan, "running"), action.session
    agreements.end(action, plan, "broken")
    promised.move_up(session, plan)
    log_contact(
        session,
        plan.customer_id,
        "email",
        "noted",
        note=_("Payment plan %(number)s was broken.", number=plan.number),
    )
    action.mail(promised.told(session, plan), "plan_broken", agreed_kind=KIND, agreed_id=plan.id)


def write(action: Action, plan: PaymentPlan, template: str, **params: Any) -> None:
    """Mail the customer's contact; without one the history says that nobody can be written to."""
    contact = next(iter(addressees(action.session, plan.customer_id)), None)
    if contact is None:
        action.note("no_address", customer_id=plan.customer_id)
        return
    action.mail_to([f"contact:{contact.id}"], template, agreed_kind=KIND, agreed_id=plan.id, **params)


def instalments_of(session: Session, plan: PaymentPlan) -> list[tuple[PlanInstalment, Decimal]]:
    """Each instalment with what is paid of it; of a plan that is over, by what came while it ran."""
    came = promised.came(session, plan) if plan.status == "running" else plan.paid
    parts = paid_parts([row.amount for row in plan.instalments], came)
    return list(zip(plan.instalments, parts, strict=True))


def running_of(session: Session, customer_id: int) -> Sequence[PaymentPlan]:
    """The plans of a customer that are asked for or run."""
    query = select(PaymentPlan).where(PaymentPlan.customer_id == customer_id, PaymentPlan.status.in_(RUNNING))
    return session.scalars(query.order_by(PaymentPlan.id)).all()


def _awaited(plan: PaymentPlan) -> PlanInstalment | None:
    return next((row for row in plan.instalments if row.place == plan.awaited), None)


def _late_at(session: Session, due_on: date, today: date) -> datetime:
    """When an instalment that was reminded of once more counts as missed."""
    check_at = promised.days_after(session, due_on, promised.GRACE, today)
    day = day_in_zone(check_at, the_company(session).time_zone)
    return promised.days_after(session, day, "plan.late_days", today)
