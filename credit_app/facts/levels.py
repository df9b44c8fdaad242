"""The way of an application through the approval levels: who had their turn, who comes next."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from credit_app.domain.authority import (
    COMMITTEE,
    LEVELS,
    PERSON_LEVELS,
    levels_between,
    next_level,
    stand_ins_from_policy,
)
from credit_app.models import ApprovalDecision, CreditApplication, policy_value
from credit_app.models.once import once

APPROVALS = frozenset({"approve", "approve_with_changes"})
HIGHEST_PERSON = PERSON_LEVELS[-1]


@dataclass(frozen=True, slots=True)
class Turns:
    """The levels of the present turn: `asked` had theirs, `approved` said yes, `skipped` had nobody, `late` let it
    pass. `committee_failed`: it could not meet, so that the highest single level decides in its place."""

    asked: frozenset[str]
    approved: frozenset[str]
    skipped: frozenset[str]
    late: frozenset[str] = frozenset()
    committee_failed: bool = False

    def with_approval(self, level: str) -> "Turns":
        """The turns if `level` approved now."""
        return replace(self, asked=self.asked | {level}, approved=self.approved | {level})


@once
def rows_in_force(session: Session, application: CreditApplication) -> Sequence[ApprovalDecision]:
    """What was decided in the present round since it was last sent back; nothing that was taken back."""
    row = ApprovalDecision
    of_round = (
        row.application_id == application.id,
        row.round == application.round,
        row.retracted_at.is_(None),
    )
    sent_back = select(func.max(row.id)).where(*of_round, row.decision == "send_back").scalar_subquery()
    query = select(row).where(*of_round, row.id > func.coalesce(sent_back, 0)).order_by(row.id)
    return session.scalars(query).all()


def turns_of(session: Session, application: CreditApplication) -> Turns:
    """What the levels did; an added approver decides beside them and counts as none."""
    rows = [row for row in rows_in_force(session, application) if not row.is_added]
    failed = next((row for row in rows if row.level == COMMITTEE and row.decision == "skipped"), None)
    if (
        failed is not None
    ):  # the highest single level decides in the committee's place, whatever it said before
        rows = [row for row in rows if row.level != HIGHEST_PERSON or row.id > failed.id]
    return Turns(
        frozenset(row.level for row in rows),
        frozenset(row.level for row in rows if row.decision in APPROVALS),
        frozenset(row.level for row in rows if row.decision == "skipped"),
        frozenset(row.level for row in rows if row.decision == "escalated"),
        failed is not None,
    )


def stand_ins(session: Session, day: date) -> dict[str, str]:
    """Levels that the company does not have and who decides for them."""
    return stand_ins_from_policy({"authority.stand_ins": policy_value(session, "authority.stand_ins", day)})


def all_levels(session: Session, day: date) -> tuple[str, ...]:
    """Every level at which one person decides, lowest first."""
    ladder = levels_between(LEVELS[0], LEVELS[-1], stand_ins(session, day))
    return tuple(level for level in ladder if level != COMMITTEE)


def following(
    session: Session, first: str, final: str, turns: Turns, day: date, has_committee: bool = True
) -> str | None:
    """The level that decides next, None when all have.

    Above a last level at which nobody may decide, or nobody did in time, the next higher one; when all had their
    turn, the highest that has somebody is asked again. Without a committee (an older version of the process, or
    one that could not meet) the highest single level decides in its place.
    """
    by = stand_ins(session, day)
    if turns.committee_failed or not has_committee:
        by = {COMMITTEE: HIGHEST_PERSON} | by
    level = next_level(first, final, turns.asked, turns.approved, by)
    if level is None or level not in turns.skipped | turns.late:
        return level
    ladder = all_levels(session, day)
    upward = ladder[ladder.index(level) :]
    fresh = [one for one in upward if one not in turns.skipped | turns.late]
    return next(iter(fresh), next((one for one in reversed(upward) if one not in turns.skipped), level))
