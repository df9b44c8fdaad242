"""Pause parts: what is disputed pauses collection."""

from credit_app.facts import disputes
from workflows import Action


def run(action: Action) -> None:
    """Mark the disputed parts."""
    disputes.pause(action)
