"""Close as paid: nothing of what was disputed is open any more."""

from credit_app.facts import disputes
from workflows import Action


def run(action: Action) -> None:
    """End the dispute."""
    disputes.close_paid(action)
