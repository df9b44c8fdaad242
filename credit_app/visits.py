"""Begins visits on site, asked for by a stage of collection or by hand, and drops those that payment overtook."""

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from credit_app.domain.dates import day_in_zone
from credit_app.facts.collection import open_case
from credit_app.facts.visits import running_of
from credit_app.i18n import _
from credit_app.models import CollectionCase, Company, Customer, next_case_number, the_company
from credit_app.models.visits import SiteVisit
from workflows import SYSTEM, Actor, Conflict, Engine, NotFound, NotWaiting, clock

PROCESS = "site_visit"
MESSAGE = "case_cleared"
JOB = "job:follow_visits"
# Nobody has gone yet.
AHEAD = ("planning", "planned")


def start(session: Session, engine: Engine, customer_id: int, actor: Actor, source: str) -> SiteVisit:
    """Ask for a visit and begin its process; the caller commits. Raises Conflict while another one runs, NotFound."""
    # Two requests at once queue up here: the second sees the first.
    held = select(Customer).where(Customer.id == customer_id).with_for_update(key_share=True)
    customer = session.scalar(held)
    if customer is None:
        raise NotFound(_("There is no such customer, or it is not yours to see."))
    running = running_of(session, customer_id)
    if running is not None:
        raise Conflict(_("A visit to this customer is under way already: %(number)s.", number=running.number))
    case, company, now = open_case(session, customer_id), the_company(session), clock.now()
    place = ", ".join(part for part in (customer.address, customer.city, customer.country) if part)
    row = SiteVisit(
        number=next_case_number(session, PROCESS, day_in_zone(now, company.time_zone).year),
        customer_id=customer_id, status="planning", amount=case.amount if case is not None else None,
        currency=company.base_currency, case_id=case.id if case is not None else None, address=place[:300],
        made_by=actor.person_id, created_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    rest = engine.start(session, PROCESS, row.id, {"visit_id": row.id}, actor, source)
    row.instance_id = rest.instance_id
    session.flush()
    return row


# --- the job -------------------------------------------------------------------------------------------------------


def to_follow(session: Session) -> list[int]:
    """The visits to which nobody has gone yet and whose collection case was cleared meanwhile, with none open now."""
    if session.get(Company, 1) is None:
        return []
    cleared = exists().where(CollectionCase.id == SiteVisit.case_id, CollectionCase.status == "cleared")
    open_one = exists().where(
        CollectionCase.customer_id == SiteVisit.customer_id, CollectionCase.status == "open"
    )
    query = select(SiteVisit.id).where(SiteVisit.status.in_(AHEAD), cleared, ~open_one)
    return list(session.scalars(query.order_by(SiteVisit.id)))


def follow(session: Session, engine: Engine, visit_id: int) -> bool:
    """Drop a visit that payment overtook; False when it moved on meanwhile. The caller commits."""
    visit = session.get_one(SiteVisit, visit_id, with_for_update=True)
    if visit.status not in AHEAD or visit.instance_id is None:
        return False
    try:
        engine.send(session, visit.instance_id, MESSAGE, SYSTEM, JOB)
    except NotWaiting:
        return False
    session.flush()
    return True
