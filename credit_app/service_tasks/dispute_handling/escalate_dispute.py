"""Escalate dispute: the deadline is over."""

from credit_app.facts import disputes
from workflows import Action


def run(action: Action) -> None:
    """Tell those who lead the owner."""
    disputes.escalate(action)
