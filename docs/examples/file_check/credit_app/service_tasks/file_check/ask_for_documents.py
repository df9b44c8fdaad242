"""Ask for documents: the sales rep learns that documents are missing."""

from credit_app.facts.application import application_of
from workflows import Action


def run(action: Action) -> None:
    """One mail to the requester; it leaves when the transaction has committed."""
    application = application_of(action)
    action.mail([application.requested_by], "documents_missing", application_id=application.id)
