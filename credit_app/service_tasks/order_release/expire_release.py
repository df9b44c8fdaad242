"""Expire release: its last day is over."""

from credit_app import releases
from workflows import Action


def run(action: Action) -> None:
    """End the release, check again what is not delivered under it, tell sales."""
    releases.close(action, "expired")
