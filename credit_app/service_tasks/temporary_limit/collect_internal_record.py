"""Collect record: what our own books say of the customer on the day the temporary limit is asked for."""

from credit_app.domain import status
from credit_app.facts.application import application_of
from credit_app.facts.internal_record import collect
from credit_app.facts.undoing import undo_changes
from workflows import Action

undo = undo_changes


def run(action: Action) -> None:
    """Keep the record of this round; the request then goes to approval."""
    application = application_of(action)
    collect(action)
    application.status = status.require_transition(application.status, status.IN_APPROVAL)
