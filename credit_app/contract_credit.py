"""Starts the credit application that a contract waits for, and tells the review once it is decided."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.domain.dates import day_in_zone
from credit_app.domain.status import DECIDED
from credit_app.facts.contract_cases import version_of
from credit_app.facts.contract_credit import asking, limit_wanted, longest_days, running_application
from credit_app.i18n import _
from credit_app.models import CreditApplication, next_application_number, the_company
from credit_app.models.contract_review import ContractReview
from workflows import SYSTEM, Actor, Engine, NotWaiting, clock

PROCESS = "credit_application"
MESSAGE = "credit_decided"
JOB = "job:tell_contract_reviews"


def start_asked(session: Session, engine: Engine, params: Mapping[str, Any]) -> str:
    """Have the review `review_id` wait for the application under way, or start one; returns its number.

    Asked twice it starts nothing new. Empty when the review waits for credit no longer.
    """
    review = session.get(ContractReview, int(params["review_id"]), with_for_update=True)
    if review is None or review.status != "awaiting_credit" or review.customer_id is None:
        return ""
    known = session.get(CreditApplication, review.application_id or 0)
    if known is None or known.status in DECIDED:
        known = running_application(session, review.customer_id) or _start(session, engine, review)
        review.application_id = known.id
        session.flush()
    return known.number


def to_tell(session: Session) -> list[int]:
    """The reviews that wait for an application which is decided."""
    query = (
        select(ContractReview.id)
        .join(CreditApplication, CreditApplication.id == ContractReview.application_id)
        .where(ContractReview.status == "awaiting_credit", CreditApplication.status.in_(sorted(DECIDED)))
    )
    return list(session.scalars(query.order_by(ContractReview.id)))


def tell(session: Session, engine: Engine, review_id: int) -> bool:
    """Send a review the message that its credit is decided; False when it waits no longer. The caller commits."""
    review = session.get(ContractReview, review_id, with_for_update=True)
    if review is None or review.status != "awaiting_credit" or review.instance_id is None:
        return False
    try:
        engine.send(session, review.instance_id, MESSAGE, SYSTEM, JOB)
    except NotWaiting:
        return False
    return True


def today_of(session: Session) -> date:
    """The company's date."""
    return day_in_zone(clock.now(), the_company(session).time_zone)


def _start(session: Session, engine: Engine, review: ContractReview) -> CreditApplication:
    """An application in the name of the customer's sales rep, filled with what the contract asks for; to be checked
    and submitted by them."""
    contract, version, day = review.contract, version_of(review), today_of(session)
    rep = asking(session, review)
    row = CreditApplication(
        number=next_application_number(session, day.year), requested_by=rep, branch_id=contract.branch_id,
        customer_id=contract.customer_id, requested_limit=limit_wanted(session, review, day) or None,
        currency=the_company(session).base_currency, terms_days=longest_days(version, day) or None,
        payment_method=version.payment_method, created_at=clock.now(),
        purpose=_("Contract %(number)s: %(title)s", number=contract.number, title=contract.title),
    )  # fmt: skip
    session.add(row)
    session.flush()
    rest = engine.start(
        session, PROCESS, row.id, {"application_id": row.id}, Actor(rep), "process:contract_review"
    )
    row.instance_id = rest.instance_id
    session.flush()
    return row
