"""Meetings of the credit committee: their ballots, counted by the database, and their minutes as sentences."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from credit_app.domain.committee import (
    ABSTAIN,
    AGAINST,
    APPROVED,
    FOR,
    NO_QUORUM,
    REFUSED,
    CommitteePolicy,
    Tally,
)
from credit_app.domain.sentences import N_, Sentence
from credit_app.models import (
    ApprovalDecision,
    CommitteeMeeting,
    CommitteeVote,
    CreditApplication,
    policy_values,
)


def committee_policy(session: Session, day: date) -> CommitteePolicy:
    """The rules of the vote that hold on that day."""
    return CommitteePolicy.from_policy(policy_values(session, day))


def meetings_of(session: Session, application: CreditApplication) -> Sequence[CommitteeMeeting]:
    """The meetings of the present round since it was last sent back, in their order."""
    decision, meeting = ApprovalDecision, CommitteeMeeting
    sent_back = (
        select(func.max(decision.decided_at))
        .where(
            decision.application_id == application.id,
            decision.round == application.round,
            decision.decision == "send_back",
            decision.retracted_at.is_(None),
        )
        .scalar_subquery()
    )
    query = select(meeting).where(
        meeting.application_id == application.id,
        meeting.round == application.round,
        meeting.opened_at >= func.coalesce(sent_back, meeting.opened_at),
    )
    return session.scalars(query.order_by(meeting.id)).all()


def is_convened_anew(session: Session, application: CreditApplication, day: date) -> bool:
    """Whether a committee that had no quorum meets once more: it had the members, and not too many attempts."""
    failed = [row for row in meetings_of(session, application) if row.result == NO_QUORUM]
    could_meet = bool(failed) and len(failed[-1].members) >= failed[-1].quorum
    return could_meet and len(failed) < committee_policy(session, day).most_meetings


def tally_of(session: Session, meeting_id: int) -> Tally:
    """The ballots so far, counted in the database."""
    vote = CommitteeVote.vote
    query = select(
        func.count().filter(vote == FOR),
        func.count().filter(vote == AGAINST),
        func.count().filter(vote == ABSTAIN),
    ).where(CommitteeVote.meeting_id == meeting_id)
    return Tally(*session.execute(query).one())


RESULTS = {
    APPROVED: N_(
        "The committee approved the application with %(in_favour)s votes for and %(against)s against."
    ),
    REFUSED: N_(
        "The committee refused the application with %(in_favour)s votes for and %(against)s against."
    ),
    NO_QUORUM: N_(
        "The meeting had no quorum: %(cast)s of %(members)s members voted, %(quorum)s were needed."
    ),
}
VOTED = {
    FOR: N_("%(name)s voted for."),
    AGAINST: N_("%(name)s voted against."),
    ABSTAIN: N_("%(name)s abstained."),
}
VOTED_FOR_ANOTHER = {
    FOR: N_("%(by_name)s voted for on behalf of %(name)s."),
    AGAINST: N_("%(by_name)s voted against on behalf of %(name)s."),
    ABSTAIN: N_("%(by_name)s abstained on behalf of %(name)s."),
}
SILENT = N_("%(name)s did not vote.")


def minutes_of(
    meeting: CommitteeMeeting, tally: Tally, result: str, names: dict[int, str]
) -> list[dict[str, Any]]:
    """The minutes: the result, then each member's ballot with its reason. Kept as code, template and values."""
    values = {"in_favour": tally.in_favour, "against": tally.against, "abstained": tally.abstained}
    values |= {"cast": tally.cast, "members": len(meeting.members), "quorum": meeting.quorum}
    lines = [_line(Sentence(f"committee.{result}", RESULTS[result], values))]
    ballots = {row.person_id: row for row in meeting.votes}
    for member in meeting.members:
        row, known = ballots.get(member), {"name": names.get(member, "")}
        if row is None:
            lines.append(_line(Sentence("committee.silent", SILENT, known)))
        elif row.cast_by == member:
            lines.append(_line(Sentence(f"committee.{row.vote}", VOTED[row.vote], known), row.reason))
        else:
            both = known | {"by_name": names.get(row.cast_by, "")}
            sentence = Sentence(f"committee.{row.vote}_on_behalf", VOTED_FOR_ANOTHER[row.vote], both)
            lines.append(_line(sentence, row.reason))
    return lines


def _line(sentence: Sentence, reason: str = "") -> dict[str, Any]:
    return {
        "code": sentence.code,
        "text": sentence.text,
        "template": sentence.template,
        "values": dict(sentence.values),
        "reason": reason,
    }
