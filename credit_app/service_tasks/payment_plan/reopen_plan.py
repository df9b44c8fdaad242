"""Reopen plan: a payment of a completed payment plan was taken back."""

from credit_app.facts import plans
from workflows import Action


def run(action: Action) -> None:
    """Mark the items again."""
    plans.go_on(action)
