"""Remind visitor: the day before a visit, where to go and what to bring."""

from credit_app.facts.visits import visit_of
from workflows import Action


def run(action: Action) -> None:
    """Queue the mail."""
    visit = visit_of(action)
    people = [visit.visitor_id] if visit.visitor_id is not None else []
    action.mail(people, "visit_reminder", visit_id=visit.id)
