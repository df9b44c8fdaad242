"""Report gap: nobody of a level may decide, so the level is skipped on the record and administrators are told."""

from credit_app.facts.application import application_of, limit_in_question, terms_in_question
from credit_app.facts.people import ids_with
from credit_app.models import ApprovalDecision
from workflows import Action


def run(action: Action) -> None:
    """Record the skipped level; a skip never counts as an approval."""
    application = application_of(action)
    level = str(action.data["level"])
    action.session.add(
        ApprovalDecision(
            application_id=application.id,
            round=application.round,
            level=level,
            decision="skipped",
            limit_before=limit_in_question(application),
            terms_before=terms_in_question(application),
            decided_at=action.now,
        )
    )
    action.mail(ids_with(action.session, "admin"), "no_approver", application_id=application.id, level=level)
