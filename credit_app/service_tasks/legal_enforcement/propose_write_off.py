"""Propose write-off: what is still open of the claim will not be had at law."""

from credit_app.facts import legal
from workflows import Action


def run(action: Action) -> None:
    """Credit managers are told, and a write-off begins."""
    legal.propose_write_off(action)
