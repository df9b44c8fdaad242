"""Mark items: collection pauses for what was promised, until it is looked at."""

from typing import Any

from credit_app.facts import promises
from workflows import Action


def run(action: Action) -> dict[str, Any]:
    """Mark the items, note the contact; sets `check_at`."""
    return promises.begin(action)
