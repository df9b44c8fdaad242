"""Report refusal: the request ends as refused, and the sales rep learns why."""

from credit_app.facts.application import application_of
from credit_app.facts.refusals import refuse
from credit_app.facts.undoing import undo_changes
from workflows import Action

undo = undo_changes


def run(action: Action) -> None:
    """Close the request with the reason: a level's, a missing security's, or what came between."""
    application = application_of(action)
    refuse(action, application)
    action.mail([application.requested_by], "application_refused", application_id=application.id)
