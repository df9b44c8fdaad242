"""Propose write-off: what is still open of the claim will not be had at law."""

from credit_app.facts import legal
from workflows import Action


def run(action: Action) -> None:
    """Credit managers are told, and the process of write-offs is asked for where there is one."""
    legal.propose_write_off(action)
