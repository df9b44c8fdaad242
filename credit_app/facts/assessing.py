"""Who assesses an application, and by when."""

from credit_app.facts.application import application_of
from credit_app.facts.deadlines import due_after
from workflows import Action, Assignment


def analysts(action: Action, policy_key: str) -> Assignment:
    """The credit analysts of the customer's branch, less those who asked for the credit; due as policy says."""
    application = application_of(action)
    due = due_after(action.session, action.now, action.today, policy_key)
    asked = tuple(sorted({application.requested_by, *application.drafted_by}))
    return Assignment("credit_analyst", application.branch_id, due, asked)
