"""Report refusal: the application ends as refused, and the sales rep learns why."""

from sqlalchemy import select

from credit_app.domain import status
from credit_app.facts.application import application_of
from credit_app.facts.undoing import undo_changes
from credit_app.models import ApprovalDecision, CreditApplication
from workflows import Action

undo = undo_changes


def run(action: Action) -> None:
    """Close the application with the reason of the level that refused it, or with why a condition was not met."""
    application = application_of(action)
    if application.status != status.WAITING:
        application.outcome_reason = reason_of_refusal(action, application)
    application.status = status.require_transition(application.status, status.REFUSED)
    application.decided_at = action.now
    action.mail([application.requested_by], "application_refused", application_id=application.id)


def reason_of_refusal(action: Action, application: CreditApplication) -> str:
    """What the level that refused wrote."""
    query = (
        select(ApprovalDecision.reason)
        .where(
            ApprovalDecision.application_id == application.id,
            ApprovalDecision.round == application.round,
            ApprovalDecision.decision == "refuse",
        )
        .order_by(ApprovalDecision.id.desc())
        .limit(1)
    )
    return str(action.session.execute(query).scalar_one())
