"""Starts reviews of limits, by the system's job or by hand, and ends limits whose last day is over."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from credit_app.domain import status
from credit_app.domain.dates import day_in_zone
from credit_app.domain.plain import to_json
from credit_app.domain.review import ReviewPolicy, Trigger, final_demand
from credit_app.facts.collection import is_over
from credit_app.facts.people import ids_with
from credit_app.facts.review_people import responsible_for, told_of_limit
from credit_app.facts.review_state import triggers_of, worth_a_look
from credit_app.facts.reviews import running_review
from credit_app.i18n import _
from credit_app.models import (
    CreditApplication,
    CreditLimit,
    end_limit,
    next_application_number,
    permanent_limit,
    policy_values,
    the_company,
)
from workflows import SYSTEM, Actor, Conflict, Engine, Refused, clock, outbox

BY_HAND = "by_hand"


class NotStarted(Exception):
    """The review of a limit failed to start; the job rolls back and goes on to the next limit."""

    def __init__(self, limit_id: int, error: Exception) -> None:
        super().__init__(f"{type(error).__name__}: {error}")
        self.limit_id = limit_id


class NoReview(Refused):
    """A limit that cannot be reviewed now."""


def start_next(
    session: Session, engine: Engine, after_id: int
) -> tuple[int, CreditApplication | None] | None:
    """Look at the first limit after `after_id` that may be due and start its review if it is; the caller commits.

    Returns (the limit's id, the review or None); None when no limit is left. Limits that another worker looks at
    are skipped: it starts what is due. Raises NotStarted.
    """
    day = today_of(session)
    policy = ReviewPolicy.from_policy(policy_values(session, day))
    limit = session.scalars(
        select(CreditLimit)
        .where(CreditLimit.id > after_id, worth_a_look(day, policy))
        .order_by(CreditLimit.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=CreditLimit)
    ).first()
    if limit is None:
        return None
    limit_id = limit.id
    try:
        triggers = () if is_running(session, limit) else triggers_of(session, limit, day)
        if not triggers:
            return limit_id, None
        return limit_id, start(session, engine, limit, triggers, SYSTEM, "job:start_reviews")
    except Exception as error:
        raise NotStarted(limit_id, error) from error


def start_by_hand(
    session: Session, engine: Engine, limit_id: int, reason: str, person_id: int, behalf: int | None = None
) -> CreditApplication:
    """Start the review of a limit that somebody wants looked at; the caller commits. Raises NoReview, Conflict."""
    limit = session.get(CreditLimit, limit_id, with_for_update={"of": CreditLimit}, populate_existing=True)
    if limit is None or limit.kind != "permanent" or limit.status != "active":
        raise NoReview(_("Only an open, permanent limit is reviewed."))
    if is_running(session, limit):
        raise Conflict(_("A review of this limit is already under way."))
    triggers = triggers_of(session, limit, today_of(session))
    source, actor = "screen:reviews.new", Actor(person_id, behalf)
    return start(session, engine, limit, triggers, actor, source, trigger=BY_HAND, reason=reason)


def start_asked(session: Session, engine: Engine, params: Mapping[str, Any]) -> str:
    """What the final demand asks for, of `customer_id`: the review of its permanent limit, on the ground of the
    collection case (`case_id`); the caller commits.

    Returns the number of the review, of the one under way where there is one; empty where there is no limit, or the
    case has ended meanwhile.
    """
    if is_over(session, params.get("case_id")):
        return ""
    found = permanent_limit(session, int(params["customer_id"]))
    if found is None:
        return ""
    limit = session.get_one(
        CreditLimit, found.id, with_for_update={"of": CreditLimit}, populate_existing=True
    )
    known = running_review(session, limit)
    if known is not None:
        return known.number
    day = today_of(session)
    ground = final_demand(str(params["case"]), date.fromisoformat(str(params["on"])))
    triggers = (ground, *triggers_of(session, limit, day))
    return start(session, engine, limit, triggers, SYSTEM, "process:collection").number


def start(
    session: Session,
    engine: Engine,
    limit: CreditLimit,
    triggers: Sequence[Trigger],
    actor: Actor,
    source: str,
    *,
    trigger: str | None = None,
    reason: str = "",
) -> CreditApplication:
    """Make the review and start its process; the limit's row is locked by the caller."""
    now, day = clock.now(), today_of(session)
    customer = limit.customer
    review = CreditApplication(
        kind="review",
        number=next_application_number(session, day.year, "review"),
        customer_id=customer.id,
        branch_id=customer.branch_id,
        reviewed_limit_id=limit.id,
        review_trigger=trigger or triggers[0].kind,
        review_reasons=[{"kind": one.kind, "sentence": to_json(one.sentence)} for one in triggers],
        purpose=reason,
        requested_by=responsible_for(session, limit),
        requested_limit=limit.amount,
        currency=limit.currency,
        terms_days=limit.terms_days,
        payment_method=limit.payment_method,
        yearly_purchases=limit.application.yearly_purchases if limit.application is not None else None,
        discount=limit.discount,
        warning_score=limit.warning_score,
        warning_grade=limit.warning_grade,
        warning_utilisation=limit.warning_utilisation,
        warning_indicators=limit.warning_indicators,
        warning_measures=limit.warning_measures,
        status=status.SUBMITTED,
        submitted_at=now,
        created_at=now,
    )
    session.add(review)
    session.flush()
    data = {"application_id": review.id}
    rest = engine.start(session, "limit_review", review.id, data, actor, source)
    review.instance_id = rest.instance_id
    session.flush()
    return review


def expire_next(session: Session) -> CreditLimit | None:
    """End one active limit whose last day is over and tell those concerned; the caller commits. None: no more."""
    day, now = today_of(session), clock.now()
    limit = session.scalars(
        select(CreditLimit)
        .where(CreditLimit.status == "active", CreditLimit.valid_to < day)
        .order_by(CreditLimit.valid_to, CreditLimit.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=CreditLimit)
    ).first()
    if limit is None:
        return None
    end_limit(session, limit, "expired", day, now, "")
    tell_expired(session, limit)
    return limit


def tell_expired(session: Session, limit: CreditLimit) -> None:
    """Queue the mail about an expired limit, once for each person."""
    params: dict[str, Any] = {"limit_id": limit.id, "customer_id": limit.customer_id}
    people = told_of_limit(session, limit) or ids_with(session, "admin")
    for person in people:
        key = f"limit:{limit.id}:expired:{person}"
        outbox.queue(session, key, "mail", f"person:{person}", "limit_expired", params)


def is_running(session: Session, limit: CreditLimit) -> bool:
    """Whether a review of the limit is under way."""
    running = exists().where(
        CreditApplication.reviewed_limit_id == limit.id,
        CreditApplication.status.not_in(status.DECIDED),
    )
    return bool(session.scalar(select(running)))


def today_of(session: Session) -> date:
    """The company's date."""
    return day_in_zone(clock.now(), the_company(session).time_zone)
