"""Report gap: nobody of a level may decide, so the level is skipped on the record and administrators are told."""

from credit_app.domain.authority import COMMITTEE
from credit_app.facts.application import application_of, limit_in_question, terms_in_question
from credit_app.facts.meetings import is_convened_anew
from credit_app.facts.people import ids_with
from credit_app.facts.undoing import undo_changes
from credit_app.models import ApprovalDecision
from workflows import Action

undo = undo_changes


def run(action: Action) -> None:
    """Record the skipped level; a skip never counts as an approval. A committee is convened anew first."""
    application = application_of(action)
    session, level = action.session, str(action.data["level"])
    template = "no_quorum" if level == COMMITTEE else "no_approver"
    action.mail(ids_with(session, "admin"), template, application_id=application.id, level=level)
    if level == COMMITTEE and is_convened_anew(session, application, action.today):
        return
    session.add(
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
