"""Break plan: an instalment was missed."""

from credit_app.facts import plans
from workflows import Action


def run(action: Action) -> None:
    """End the plan, move the case up, tell the collector."""
    plans.fail(action)
