"""Vote: a member of the credit committee votes for, against (with a reason) or abstains."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from credit_app.domain.authority import COMMITTEE
from credit_app.domain.committee import is_settled
from credit_app.domain.money import format_amount
from credit_app.domain.separation import may_decide
from credit_app.facts.application import application_of, limit_in_question
from credit_app.facts.decision import decision_page
from credit_app.facts.meetings import tally_of
from credit_app.facts.people import decision_facts, plain
from credit_app.forms.opinion import SHORTEST_REASON, VOTE_WORDS, Ballot, BallotForm
from credit_app.i18n import _, all_said
from credit_app.models import CommitteeMeeting, CommitteeVote, Person
from workflows import Action, Assignment, Conflict, InvalidAnswer, NotAllowed, NotFound

Form = BallotForm
PERSONAL = True  # asked of one member by name: nobody claims, puts back or delegates it


def meeting_of(action: Action) -> CommitteeMeeting:
    """The meeting that the ballot is for. Raises NotFound."""
    row = action.session.get(CommitteeMeeting, int(action.data["meeting_id"]))
    if row is None or row.application_id != action.subject_id:
        raise NotFound(_("There is no such meeting."))
    return row


def assign(action: Action) -> Assignment:
    """The member, until the meeting closes."""
    due = datetime.fromisoformat(action.data["vote_due_at"])
    branch = application_of(action).branch_id
    return Assignment(COMMITTEE, branch, due, claimed_by=int(action.data["member_id"]))


def check(action: Action) -> None:
    """Only this member or who stands in for them, and neither with a tie to the case. Raises NotAllowed."""
    actor, session, member = action.actor, action.session, int(action.data["member_id"])
    if member not in (actor.person_id, actor.on_behalf_of):
        raise NotAllowed(_("Only the members of this meeting vote, each for themselves."))
    person = session.get(Person, actor.person_id or 0)
    principal = session.get(Person, actor.on_behalf_of) if actor.on_behalf_of else None
    if person is None:
        raise NotAllowed(_("Sign in to decide."))
    barring = decision_facts(session, application_of(action), COMMITTEE)
    reasons = may_decide(plain(person), barring, plain(principal) if principal else None)
    if reasons:
        raise NotAllowed(all_said(reasons))


def facts(action: Action) -> dict[str, Any]:
    """The whole case and the meeting; how others voted is shown once it has closed."""
    meeting = meeting_of(action)
    people = select(Person.name).where(Person.id.in_(meeting.members)).order_by(Person.name)
    return decision_page(action) | {"meeting": meeting, "members_named": list(action.session.scalars(people))}


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    application = application_of(action)
    return _(
        "Vote on a limit of %(currency)s %(amount)s for %(name)s?",
        currency=application.currency,
        amount=format_amount(limit_in_question(application), decimals=0),
        name=application.customer.name if application.customer else "",
    )


def choices(_action: Action) -> list[dict[str, Any]]:
    """For, against, abstain."""
    notes = {
        "for": _("Counts for the application."),
        "against": _("Counts against it; a reason is owed."),
        "abstain": _("Counts for the quorum only."),
    }
    return [
        {"value": value, "label": str(label), "act": _("Cast the vote"), "next": notes[value]}
        for value, label in VOTE_WORDS.items()
    ]


def complete(action: Action, answer: Ballot) -> dict[str, Any]:
    """Cast the ballot. Raises InvalidAnswer, Conflict when the meeting is closed or the member has voted."""
    session, meeting, member = action.session, meeting_of(action), int(action.data["member_id"])
    if meeting.closed_at is not None or action.now >= meeting.closes_at:
        raise Conflict(_("The vote is closed; nothing of yours was saved."))
    if answer.vote not in VOTE_WORDS:
        raise InvalidAnswer("vote", _("Choose how you vote."))
    if answer.vote == "against" and len(answer.reason) < SHORTEST_REASON:
        raise InvalidAnswer("reason", _("Say in a few words why you vote against."))
    cast = select(CommitteeVote.id).where(
        CommitteeVote.meeting_id == meeting.id, CommitteeVote.person_id == member
    )
    if session.scalar(cast) is not None:
        raise Conflict(_("This member has voted already; a vote is cast once."))
    by_hand = CommitteeVote.cast_by == action.actor.person_id
    if (
        session.scalar(select(CommitteeVote.id).where(CommitteeVote.meeting_id == meeting.id, by_hand))
        is not None
    ):
        raise Conflict(_("You have cast a vote in this meeting already; nobody makes up its number alone."))
    session.add(
        CommitteeVote(
            meeting_id=meeting.id, person_id=member, cast_by=action.actor.person_id, vote=answer.vote,
            reason=answer.reason, cast_at=action.now,
        )
    )  # fmt: skip
    session.flush()
    tally = tally_of(session, meeting.id)
    closed = is_settled(tally, len(meeting.members), meeting.quorum, meeting.majority)
    return {"vote_closed": closed}
