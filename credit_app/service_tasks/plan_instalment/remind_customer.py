"""Remind customer: an instalment is due soon."""

from credit_app.facts import plans
from workflows import Action


def run(action: Action) -> None:
    """Queue the mail."""
    plans.remind(action)
