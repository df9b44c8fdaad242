"""Remind approver: a write-off still waits for a decision."""

from credit_app.facts import write_off as facts_of
from workflows import Action


def run(action: Action) -> None:
    """One mail to each person who may decide."""
    found = facts_of.write_off_of(action)
    people = facts_of.eligible(action.session, found, str(action.data["level"]))
    action.mail(sorted(people), "write_off_reminder", write_off_id=found.id)
