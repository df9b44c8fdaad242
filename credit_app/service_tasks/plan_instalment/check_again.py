"""Check again: whether a late instalment has come."""

from typing import Any

from credit_app.facts import plans
from workflows import Action


def run(action: Action) -> dict[str, Any]:
    """Look into the ledger; sets `missed`."""
    return plans.check(action)
