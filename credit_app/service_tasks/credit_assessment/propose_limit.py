"""Propose limit: every method side by side with its inputs; the lowest that applies is proposed."""

from credit_app.facts.proposal import propose
from credit_app.facts.undoing import undo_changes
from workflows import Action

undo = undo_changes


def run(action: Action) -> None:
    """Keep one row a method and the proposal, for the analyst to argue with."""
    propose(action)
