"""Open limit: what was approved becomes the customer's limit, with its validity and review date."""

from credit_app.facts.granting import grant
from credit_app.facts.undoing import undo_changes
from workflows import Action

undo = undo_changes


def run(action: Action) -> None:
    """Open the limit, close the application as granted and tell the sales rep."""
    grant(action)
