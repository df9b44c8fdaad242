"""Return application: back to the sales rep or to the credit analyst, as whoever sent it back has said."""

from typing import Any

from credit_app.domain import status
from credit_app.facts.application import application_of
from credit_app.facts.undoing import undo_changes
from workflows import Action

ENTRY = "entry"

undo = undo_changes


def run(action: Action) -> dict[str, Any]:
    """What was decided about the figures no longer holds; a return to the analyst begins a new round."""
    application = application_of(action)
    rework_to = application.rework_to or ENTRY
    application.approved_limit = application.approved_terms_days = application.approved_conditions = None
    application.approved_payment_method = application.discount = None
    if rework_to == ENTRY:
        if application.status != status.SENT_BACK:
            application.status = status.require_transition(application.status, status.SENT_BACK)
            action.mail([application.requested_by], "application_sent_back", application_id=application.id)
    else:
        application.round += 1
    application.rework_to = None
    action.note("returned", to=rework_to)
    return {"rework_to": rework_to, "start_at": rework_to if rework_to != ENTRY else "investigation"}
