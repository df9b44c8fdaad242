"""Expire limit: the temporary limit is over, the permanent one holds again; sales rep and analysts are told."""

from sqlalchemy import select

from credit_app.facts.application import application_of
from credit_app.facts.review_people import told_of_limit
from credit_app.models import CreditLimit, end_limit
from workflows import Action


def run(action: Action) -> None:
    """End it, unless it has ended before its day; the worker's own look at limits may have been faster."""
    query = select(CreditLimit).where(
        CreditLimit.application_id == application_of(action).id, CreditLimit.status != "retracted"
    )
    limit = action.session.scalars(query.with_for_update()).one()
    if limit.status != "active":
        return
    end_limit(action.session, limit, "expired", action.today, action.now, "")
    people = told_of_limit(action.session, limit)
    action.mail(people, "limit_expired", limit_id=limit.id, customer_id=limit.customer_id)
