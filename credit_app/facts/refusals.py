"""Why an application ends refused: the level's reason, a security that was not given, or what came between."""

from sqlalchemy import select

from credit_app.domain import status
from credit_app.models import ApprovalDecision, CreditApplication
from workflows import Action

BY_VOTE = "Refused by the vote of the credit committee; the minutes say why."


def refuse(action: Action, application: CreditApplication) -> None:
    """Close the application with its reason. What a step has written as the reason before stands."""
    application.outcome_reason = _of_level(action, application) or application.outcome_reason or BY_VOTE
    application.status = status.require_transition(application.status, status.REFUSED)
    application.decided_at = action.now


def _of_level(action: Action, application: CreditApplication) -> str | None:
    query = (
        select(ApprovalDecision.reason)
        .where(
            ApprovalDecision.application_id == application.id,
            ApprovalDecision.round == application.round,
            ApprovalDecision.decision == "refuse",
            ApprovalDecision.retracted_at.is_(None),
        )
        .order_by(ApprovalDecision.id.desc())
        .limit(1)
    )
    return action.session.scalar(query)
