"""Who may do what in a process: roles by branch, substitutes, and separation of duties."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import ColumnElement, select, text
from sqlalchemy.orm import Session, selectinload

from credit_app.domain import separation
from credit_app.domain.authority import COMMITTEE
from credit_app.domain.dates import day_in_zone
from credit_app.facts.levels import rows_in_force
from credit_app.models import (
    Branch,
    CommitteeMeeting,
    CommitteeVote,
    CreditApplication,
    Person,
    PersonRole,
    Rating,
    Substitution,
    policy_value,
    the_company,
)
from credit_app.models.once import is_shown_only, once
from workflows import Action, clock, history, inbox

MANY = "sales_rep"  # the one role that many people hold
INFORMATION_STEPS = ("record_report", "investigate_customer", "enter_statements")


def plain(person: Person) -> separation.Person:
    """The person as the rules know people."""
    return separation.Person(
        person.id, frozenset((row.role, row.branch_id) for row in person.roles), person.active
    )


def people_with(session: Session, roles: Iterable[str]) -> list[Person]:
    """Active people who hold one of the roles in any branch, with all their roles."""
    wanted = frozenset(roles)
    if MANY in wanted or not is_shown_only(session):
        return _holders(session, Person.roles.any(PersonRole.role.in_(wanted)))
    # A page asks for several lists of colleagues; they are few, unlike those who sell.
    return [one for one in _colleagues(session) if not wanted.isdisjoint(row.role for row in one.roles)]


@once
def _colleagues(session: Session) -> list[Person]:
    return _holders(session, Person.roles.any(PersonRole.role != MANY))


def _holders(session: Session, condition: ColumnElement[bool]) -> list[Person]:
    query = select(Person).where(Person.active, condition).options(selectinload(Person.roles))
    return list(session.scalars(query.order_by(Person.id)))


def ids_with(session: Session, role: str, branch_id: int | None = None) -> list[int]:
    """Ids of the active people who hold the role for that branch (None: in any)."""
    found = [plain(person) for person in people_with(session, [role])]
    return [one.person_id for one in found if branch_id is None or one.has_role(role, branch_id)]


def in_charge(
    session: Session, person_id: int, roles: Sequence[str], branch_id: int | None
) -> tuple[int | None, str]:
    """Whose task something of a branch is, and in which of `roles`: the first that they hold for it. Nobody in
    particular (None, with the first role) once they have left or moved: a task in their list could be done by nobody.
    """
    person = session.get(Person, person_id)
    if person is not None and person.active:
        mine = plain(person)
        for role in roles:
            if mine.has_role_anywhere([role]) if branch_id is None else mine.has_role(role, branch_id):
                return person.id, role
    return None, roles[0]


def decision_facts(
    session: Session, application: CreditApplication, level: str, action: Action | None = None
) -> separation.DecisionFacts:
    """Who asked (also by saving the draft), who rated and who has decided at another level in this round.

    Whoever was added as an approver, or voted in the committee, has decided as well.

    Give the `action` that is about to open the decision: whoever acts in it is no person for the next one, and
    the history does not know that they do before it is written.
    """
    return decision_facts_by_level(session, application, (level,), action)[level]


def decision_facts_by_level(
    session: Session, application: CreditApplication, levels: Iterable[str], action: Action | None = None
) -> dict[str, separation.DecisionFacts]:
    """`decision_facts` of several levels; what they share is read once."""
    rows = rows_in_force(session, application)
    asked = {application.requested_by, *application.drafted_by}
    if application.instance_id is not None:
        asked |= asked_first(session, application)
    raters = assessors(session, application)
    found = {}
    for level in levels:
        requesters = set(asked)
        if action is not None:
            here = {row.person_id for row in rows if row.level == level and not row.is_added}
            acting = {action.actor.person_id, action.actor.on_behalf_of}
            requesters |= {one for one in acting - here if one is not None}
        decided = [(row.person_id, row.on_behalf_of) for row in rows if row.level != level or row.is_added]
        if level != COMMITTEE and any(row.level == COMMITTEE for row in rows):
            decided += voters(session, application)
        found[level] = separation.DecisionFacts(
            level,
            application.branch_id,
            frozenset(requesters),
            raters,
            frozenset(person for pair in decided for person in pair if person is not None),
        )
    return found


@once
def assessors(session: Session, application: CreditApplication) -> frozenset[int]:
    """Who confirmed the rating or set the proposal, and for whom they did; by policy also who investigated."""
    rated = session.scalars(select(Rating.rated_by).where(Rating.application_id == application.id))
    found = {person for person in (*rated, application.proposed_by) if person is not None}
    steps = [
        ("credit_assessment", "confirm_rating"),
        ("credit_assessment", "set_proposal"),
        ("review_decision", "propose_action"),
    ]
    day = day_in_zone(clock.now(), the_company(session).time_zone)
    if policy_value(session, "separation.investigator_decides", day) is not True:
        steps += [("gather_information", node) for node in INFORMATION_STEPS]
    if application.instance_id is not None:
        found |= history.people_who_completed(session, application.instance_id, steps)
    return frozenset(found)


def voters(session: Session, application: CreditApplication) -> list[tuple[int | None, int | None]]:
    """Who voted in a meeting of the committee in this round, and who cast the ballot for them."""
    query = (
        select(CommitteeVote.person_id, CommitteeVote.cast_by)
        .join(CommitteeMeeting, CommitteeMeeting.id == CommitteeVote.meeting_id)
        .where(CommitteeMeeting.application_id == application.id, CommitteeMeeting.round == application.round)
    )
    return [(row.person_id, row.cast_by) for row in session.execute(query)]


@once
def asked_first(session: Session, application: CreditApplication) -> set[int]:
    """Who entered the application, asked for the temporary limit, or started the review by hand."""
    number = application.instance_id or 0
    if application.kind == "review":
        query = text("SELECT started_by FROM instance WHERE id = :id AND started_by IS NOT NULL")
        return set(session.scalars(query, {"id": number}))
    steps = [("credit_application", "enter_application"), ("temporary_limit", "enter_temporary")]
    return history.people_who_completed(session, number, steps)


def eligible(
    session: Session, application: CreditApplication, level: str, action: Action | None = None
) -> frozenset[int]:
    """Ids of the people who may decide the application at that level in their own right."""
    facts = decision_facts(session, application, level, action)
    return separation.eligible_persons([plain(person) for person in people_with(session, [level])], facts)


def barred(
    session: Session, application: CreditApplication, level: str, action: Action | None = None
) -> tuple[int, ...]:
    """Ids of the people who would see the task and may not decide it: neither themselves nor for somebody else.

    Holders of the level in another branch do not see it either, unless they stand in for one of this branch.
    """
    facts, branch = decision_facts(session, application, level, action), application.branch_id
    holders = [plain(person) for person in people_with(session, [level])]
    see_it = {one.person_id for one in holders if branch is None or one.has_role(level, branch)}
    allowed = separation.eligible_persons(holders, facts)
    return tuple(sorted(see_it - allowed | separation.excluded_persons(facts)))


@once
def stands_in_for(session: Session, person_id: int, day: date) -> list[Person]:
    """The people whom this person substitutes on that day."""
    query = (
        select(Person)
        .join(Substitution, Substitution.person_id == Person.id)
        .where(
            Substitution.substitute_id == person_id,
            Substitution.starts_on <= day,
            Substitution.ends_on >= day,
            Person.active,
        )
        .options(selectinload(Person.roles))
        .order_by(Person.id)
    )
    return list(session.scalars(query).unique())


def lanes_of(session: Session, person: Person, day: date) -> list[inbox.Lane]:
    """The inbox lanes of a person: their roles by branch, and those of the people they substitute."""
    branches = list(session.scalars(select(Branch.id).order_by(Branch.id)))
    lanes: dict[inbox.Lane, None] = {}
    for one in (person, *stands_in_for(session, person.id, day)):
        for row in one.roles:
            scopes = branches if row.branch_id is None else [row.branch_id]
            lanes.update(((row.role, scope), None) for scope in [0, *scopes])
    return list(lanes)
