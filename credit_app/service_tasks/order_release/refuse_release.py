"""Report refusal: the analyst or the level has refused the release."""

from credit_app.facts import order_releases
from workflows import Action


def run(action: Action) -> None:
    """End the matter, tell sales why."""
    row = order_releases.locked(action, "asked", "in_approval")
    order_releases.end(action, row, "refused", "release_refused")
