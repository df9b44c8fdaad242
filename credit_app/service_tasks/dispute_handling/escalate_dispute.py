"""Escalate dispute: the deadline is over."""

from credit_app.facts import dispute_investigation
from workflows import Action


def run(action: Action) -> None:
    """Tell those who lead the owner."""
    dispute_investigation.escalate(action)
