"""Remind owner: the dispute waits."""

from credit_app.facts import dispute_investigation
from workflows import Action


def run(action: Action) -> None:
    """Queue the reminder."""
    dispute_investigation.remind(action)
