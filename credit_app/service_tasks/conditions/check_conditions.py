"""Check conditions: does the limit depend on securities that are not confirmed yet?"""

from typing import Any

from credit_app.domain import status
from credit_app.facts.application import application_of
from credit_app.facts.securities import unconfirmed
from credit_app.facts.undoing import undo_changes
from workflows import Action

undo = undo_changes


def run(action: Action) -> dict[str, Any]:
    """With open ones the application waits for its conditions; without, they count as met."""
    application = application_of(action)
    waiting = bool(unconfirmed(action.session, application))
    if waiting:
        application.status = status.require_transition(application.status, status.WAITING)
    return {"conditions_open": waiting, "conditions_met": not waiting}
