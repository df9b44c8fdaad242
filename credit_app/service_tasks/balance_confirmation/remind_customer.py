"""Remind customer: the balance still waits to be confirmed, with a last day to answer."""

from credit_app.facts.confirmation import remind
from workflows import Action


def run(action: Action) -> None:
    """Queue the reminder, unless the answer is in."""
    remind(action)
