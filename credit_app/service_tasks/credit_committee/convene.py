"""Convene meeting: who votes, by when, and how many ballots it takes; with too few members it is not held."""

from typing import Any

from credit_app.domain.authority import COMMITTEE
from credit_app.domain.committee import NO_QUORUM, Tally
from credit_app.domain.dates import BusinessCalendar
from credit_app.facts.application import application_of
from credit_app.facts.meetings import committee_policy, minutes_of
from credit_app.facts.people import eligible, ids_with
from credit_app.facts.undoing import undo_changes
from credit_app.models import CommitteeMeeting, Person, holidays, policy_values, the_company
from workflows import Action

undo = undo_changes


def run(action: Action) -> dict[str, Any]:
    """Open a meeting of everybody with a seat who may decide; fix quorum, majority and deadline."""
    application, session = application_of(action), action.session
    policy = committee_policy(session, action.today)
    members = sorted(eligible(session, application, COMMITTEE, action))
    quorum = policy.quorum_of(len(ids_with(session, COMMITTEE, application.branch_id)))
    calendar = BusinessCalendar.from_policy(policy_values(session, action.today), holidays(session))
    closes = calendar.add_business_days(action.now, policy.vote_days, the_company(session).time_zone)
    enough = len(members) >= quorum
    meeting = CommitteeMeeting(
        application_id=application.id,
        round=application.round,
        members=members,
        quorum=quorum,
        majority=policy.majority,
        opened_at=action.now,
        closes_at=closes if enough else action.now,
    )
    session.add(meeting)
    session.flush()
    if enough:
        action.mail(members, "vote_needed", application_id=application.id)
    else:
        names = {number: session.get_one(Person, number).name for number in members}
        meeting.closed_at, meeting.result = action.now, NO_QUORUM
        meeting.minutes = minutes_of(meeting, Tally(0, 0, 0), NO_QUORUM, names)
    return {
        "committee_outcome": "open" if enough else NO_QUORUM,
        "outcome": "open",
        "meeting_id": meeting.id,
        "member_ids": members,
        "vote_due_at": closes.isoformat(),
        "vote_closed": False,
    }
