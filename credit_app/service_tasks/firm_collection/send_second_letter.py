"""Send second letter: one letter with interest over all due items."""

from credit_app.facts.collection import case_of
from credit_app.facts.dunning import demand
from workflows import Action


def run(action: Action) -> None:
    """Send it, unless a second letter has demanded every due item before."""
    demand(action, case_of(action), "letter_2")
