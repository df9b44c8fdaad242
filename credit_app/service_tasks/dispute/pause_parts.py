"""Pause parts: what is disputed pauses collection."""

from credit_app.facts import dispute_marks
from workflows import Action


def run(action: Action) -> None:
    """Mark the disputed parts."""
    dispute_marks.pause(action)
