"""Break promise: the collection case moves up."""

from credit_app.facts import promises
from workflows import Action


def run(action: Action) -> None:
    """End the marks, move the case up, tell the collector."""
    promises.fail(action)
