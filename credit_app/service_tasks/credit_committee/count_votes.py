"""Count votes: the meeting is closed with its result and minutes, and the committee's decision is recorded."""

from typing import Any

from sqlalchemy import select

from credit_app.domain.authority import COMMITTEE
from credit_app.domain.committee import APPROVED, NO_QUORUM, REFUSED, result_of
from credit_app.facts.application import (
    application_of,
    limit_in_question,
    payment_method_in_question,
    terms_in_question,
)
from credit_app.facts.exposure import weigh
from credit_app.facts.meetings import minutes_of, tally_of
from credit_app.facts.receipt import keep_receipt
from credit_app.models import ApprovalDecision, CommitteeMeeting, CreditApplication, Person
from workflows import Action


def run(action: Action) -> dict[str, Any]:
    """Close the meeting. Without a quorum nothing is decided and the caller reports the gap."""
    application, session = application_of(action), action.session
    meeting = session.get_one(CommitteeMeeting, action.data["meeting_id"])
    session.refresh(meeting, ["votes"])
    tally = tally_of(session, meeting.id)
    result = result_of(tally, meeting.quorum, meeting.majority)
    voters = {person for row in meeting.votes for person in (row.person_id, row.cast_by)}
    named = select(Person.id, Person.name).where(Person.id.in_({*meeting.members, *voters}))
    names = {row.id: row.name for row in session.execute(named)}
    meeting.result, meeting.closed_at = result, action.now
    meeting.minutes = minutes_of(meeting, tally, result, names)
    if result != NO_QUORUM:
        decision = _decision(action, application, meeting, result)
        session.add(decision)
        keep_receipt(action, decision)
    return {"committee_outcome": result, "outcome": REFUSED if result == REFUSED else "open"}


def _decision(
    action: Action, application: CreditApplication, meeting: CommitteeMeeting, result: str
) -> ApprovalDecision:
    limit, terms = limit_in_question(application), terms_in_question(application)
    method, discount = payment_method_in_question(application), application.discount
    row = ApprovalDecision(
        application_id=application.id,
        round=application.round,
        level=COMMITTEE,
        decision="approve" if result == APPROVED else "refuse",
        meeting_id=meeting.id,
        limit_before=limit,
        terms_before=terms,
        payment_method_before=method,
        discount_before=discount,
        conditions_before=application.approved_conditions,
        decided_at=action.now,
        policy_on=action.today,
    )
    if result == APPROVED:
        row.limit_after, row.terms_after = limit, terms
        row.payment_method_after, row.discount_after = method, discount
        row.conditions = application.approved_conditions
        row.total_exposure = weigh(action.session, application, action.today).resulting.total
    else:  # what those who voted against wrote is the reason
        row.reason = "\n".join(vote.reason for vote in meeting.votes if vote.vote == "against")[:4000]
    return row
