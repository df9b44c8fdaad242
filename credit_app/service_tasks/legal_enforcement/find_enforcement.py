"""Find place: where the enforcement of a title stands."""

from credit_app.facts import legal_enforcement
from workflows import Action


def run(action: Action) -> dict[str, str]:
    """With the day for the timer."""
    return legal_enforcement.begin(action)
