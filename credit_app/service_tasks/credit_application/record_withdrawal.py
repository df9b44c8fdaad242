"""Record withdrawal: the application ends as withdrawn; those who were about to decide are told."""

from credit_app.domain import status
from credit_app.facts.application import application_of
from credit_app.facts.people import eligible
from workflows import Action


def run(action: Action) -> None:
    """Close the application; a submitted one is reported to the level that it was waiting for, or to its analyst."""
    application = application_of(action)
    waiting, assessed = application.status == status.IN_APPROVAL, application.proposed_by
    under_way = application.status in (status.UNDER_INVESTIGATION, status.WAITING)
    application.status = status.require_transition(application.status, status.WITHDRAWN)
    application.decided_at = action.now
    level = action.data.get("withdrawn_from")
    if waiting and isinstance(level, str):
        people = eligible(action.session, application, level)
        action.mail(sorted(people), "application_withdrawn", application_id=application.id)
    elif under_way and assessed is not None:
        action.mail([assessed], "application_withdrawn", application_id=application.id)
