"""Remind again: an instalment has not come."""

from credit_app.facts import plans
from workflows import Action


def run(action: Action) -> None:
    """Queue the one reminder of it."""
    plans.remind_late(action)
