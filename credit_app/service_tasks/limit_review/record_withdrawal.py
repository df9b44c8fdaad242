"""Record cancelling: the review ends without a result; those who worked on it are told."""

from credit_app.domain import status
from credit_app.facts.application import application_of
from credit_app.facts.review_people import told_of_review
from workflows import Action


def run(action: Action) -> None:
    """Close the review; the limit stays as it is. The reason stands on the application."""
    application = application_of(action)
    application.status = status.require_transition(application.status, status.WITHDRAWN)
    application.decided_at = action.now
    people = told_of_review(action.session, application)
    action.mail(people, "review_cancelled", application_id=application.id)
