"""Report refusal: a payment extension was refused."""

from credit_app.facts import extensions
from workflows import Action


def run(action: Action) -> None:
    """Let go of the items, tell whoever asked."""
    extensions.refuse(action)
