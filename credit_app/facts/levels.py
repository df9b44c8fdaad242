"""The way of an application through the approval levels: who had their turn, who comes next."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.domain.authority import LEVELS, levels_between, next_level, stand_ins_from_policy
from credit_app.models import ApprovalDecision, CreditApplication, policy_value

APPROVALS = frozenset({"approve", "approve_with_changes"})


@dataclass(frozen=True, slots=True)
class Turns:
    """The levels of the present round: `asked` had their turn, `approved` said yes, `skipped` had nobody."""

    asked: frozenset[str]
    approved: frozenset[str]
    skipped: frozenset[str]

    def with_approval(self, level: str) -> "Turns":
        """The turns if `level` approved now."""
        return Turns(self.asked | {level}, self.approved | {level}, self.skipped)


def turns_of(session: Session, application: CreditApplication) -> Turns:
    """What the levels did in the application's present round."""
    query = select(ApprovalDecision.level, ApprovalDecision.decision).where(
        ApprovalDecision.application_id == application.id, ApprovalDecision.round == application.round
    )
    rows = session.execute(query).all()
    return Turns(
        frozenset(row.level for row in rows),
        frozenset(row.level for row in rows if row.decision in APPROVALS),
        frozenset(row.level for row in rows if row.decision == "skipped"),
    )


def stand_ins(session: Session, day: date) -> dict[str, str]:
    """Levels that do not exist yet and who decides for them."""
    return stand_ins_from_policy({"authority.stand_ins": policy_value(session, "authority.stand_ins", day)})


def all_levels(session: Session, day: date) -> tuple[str, ...]:
    """Every level there is, lowest first."""
    return levels_between(LEVELS[0], LEVELS[-1], stand_ins(session, day))


def following(session: Session, first: str, final: str, turns: Turns, day: date) -> str | None:
    """The level that decides next, None when all have; above a last level at which nobody may decide, the next."""
    level = next_level(first, final, turns.asked, turns.approved, stand_ins(session, day))
    if level in turns.skipped:
        ladder = all_levels(session, day)
        higher = ladder[ladder.index(level) + 1 :]
        return next((one for one in higher if one not in turns.skipped), level)
    return level
