"""Remind owner: the dispute waits."""

from credit_app.facts import disputes
from workflows import Action


def run(action: Action) -> None:
    """Queue the reminder."""
    disputes.remind(action)
