"""Revoke release: something has happened after which nobody would have released."""

from credit_app import releases
from workflows import Action


def run(action: Action) -> None:
    """End the release with the reason, check again what is not delivered under it, tell sales."""
    releases.revoke(action)
