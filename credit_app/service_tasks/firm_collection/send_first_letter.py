"""Send first letter: one letter over all due items; the sales rep is told."""

from credit_app.facts.collection import case_of
from credit_app.facts.dunning import demand
from workflows import Action


def run(action: Action) -> None:
    """Send it, unless a letter has demanded every due item before."""
    demand(action, case_of(action), "letter_1")
