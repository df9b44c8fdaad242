"""Propose limit, as the first version of the process does: the proposal goes to approval without an analyst."""

from credit_app.domain import status
from credit_app.facts.application import application_of
from credit_app.facts.proposal import propose
from workflows import Action

RETIRED = "since version 2 of the credit application; the credit assessment proposes"


def run(action: Action) -> None:
    """Keep one row a method and the proposal; the application then goes to approval."""
    propose(action)
    application = application_of(action)
    application.status = status.require_transition(application.status, status.IN_APPROVAL)
