"""Report refusal: the review ends as refused; the limit stays as it is until its last day."""

from credit_app.facts.application import application_of
from credit_app.facts.refusals import refuse
from credit_app.facts.review_people import told_of_review
from credit_app.facts.undoing import undo_changes
from workflows import Action

undo = undo_changes


def run(action: Action) -> None:
    """Close the review with the reason and tell the sales rep and the analysts."""
    application = application_of(action)
    refuse(action, application)
    people = told_of_review(action.session, application)
    action.mail(people, "review_refused", application_id=application.id)
