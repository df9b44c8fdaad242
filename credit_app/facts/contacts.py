"""A contact with a debtor taken down: what was chosen, who was reached, and when somebody looks again."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from credit_app.domain.collection import REASON_CODES
from credit_app.domain.worklist import CHOICES
from credit_app.facts.collection import log_contact
from credit_app.facts.deadlines import close_of, due_after
from credit_app.facts.worklist import rescore
from credit_app.i18n import _
from credit_app.models import CollectionCase, CollectionContact
from credit_app.models.disputes import DISPUTES_RUNNING, Dispute
from credit_app.models.promises import PROMISE_RUNNING, PaymentPlan, PromiseToPay
from workflows import InvalidAnswer

LONGEST_WAIT_DAYS = 60
CHANNELS = ("call", "email", "sms", "meeting")
DIRECTIONS = ("out", "in")
NOBODY_REACHED = ("not_reached", "noted")
WITH_NOTE = ("refused", "paid", "noted")
# What a contact can bring that is entered apart -> where, and the day on which it was.
ENTERED: Mapping[str, tuple[type[PromiseToPay | PaymentPlan | Dispute], Any]] = {
    "promise": (PromiseToPay, PromiseToPay.promised_on),
    "plan": (PaymentPlan, PaymentPlan.requested_on),
    "dispute": (Dispute, Dispute.opened_on),
}
# While it has one of these, somebody has to follow it up; afterwards it runs by itself, or is over.
ASKS_STILL: Mapping[str, tuple[str, ...]] = {
    "promise": PROMISE_RUNNING,
    "plan": ("in_approval", "sent_back"),
    "dispute": DISPUTES_RUNNING,
}


def take_down(
    session: Session,
    case: CollectionCase,
    choice: str,
    person_id: int | None,
    now: datetime,
    today: date,
    *,
    channel: str = "call",
    direction: str = "out",
    reason_code: str | None = None,
    reached: str = "",
    note: str = "",
    follow_up_on: date | None = None,
) -> tuple[CollectionContact, datetime]:
    """Put a contact on the customer's log and keep reason and follow-up on the case; the caller commits.

    Returns it and the instant at which the account is looked at again: the day given, else as policy says; after what
    came from the debtor a later day that was agreed before stays. Raises InvalidAnswer naming the field.
    """
    _check(choice, channel, direction, reason_code, reached, note)
    outcome, goes_without_saying = CHOICES[choice]
    reason = reason_code or goes_without_saying
    again = _look_again(session, follow_up_on, now, today)
    row = log_contact(
        session, case.customer_id, channel, outcome, direction=direction, reason_code=reason, reached=reached,
        note=note, follow_up_on=follow_up_on, made_by=person_id,
    )  # fmt: skip
    case.reason_code = reason or case.reason_code
    agreed = case.follow_up_on is not None and case.follow_up_on > today
    if follow_up_on is not None or direction == "out" or not agreed:
        case.follow_up_on = again.date()
    session.flush()
    rescore(session, today, [case.customer_id])
    return row, again


def to_enter(session: Session, last: CollectionContact | None) -> str | None:
    """`promise`, `plan` or `dispute` where the last contact brought one and nobody has entered it since, else None."""
    if last is None or last.outcome not in ENTERED:
        return None
    model, day = ENTERED[last.outcome]
    found = exists().where(model.customer_id == last.customer_id, day >= last.made_at.date())
    return None if session.scalar(select(found)) else last.outcome


def settled(session: Session, lasts: Collection[CollectionContact]) -> set[int]:
    """The customers whose last contact brought a promise, plan or dispute that was entered since and asks for nothing
    more: kept, broken, decided, or, of a plan, running by itself."""
    found = set()
    for kind, (model, day) in ENTERED.items():
        said = {row.customer_id: row.made_at.date() for row in lasts if row.outcome == kind}
        if not said:
            continue
        query = select(model.customer_id, day, model.status).where(model.customer_id.in_(said))
        entered = [row for row in session.execute(query) if row[1] >= said[row[0]]]
        asks = {row[0] for row in entered if row[2] in ASKS_STILL[kind]}
        found |= {row[0] for row in entered} - asks
    return found


def _check(
    choice: str, channel: str, direction: str, reason_code: str | None, reached: str, note: str
) -> None:
    if channel not in CHANNELS:
        raise InvalidAnswer("channel", _("Choose one of the channels."))
    if direction not in DIRECTIONS:
        raise InvalidAnswer("direction", _("Say whether it came from us or from the debtor."))
    if choice not in CHOICES:
        raise InvalidAnswer("choice", _("Choose what came of it."))
    if direction == "in" and choice == "not_reached":
        raise InvalidAnswer("choice", _("Whoever turned to us was reached; choose what was said."))
    if reason_code is not None and reason_code not in REASON_CODES:
        raise InvalidAnswer("reason_code", _("Choose one of the reasons."))
    if choice not in NOBODY_REACHED and not reached:
        raise InvalidAnswer("reached", _("Say whom you spoke with."))
    if choice in WITH_NOTE and not note:
        raise InvalidAnswer("note", _("Write down what was said: it is read by whoever acts next."))


def _look_again(session: Session, on: date | None, now: datetime, today: date) -> datetime:
    """The instant (UTC) at which the account is looked at again."""
    if on is None:
        return due_after(session, now, today, "collection.follow_up_days")
    if not 0 < (on - today).days <= LONGEST_WAIT_DAYS:
        text = _("Give a day from tomorrow up to %(days)s days ahead.", days=LONGEST_WAIT_DAYS)
        raise InvalidAnswer("follow_up_on", text)
    return close_of(session, on, today)
