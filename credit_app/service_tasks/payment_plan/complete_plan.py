"""Complete plan: all of it is paid."""

from credit_app.facts import plans
from workflows import Action


def run(action: Action) -> None:
    """End the plan."""
    plans.complete(action)
