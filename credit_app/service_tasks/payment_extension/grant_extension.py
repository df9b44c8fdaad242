"""Grant extension: a payment extension was approved."""

from typing import Any

from credit_app.facts import extensions
from workflows import Action


def run(action: Action) -> dict[str, Any]:
    """Mark the items, tell the customer; sets `check_at`."""
    return extensions.grant(action)
