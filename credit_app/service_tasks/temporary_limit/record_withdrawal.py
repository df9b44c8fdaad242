"""Record withdrawal: the request ends as withdrawn; those who were about to decide are told."""

from credit_app.domain import status
from credit_app.facts.application import application_of
from credit_app.facts.people import eligible
from workflows import Action


def run(action: Action) -> None:
    """Close the request; one in approval is reported to the level that it was waiting for."""
    application = application_of(action)
    waiting = application.status == status.IN_APPROVAL
    application.status = status.require_transition(application.status, status.WITHDRAWN)
    application.decided_at = action.now
    level = action.data.get("withdrawn_from")
    if waiting and isinstance(level, str):
        people = eligible(action.session, application, level)
        action.mail(sorted(people), "application_withdrawn", application_id=application.id)
