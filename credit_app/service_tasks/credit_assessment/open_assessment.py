"""Open assessment: the application is under investigation; its round has a record of our own books."""

from credit_app.domain import status
from credit_app.facts.application import application_of
from credit_app.facts.internal_record import collect, is_collected
from credit_app.facts.investigations import open_investigation
from credit_app.facts.undoing import undo_changes
from workflows import Action

undo = undo_changes


def run(action: Action) -> None:
    """A later round collects our own figures anew: they may have changed since the last one."""
    application = application_of(action)
    if application.status != status.UNDER_INVESTIGATION:
        application.status = status.require_transition(application.status, status.UNDER_INVESTIGATION)
    if not is_collected(action):
        collect(action)
    if action.data.get("start_at") == "investigation":
        open_investigation(action, application)
