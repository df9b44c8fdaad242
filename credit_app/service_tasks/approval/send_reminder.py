"""Send reminder: those who may decide are reminded that a decision waits."""

from credit_app.facts.application import application_of
from credit_app.facts.people import eligible
from workflows import Action


def run(action: Action) -> None:
    """One mail to each person who may decide at the level."""
    application = application_of(action)
    level = str(action.data["level"])
    people = eligible(action.session, application, level)
    action.mail(sorted(people), "decision_reminder", application_id=application.id, level=level)
