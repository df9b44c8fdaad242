"""Record passing: the order is not on hold any more, without this release."""

from credit_app.facts import order_releases
from credit_app.models.orders import WAITING_RELEASES
from workflows import Action


def run(action: Action) -> None:
    """End the matter, tell sales."""
    row = order_releases.locked(action, *WAITING_RELEASES)
    order_releases.end(action, row, "lifted")
