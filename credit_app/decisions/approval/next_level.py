"""Find next level: the authority matrix on the total exposure that the group would have."""

from typing import Any

from sqlalchemy import select

from credit_app.domain.authority import LEVELS, NONE, levels_between, next_level, stand_ins_from_policy
from credit_app.domain.credit_strategy import exception_kind
from credit_app.facts.application import application_of
from credit_app.facts.exposure import weigh
from credit_app.models import ApprovalDecision, policy_value
from workflows import Action

APPROVALS = ("approve", "approve_with_changes")


def inputs(action: Action) -> dict[str, Any]:
    """Total exposure (base currency), score and kind of exception for the limit in question."""
    weight = weigh(action.session, application_of(action), action.today)
    action.note(
        "exposure",
        currency=weight.currency,
        members=[
            {"customer": member.customer_id, "amount": str(member.amount), "because": member.because}
            for member in weight.resulting.members
        ],
        added_up=[other.application_id for other in weight.resulting.added_up],
        exceptions=[exception.sentence.text for exception in weight.exceptions],
    )
    return {
        "total_exposure": weight.resulting.total,
        "score": weight.score,
        "exception": exception_kind(weight.exceptions),
    }


def outputs(action: Action, row: dict[str, Any]) -> dict[str, Any]:
    """The next level that has not had its turn in this round; none left: approved."""
    application = application_of(action)
    query = select(ApprovalDecision.level, ApprovalDecision.decision).where(
        ApprovalDecision.application_id == application.id, ApprovalDecision.round == application.round
    )
    decided = action.session.execute(query).all()
    approved = {level for level, decision in decided if decision in APPROVALS}
    policy = {"authority.stand_ins": policy_value(action.session, "authority.stand_ins", action.today)}
    stand_ins = stand_ins_from_policy(policy)
    asked = {level for level, _ in decided}
    level = next_level(row["first_level"], row["final_level"], asked, approved, stand_ins)
    skipped = {one for one, decision in decided if decision == "skipped"}
    ladder = levels_between(LEVELS[0], LEVELS[-1], stand_ins)
    if level in skipped:  # nobody may decide at the last level asked for: the next one above decides
        level = next((one for one in ladder[ladder.index(level) + 1 :] if one not in skipped), level)
    return {
        "level": level or NONE,
        "highest_level": ladder[-1],
        "outcome": "open" if level else "approved",
    }
