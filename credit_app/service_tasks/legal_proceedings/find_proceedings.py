"""Find place: where the proceedings of a case stand."""

from credit_app.facts import legal_proceedings
from workflows import Action


def run(action: Action) -> dict[str, str]:
    """With the days for the timers."""
    return legal_proceedings.begin(action)
