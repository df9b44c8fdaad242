"""Open limit: the approved temporary limit holds from today until its end date, beside the permanent one."""

from typing import Any

from credit_app.facts.application import application_of
from credit_app.facts.temporary import cannot_open, ends_at, open_it
from credit_app.facts.undoing import undo_changes
from workflows import Action

undo = undo_changes


def run(action: Action) -> dict[str, Any]:
    """Open it and tell the sales rep; what came between is said, and nothing opens."""
    application = application_of(action)
    obstacle = cannot_open(action.session, application, action.today)
    if obstacle is not None:
        application.outcome_reason = obstacle
        return {"limit_opened": False}
    limit = open_it(action, application)
    action.mail(
        [application.requested_by], "temporary_opened", application_id=application.id, limit_id=limit.id
    )
    return {"limit_opened": True, "ends_at": ends_at(action.session, limit).isoformat()}
