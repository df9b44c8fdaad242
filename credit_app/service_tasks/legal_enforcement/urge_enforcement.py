"""Urge enforcement: the period of the title ends soon."""

from credit_app.facts import legal
from workflows import Action


def run(action: Action) -> None:
    """One mail to whoever runs the case."""
    legal.tell_counsel(action, "enforcement")
