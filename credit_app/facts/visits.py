"""A visit under way: the row behind the case, who can go, what else they have planned, and what is brought back."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from sqlalchemy import insert, select
from sqlalchemy.orm import Session, joinedload

from credit_app.domain.collection import last_business_day
from credit_app.domain.dates import BusinessCalendar
from credit_app.domain.visits import VisitPolicy
from credit_app.facts.collection import ROLE
from credit_app.facts.confirmation import policy_of as confirmation_policy
from credit_app.facts.customer_access import log_access
from credit_app.facts.customer_documents import Handed, file_under
from credit_app.facts.people import ids_with
from credit_app.i18n import _
from credit_app.models import (
    CustomerDocument,
    LimitationInterruption,
    Person,
    holidays,
    open_items,
    policy_values,
    the_company,
)
from credit_app.models.visits import RUNNING_VISITS, SiteVisit, VisitPaper
from workflows import Action, Conflict, InvalidAnswer, NotFound

LEAST_WORDS = 5


def visit_of(action: Action) -> SiteVisit:
    """The visit that a process is about. Raises NotFound."""
    found = action.session.get(SiteVisit, action.subject_id)
    if found is None:
        raise NotFound(_("There is no such visit, or it is not yours to see."))
    return found


def locked(action: Action, *statuses: str) -> SiteVisit:
    """The visit, held until the commit. Raises Conflict when it is in none of these statuses any more."""
    found = visit_of(action)
    action.session.refresh(found, with_for_update=True)
    if found.status not in statuses:
        raise Conflict(_("This visit was dealt with already."))
    return found


def running_of(session: Session, customer_id: int) -> SiteVisit | None:
    """The visit to a customer that is planned or under way."""
    query = select(SiteVisit).where(
        SiteVisit.customer_id == customer_id, SiteVisit.status.in_(RUNNING_VISITS)
    )
    return session.scalar(query)


def policy_of(session: Session, day: date) -> VisitPolicy:
    """The policy of `day`."""
    return VisitPolicy.from_policy(policy_values(session, day))


def visitors(session: Session, visit: SiteVisit) -> list[Person]:
    """Who can go: those who collect in the customer's branch."""
    ids = ids_with(session, ROLE, visit.customer.branch_id)
    return list(session.scalars(select(Person).where(Person.id.in_(ids)).order_by(Person.name, Person.id)))


def planned_by_others(session: Session, visit: SiteVisit, today: date) -> Sequence[SiteVisit]:
    """The other visits that are planned from today on, by day: what is in the calendars."""
    query = (
        select(SiteVisit)
        .where(SiteVisit.status == "planned", SiteVisit.planned_on >= today, SiteVisit.id != visit.id)
        .options(joinedload(SiteVisit.visitor), joinedload(SiteVisit.customer))
        .order_by(SiteVisit.planned_on, SiteVisit.id)
        .limit(50)
    )
    return session.scalars(query).all()


def check_day(action: Action, visit: SiteVisit, day: date | None, visitor_id: int, *, anyway: bool) -> date:
    """The day on which somebody goes. Raises InvalidAnswer: it has passed, is too far ahead, or, unless `anyway`,
    nobody works on it or the visitor has another visit then."""
    session, policy = action.session, policy_of(action.session, action.today)
    if day is None or not policy.allows(day, action.today):
        raise InvalidAnswer(
            "planned_on",
            _("Give a day from today up to %(days)s days ahead.", days=policy.longest_ahead),
        )
    if anyway:
        return day
    if not calendar_of(session, action.today).is_business_day(day):
        raise InvalidAnswer(
            "planned_on", _("Nobody works on that day; choose another, or tick that it is meant.")
        )
    busy = select(SiteVisit.number).where(
        SiteVisit.status == "planned",
        SiteVisit.visitor_id == visitor_id,
        SiteVisit.planned_on == day,
        SiteVisit.id != visit.id,
    )
    other = session.scalar(busy.limit(1))
    if other is not None:
        raise InvalidAnswer(
            "planned_on",
            _("The visitor has the visit %(number)s on that day; tick that it is meant, or choose another day.",
              number=other),
        )  # fmt: skip
    return day


def calendar_of(session: Session, today: date) -> BusinessCalendar:
    """The calendar of business days."""
    return BusinessCalendar.from_policy(policy_values(session, today), holidays(session))


def remind_at(session: Session, planned_on: date, today: date) -> str:
    """The instant at which the visitor is reminded: the close of the last business day before, as text."""
    calendar = calendar_of(session, today)
    day = last_business_day(planned_on - timedelta(days=1), calendar)
    return calendar.close_of(day, the_company(session).time_zone).isoformat()


def bring_back(action: Action, visit: SiteVisit, files: Iterable[Handed], *, photos: bool) -> None:
    """File photos or documents of a visit. Raises InvalidAnswer for a photo that is no image."""
    files, session, who = list(files), action.session, action.actor.person_id or 0
    wrong = next((one for one in files if photos and not one.content_type.startswith("image/")), None)
    if wrong is not None:
        raise InvalidAnswer(
            "photos", _("“%(name)s” is not a picture; PNG and JPEG are.", name=wrong.filename)
        )
    if not files:
        return
    rows = file_under(session, visit.customer_id, files, "site_visit", who, action.now)
    session.add_all(
        VisitPaper(visit_id=visit.id, document_id=row.id, is_photo=photos, created_at=action.now)
        for row in rows
    )
    _log(action, visit, rows)


def keep_signed(action: Action, visit: SiteVisit, document: Handed) -> CustomerDocument:
    """File the statement that the debtor signed."""
    who = action.actor.person_id or 0
    row = file_under(action.session, visit.customer_id, [document], "statement", who, action.now)[0]
    _log(action, visit, [row])
    return row


def interrupt_limitation(action: Action, visit: SiteVisit) -> int:
    """Limitation of every debt of the signed statement runs anew where the law of the customer's country says so;
    returns of how many debts."""
    session, day = action.session, visit.signed_on or action.today
    if not confirmation_policy(session, day).interrupts(visit.customer.country, signed=True):
        return 0
    rows = [
        {
            "item_id": item.item_id,
            "interrupted_on": day,
            "ground": "balance_confirmed",
            "document_id": visit.document_id,
            "evidence": f"site_visit:{visit.id}",
            "created_at": action.now,
        }
        for item in open_items(session, [visit.customer_id], visit.statement_on or day)
        if item.kind != "credit_note"
    ]
    if rows:
        session.execute(insert(LimitationInterruption), rows)
    action.note("limitation", items=len(rows), interrupted_on=day.isoformat())
    return len(rows)


def _log(action: Action, visit: SiteVisit, rows: Sequence[CustomerDocument]) -> None:
    details = {"document": [None, ", ".join(row.filename for row in rows)[:400]]}
    who = action.actor.person_id or 0
    log_access(action.session, visit.customer_id, who, "change", "documents", action.now, details=details)
