"""Close as paid: nothing of what was disputed is open any more."""

from credit_app.facts import dispute_ending
from workflows import Action


def run(action: Action) -> None:
    """End the dispute."""
    dispute_ending.close_paid(action)
