"""Begin plan: a payment plan was approved."""

from credit_app.facts import plans
from workflows import Action


def run(action: Action) -> None:
    """Mark the items, restart limitation, tell the customer."""
    plans.begin(action)
