"""Whom a level may ask before it decides: colleagues for an opinion, and approvers who decide beside the levels."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from credit_app.domain import separation
from credit_app.domain.dates import BusinessCalendar
from credit_app.domain.policy_values import whole_of
from credit_app.domain.sentences import N_, Sentence
from credit_app.facts.levels import rows_in_force
from credit_app.facts.people import decision_facts, decision_facts_by_level, people_with, plain
from credit_app.i18n import _
from credit_app.models import (
    AddedApprover,
    CreditApplication,
    OpinionRequest,
    Person,
    holidays,
    policy_values,
    the_company,
)
from workflows import Action, InvalidAnswer

_DECIDED = N_("Whoever has decided in this round already adds no second pair of eyes.")
# Who may be added as an approver: the roles that decide on credit.
DECIDING = ("credit_analyst", "credit_manager", "finance_director", "cfo", "committee")
# Who may be asked for an opinion: everybody whose work touches the customer's credit; sales only through its head.
ADVISING = (*DECIDING, "receivables", "collector", "counsel", "delivery", "sales_manager")


def role_in_branch(person: Person, roles: Iterable[str], branch_id: int | None) -> str | None:
    """The first of the roles that the person holds for the branch."""
    known = plain(person)
    return next((role for role in roles if known.has_role(role, branch_id)), None)


def advisers(session: Session, application: CreditApplication, less: Iterable[int | None]) -> list[Person]:
    """Who may be asked for an opinion: not the requesters, not `less`; in the order of their names."""
    facts = decision_facts(session, application, "")
    gone = {*facts.requesters, *less}
    found = [one for one in people_with(session, ADVISING) if one.id not in gone]
    found = [one for one in found if role_in_branch(one, ADVISING, application.branch_id)]
    return sorted(found, key=lambda one: (one.name, one.id))


def addable(session: Session, application: CreditApplication, less: Iterable[int | None]) -> list[Person]:
    """Who may be added as an approver: a role that decides, for the branch, and no tie to the case."""
    gone = {*less, *added_already(session, application), *decided_already(session, application)}
    people = [one for one in people_with(session, DECIDING) if one.id not in gone]
    # What speaks against somebody depends on the role only: it is read once, not once for each person.
    facts = decision_facts_by_level(session, application, DECIDING)
    found = [
        one
        for one in people
        if not separation.may_decide(plain(one), facts[_deciding_role(one, application.branch_id)])
    ]
    return sorted(found, key=lambda one: (one.name, one.id))


def why_not_added(
    session: Session, application: CreditApplication, person: Person, acting_for: Person | None = None
) -> tuple[Sentence, ...]:
    """Why a person may not decide beside the levels (for `acting_for`); empty when they may."""
    principal = acting_for or person
    role = _deciding_role(principal, application.branch_id)
    facts = decision_facts(session, application, role)
    found = separation.may_decide(plain(person), facts, plain(acting_for) if acting_for else None)
    decided = decided_already(session, application)
    if not found and (person.id in decided or principal.id in decided):
        return (Sentence("separation.decided", _DECIDED),)
    return found


def decided_already(session: Session, application: CreditApplication) -> set[int]:
    """Who decided in this round at any level, and for whom: their second word adds no pair of eyes."""
    rows = rows_in_force(session, application)
    return {one for row in rows for one in (row.person_id, row.on_behalf_of) if one is not None}


def _deciding_role(person: Person, branch_id: int | None) -> str:
    return role_in_branch(person, DECIDING, branch_id) or DECIDING[0]


def added_already(session: Session, application: CreditApplication) -> set[int]:
    """Who was added in this round."""
    query = select(AddedApprover.person_id).where(
        AddedApprover.application_id == application.id, AddedApprover.round == application.round
    )
    return set(session.scalars(query))


def ask_opinions(
    action: Action, application: CreditApplication, level: str, people: Sequence[int], question: str,
    due_on: date | None,
) -> tuple[list[int], datetime]:  # fmt: skip
    """Write one request for each person; returns their ids and until when. Raises InvalidAnswer."""
    session, actor = action.session, action.actor
    if not people:
        raise InvalidAnswer("people", _("Choose at least one colleague to ask."))
    if len(question) < 5:
        raise InvalidAnswer("question", _("Write the question that you want an opinion on."))
    asked_before = session.scalar(
        select(func.count()).where(
            OpinionRequest.application_id == application.id,
            OpinionRequest.round == application.round,
            OpinionRequest.level == level,
            OpinionRequest.status != "cancelled",
        )
    )
    most = whole_of(policy_values(session, action.today), "approval.most_opinions")
    if (asked_before or 0) + len(people) > most:
        raise InvalidAnswer("people", _("One level asks for at most %(most)s opinions.", most=most))
    due = due_instant(action, due_on)
    facts = decision_facts(session, application, level)
    rows = []
    for person in _known(session, people):
        if person.id in facts.requesters:
            raise InvalidAnswer(
                "people", _("%(name)s asked for this credit and gives no opinion on it.", name=person.name)
            )
        if person.id in (actor.person_id, actor.on_behalf_of):
            raise InvalidAnswer("people", _("Nobody asks themselves for an opinion."))
        if not person.active or role_in_branch(person, ADVISING, application.branch_id) is None:
            raise InvalidAnswer(
                "people", _("%(name)s has no part in this branch's credit.", name=person.name)
            )
        rows.append(
            OpinionRequest(
                application_id=application.id, round=application.round, level=level, person_id=person.id,
                question=question, asked_by=actor.person_id, asked_for=actor.on_behalf_of, asked_at=action.now,
                due_at=due,
            )
        )  # fmt: skip
    session.add_all(rows)
    session.flush()
    action.mail([row.person_id for row in rows], "opinion_wanted", application_id=application.id)
    return [row.id for row in rows], due


def _known(session: Session, ids: Sequence[int]) -> list[Person]:
    query = select(Person).where(Person.id.in_(ids)).options(selectinload(Person.roles)).order_by(Person.id)
    found = list(session.scalars(query))
    if len(found) != len(set(ids)):
        raise InvalidAnswer("people", _("One of the people chosen does not exist."))
    return found


def add_approver(
    action: Action, application: CreditApplication, person_id: int | None, reason: str
) -> AddedApprover:
    """Write who decides in addition. Raises InvalidAnswer with why somebody may not."""
    session, actor = action.session, action.actor
    person = session.get(Person, person_id) if person_id else None
    if person is None:
        raise InvalidAnswer("added", _("Choose the person who decides in addition."))
    role = role_in_branch(person, DECIDING, application.branch_id)
    if person.id in (actor.person_id, actor.on_behalf_of):
        raise InvalidAnswer("added", _("Nobody adds themselves."))
    if role is None or why_not_added(session, application, person):
        raise InvalidAnswer("added", _("%(name)s may not decide on this application.", name=person.name))
    before = added_already(session, application)
    if person.id in before:
        raise InvalidAnswer("added", _("%(name)s was added in this round already.", name=person.name))
    most = whole_of(policy_values(session, action.today), "approval.most_added")
    if len(before) >= most:
        raise InvalidAnswer("added", _("At most %(most)s approvers are added in one round.", most=most))
    row = AddedApprover(
        application_id=application.id, round=application.round, person_id=person.id, role=role, reason=reason,
        added_by=actor.person_id, added_for=actor.on_behalf_of, added_at=action.now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    action.mail([person.id], "added_approver", application_id=application.id)
    return row


def due_instant(action: Action, due_on: date | None) -> datetime:
    """The close of the day named, else of the last business day that the policy gives. Raises InvalidAnswer."""
    session = action.session
    values = policy_values(session, action.today)
    calendar = BusinessCalendar.from_policy(values, holidays(session))
    zone = the_company(session).time_zone
    if due_on is None:
        return calendar.add_business_days(action.now, whole_of(values, "approval.opinion_days"), zone)
    due = calendar.close_of(due_on, zone)
    if due <= action.now:
        raise InvalidAnswer("due_on", _("Name a day that is still to come."))
    if (due_on - action.today).days > 366:
        raise InvalidAnswer("due_on", _("Name a day within a year."))
    return due


def opinions_of(session: Session, application: CreditApplication) -> list[OpinionRequest]:
    """What colleagues were asked and answered in this round, in the order of asking."""
    query = select(OpinionRequest).where(
        OpinionRequest.application_id == application.id, OpinionRequest.round == application.round
    )
    return list(session.scalars(query.order_by(OpinionRequest.id)))


def added_of(session: Session, application: CreditApplication) -> list[AddedApprover]:
    """Who was added in this round, in that order."""
    query = select(AddedApprover).where(
        AddedApprover.application_id == application.id, AddedApprover.round == application.round
    )
    return list(session.scalars(query.order_by(AddedApprover.id)))
