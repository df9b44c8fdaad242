"""Report refusal: a payment plan was refused."""

from credit_app.facts import plans
from workflows import Action


def run(action: Action) -> None:
    """Let go of the items, tell whoever asked."""
    plans.refuse(action)
