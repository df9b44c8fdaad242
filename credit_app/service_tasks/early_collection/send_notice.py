"""Send notice: one friendly notice over all due items."""

from credit_app.facts.collection import case_of
from credit_app.facts.dunning import demand
from workflows import Action


def run(action: Action) -> None:
    """Send it, unless every due item was noticed before."""
    demand(action, case_of(action), "friendly_notice")
