"""Break extension: the new day has passed unpaid."""

from credit_app.facts import extensions
from workflows import Action


def run(action: Action) -> None:
    """End the marks, move the case up, tell the collector."""
    extensions.fail(action)
