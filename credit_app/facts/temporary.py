"""Temporary limits: what the customer has today, opening one, and the instant at which it ends."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.domain import status
from credit_app.domain.temporary_limit import CustomerToday, why_not
from credit_app.facts.application import (
    confirmed_rating,
    customer_id_of,
    limit_in_question,
    payment_method_in_question,
    terms_in_question,
)
from credit_app.facts.exposure import is_barred
from credit_app.models import (
    CreditApplication,
    CreditLimit,
    Customer,
    MissingRate,
    convert,
    open_limit,
    permanent_limit,
    the_company,
)
from workflows import Action


def customer_today(session: Session, customer_id: int, day: date, currency: str | None) -> CustomerToday:
    """What the customer has that a temporary limit needs; the limit in `currency`."""
    rating = confirmed_rating(session, customer_id)
    limit = permanent_limit(session, customer_id)
    until = session.scalar(
        select(CreditLimit.valid_to).where(
            CreditLimit.customer_id == customer_id,
            CreditLimit.kind == "temporary",
            CreditLimit.status == "active",
        )
    )
    return CustomerToday(
        rating is not None,
        rating.valid_until if rating is not None else None,
        _converted(session, limit, currency, day),
        limit.valid_to if limit is not None else None,
        until,
        is_barred(session, session.get_one(Customer, customer_id), day),
    )


def cannot_open(session: Session, application: CreditApplication, day: date) -> str | None:
    """What came between the request and its approval, in one sentence; None: it opens."""
    if application.temporary_until is not None and application.temporary_until < day:
        return ENDED_BEFORE % {"day": application.temporary_until.isoformat()}
    obstacle = why_not(customer_today(session, customer_id_of(application), day, application.currency), day)
    return obstacle.text if obstacle is not None else None


def open_it(action: Action, application: CreditApplication) -> CreditLimit:
    """Open the temporary limit and close the request as granted."""
    assert application.temporary_until is not None, "the step asks for the end date"  # noqa: S101
    application.approved_limit = limit_in_question(application)
    application.approved_terms_days = terms_in_question(application)
    application.approved_payment_method = payment_method_in_question(application)
    application.status = status.require_transition(application.status, status.GRANTED)
    application.decided_at = action.now
    return open_limit(
        action.session,
        CreditLimit(
            customer_id=customer_id_of(application),
            kind="temporary",
            amount=application.approved_limit,
            currency=application.currency,
            terms_days=application.approved_terms_days,
            payment_method=application.approved_payment_method,
            conditions=application.approved_conditions,
            discount=application.discount,
            valid_from=action.today,
            valid_to=application.temporary_until,
            application_id=application.id,
            created_at=action.now,
        ),
    )


def ends_at(session: Session, limit: CreditLimit) -> datetime:
    """The first instant at which the limit no longer holds: midnight after its last day, where the company is."""
    zone = ZoneInfo(the_company(session).time_zone)
    return datetime.combine(limit.valid_to + timedelta(days=1), time(), zone)


def _converted(
    session: Session, limit: CreditLimit | None, currency: str | None, day: date
) -> Decimal | None:
    if limit is None or not currency:
        return None
    try:
        return convert(session, limit.amount, limit.currency, currency, day)
    except MissingRate:
        return None


ENDED_BEFORE = "Its last day, %(day)s, had passed before everybody had decided."
