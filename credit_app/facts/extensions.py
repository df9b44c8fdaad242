"""Payment extensions: a debtor's request to pay later, what is decided, and whether the new day was kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.domain.dates import day_in_zone
from credit_app.domain.promises import ExtensionPolicy, NotAgreeable
from credit_app.facts import agreements, promised
from credit_app.facts.agreements import Decision
from credit_app.facts.collection import log_contact
from credit_app.facts.reachable import addressees
from credit_app.i18n import _, said, written_day
from credit_app.models import Customer, next_case_number, policy_values, the_company
from credit_app.models.promises import PaymentExtension
from workflows import Action, InvalidAnswer

KIND = "payment_extension"
DUE = "extension.due_after_days"
RUNNING = ("in_approval", "sent_back", "running")


@dataclass(frozen=True, slots=True)
class Terms:
    """The new day as typed, with what is agreed besides."""

    new_on: date
    with_interest: bool | None
    security: str
    ground: str


def policy_of(session: Session, day: date) -> ExtensionPolicy:
    """The policy of `day`."""
    return ExtensionPolicy.from_policy(policy_values(session, day))


def ask(
    session: Session,
    customer: Customer,
    items: Sequence[int],
    terms: Terms,
    asked_by: str,
    who: int,
    now: datetime,
) -> PaymentExtension:
    """The request over all that is open of the chosen items, held from now on; its process is still to be started.

    The caller commits. Raises InvalidAnswer naming the field.
    """
    today = day_in_zone(now, the_company(session).time_zone)
    found = promised.take(session, customer.id, items, today)
    days = _checked(session, terms, [debt.item.due_date for debt in found], today)
    row = PaymentExtension(
        number=next_case_number(session, KIND, today.year), customer_id=customer.id, status="in_approval",
        amount=sum((debt.free for debt in found), Decimal(0)), currency=found[0].item.currency, made_by=who,
        created_at=now, requested_on=today, ground=terms.ground[:1000], security=terms.security[:500],
        with_interest=bool(terms.with_interest), asked_by=asked_by[:200], new_on=terms.new_on, days=days,
    )  # fmt: skip
    session.add(row)
    promised.keep(session, row, [(debt.item, debt.free, debt.open_amount) for debt in found])
    return row


def _checked(session: Session, terms: Terms, due: Sequence[date], today: date) -> int:
    """By how many days it is put off. Raises InvalidAnswer naming the field."""
    if terms.with_interest is None:
        raise InvalidAnswer("with_interest", _("Say whether interest goes on during this time."))
    try:
        return policy_of(session, today).days(terms.new_on, due, today)
    except NotAgreeable as error:
        raise InvalidAnswer("new_on", said(error.sentence)) from None


def extension_of(action: Action) -> PaymentExtension:
    """The extension that a process is about."""
    return action.session.get_one(PaymentExtension, action.subject_id)


def level(action: Action) -> dict[str, Any]:
    """Who decides, by amount and days (`level`)."""
    row = extension_of(action)
    authority = policy_of(action.session, action.today).authority
    return {"level": agreements.level_for(action, row, authority, row.days)}


def decide(action: Action, decision: Decision) -> None:
    """Approve, refuse or send back. Approving leaves out what was paid meanwhile.

    Raises InvalidAnswer naming the field, Conflict.
    """
    row = promised.hold(action, PaymentExtension, "in_approval")
    left = agreements.decide(action, row, decision)
    if decision.choice != "approve":
        return
    if row.new_on <= action.today:
        raise InvalidAnswer(
            "choice", _("%(day)s is over; send it back for another day.", day=written_day(row.new_on))
        )
    if left < (row.amount or 0):
        action.note("trimmed", before=f"{row.currency} {row.amount}")
        agreements.trim(action.session, row)


def rework(action: Action, choice: str, terms: Terms) -> None:
    """Whoever asked changes the request and asks again, or withdraws. Raises InvalidAnswer, Conflict."""
    row, session = promised.hold(action, PaymentExtension, "sent_back"), action.session
    if agreements.withdraws(action, row, choice):
        return
    if agreements.still_open(session, row) <= 0:
        raise InvalidAnswer("choice", _("Nothing is open any more of these items; withdraw it."))
    days = _checked(session, terms, [part.item.due_date for part in row.items], action.today)
    agreements.trim(session, row)
    row.new_on, row.days, row.ground = terms.new_on, days, terms.ground[:1000]
    row.with_interest, row.security = bool(terms.with_interest), terms.security[:500]
    agreements.ask_again(row)


def grant(action: Action) -> dict[str, Any]:
    """It was approved: the items are marked to the new day, the customer is told; says when to look (`check_at`)."""
    row, session = promised.hold(action, PaymentExtension, "in_approval"), action.session
    row.status = "running"
    row.check_at = promised.days_after(session, row.new_on, promised.GRACE, action.today)
    promised.mark(action, row, day_in_zone(row.check_at, the_company(session).time_zone))
    log_contact(session, row.customer_id, "email", "noted", note=row.number, made_by=action.actor.person_id)
    contact = next(iter(addressees(session, row.customer_id)), None)
    if contact is None:
        action.note("no_address", customer_id=row.customer_id)
    else:
        action.mail_to([f"contact:{contact.id}"], "extension_granted", agreed_kind=KIND, agreed_id=row.id)
    return {"check_at": row.check_at.isoformat()}


def go_on(action: Action) -> dict[str, Any]:
    """It was kept, but a payment was taken back: the items are marked again to the new day, if that lies ahead."""
    row = promised.hold(action, PaymentExtension, "running")
    action.note("reopened", paid=f"{row.currency} {row.paid}")
    row.check_at = promised.days_after(action.session, row.new_on, promised.GRACE, action.today)
    if row.check_at > action.now:
        promised.mark(action, row, day_in_zone(row.check_at, the_company(action.session).time_zone))
    return {"check_at": row.check_at.isoformat()}


def refuse(action: Action) -> None:
    """It was refused: the items are free again, whoever asked is told."""
    agreements.refuse(
        action, promised.hold(action, PaymentExtension, "in_approval"), "extension_refused", KIND
    )


def look(action: Action) -> dict[str, Any]:
    """Whether all of it was paid by now (`paid`); then it is over."""
    row = promised.hold(action, PaymentExtension, "running")
    came = promised.came(action.session, row)
    action.note("paid", amount=f"{row.currency} {came}")
    if came < (row.amount or 0):
        return {"paid": False}
    agreements.end(action, row, "kept")
    return {"paid": True}


def fail(action: Action) -> None:
    """The new day has passed: the case moves up, the collector is told."""
    row, session = promised.hold(action, PaymentExtension, "running"), action.session
    agreements.end(action, row, "broken")
    promised.move_up(session, row)
    log_contact(
        session,
        row.customer_id,
        "email",
        "noted",
        note=_("Payment extension %(number)s was not kept.", number=row.number),
    )
    action.mail(promised.told(session, row), "extension_broken", agreed_kind=KIND, agreed_id=row.id)


def running_of(session: Session, customer_id: int) -> Sequence[PaymentExtension]:
    """The extensions of a customer that are asked for or run."""
    query = select(PaymentExtension).where(
        PaymentExtension.customer_id == customer_id, PaymentExtension.status.in_(RUNNING)
    )
    return session.scalars(query.order_by(PaymentExtension.id)).all()
