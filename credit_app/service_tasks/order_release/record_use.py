"""Record use: what was released is delivered."""

from credit_app import releases
from workflows import Action


def run(action: Action) -> None:
    """End the release, tell sales."""
    releases.close(action, "used")
