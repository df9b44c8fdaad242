"""Note silence: an added approver did not answer in time; the case returns to the level, on record."""

from typing import Any

from credit_app.facts.application import application_of, limit_in_question, terms_in_question
from credit_app.models import AddedApprover, ApprovalDecision
from workflows import Action


def run(action: Action) -> dict[str, Any]:
    """Record that nobody answered; silence is no approval and replaces none."""
    application, row = application_of(action), action.session.get_one(AddedApprover, action.data["added_id"])
    action.session.add(
        ApprovalDecision(
            application_id=application.id,
            round=application.round,
            level=row.role,
            decision="escalated",
            is_added=True,
            limit_before=limit_in_question(application),
            terms_before=terms_in_question(application),
            decided_at=action.now,
        )
    )
    action.mail([row.person_id, row.added_by], "added_approver_silent", application_id=application.id)
    return {"added_outcome": "silent", "outcome": "open"}
