"""Who answers for a limit under review, and who is told of what happens to it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.facts.people import ids_with
from credit_app.i18n import _
from credit_app.models import CreditApplication, CreditLimit, Customer, Person
from workflows import NotFound


def responsible_for(session: Session, limit: CreditLimit) -> int:
    """The sales rep of the customer, else who asked for the limit, else somebody who sells or analyses there.

    Raises NotFound when nobody active is left.
    """
    customer = limit.customer
    asked = limit.application.requested_by if limit.application is not None else None
    named = [person for person in (customer.sales_rep_id, asked) if person is not None]
    query = select(Person.id).where(Person.id.in_(named), Person.active)
    active = set(session.scalars(query))
    found = next((person for person in named if person in active), None)
    for role in ("sales_rep", "sales_manager", "credit_analyst", "credit_manager"):
        if found is None:
            found = next(iter(ids_with(session, role, customer.branch_id)), None)
    if found is None:
        raise NotFound(_("Nobody sells to or analyses %(name)s; no review can start.", name=customer.name))
    return found


def told_of_limit(session: Session, limit: CreditLimit) -> list[int]:
    """The sales rep and the analysts: the customer's own analyst, else those of its branch."""
    reps = [limit.customer.sales_rep_id]
    if limit.application is not None:
        reps.append(limit.application.requested_by)
    return _active(session, [*reps, *analysts_of(session, limit.customer)])


def told_of_review(session: Session, application: CreditApplication) -> list[int]:
    """The sales rep who answers for the review, and the analysts."""
    if application.customer is None:
        return [application.requested_by]
    people = [application.requested_by, application.customer.sales_rep_id, application.proposed_by]
    return _active(session, [*people, *analysts_of(session, application.customer)])


def analysts_of(session: Session, customer: Customer) -> list[int]:
    """The analyst of the customer; without one, every analyst of its branch."""
    if customer.credit_analyst_id is not None:
        return [customer.credit_analyst_id]
    return ids_with(session, "credit_analyst", customer.branch_id)


def _active(session: Session, people: list[int | None]) -> list[int]:
    wanted = [person for person in dict.fromkeys(people) if person is not None]
    active = set(session.scalars(select(Person.id).where(Person.id.in_(wanted), Person.active)))
    return [person for person in wanted if person in active]
