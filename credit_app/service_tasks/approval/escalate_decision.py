"""Escalate level: a decision that did not come in time is put on record; the next level is asked after it."""

from credit_app.facts.application import application_of, limit_in_question, terms_in_question
from credit_app.facts.people import eligible, ids_with
from credit_app.models import ApprovalDecision
from workflows import Action


def run(action: Action) -> None:
    """Record that the level let its turn pass, and tell its people and the administrators."""
    application = application_of(action)
    session, level = action.session, str(action.data["level"])
    late = sorted(eligible(session, application, level))
    session.add(
        ApprovalDecision(
            application_id=application.id,
            round=application.round,
            level=level,
            decision="escalated",
            limit_before=limit_in_question(application),
            terms_before=terms_in_question(application),
            decided_at=action.now,
        )
    )
    told = [*late, *ids_with(session, "admin")]
    action.mail(told, "decision_late", application_id=application.id, level=level)
