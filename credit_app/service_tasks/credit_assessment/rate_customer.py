"""Rate customer: by the model for it, with every point, cap and doubt kept; an analyst confirms it next."""

from credit_app.facts.rating import rate
from credit_app.facts.undoing import undo_changes
from workflows import Action

undo = undo_changes


def run(action: Action) -> None:
    """Keep the rating of the system."""
    rate(action)
