"""Check payment: what came of a promise."""

from typing import Any

from credit_app.facts import promises
from workflows import Action


def run(action: Action) -> dict[str, Any]:
    """Look into the ledger; sets `promise_result`."""
    return promises.look(action)
