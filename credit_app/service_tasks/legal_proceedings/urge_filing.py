"""Urge filing: the claim has to be filed soon."""

from credit_app.facts import legal
from workflows import Action


def run(action: Action) -> None:
    """One mail to whoever runs the case."""
    legal.tell_counsel(action, "filing")
