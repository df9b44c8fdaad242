"""Check payment: whether an extended debt was paid."""

from typing import Any

from credit_app.facts import extensions
from workflows import Action


def run(action: Action) -> dict[str, Any]:
    """Look into the ledger; sets `paid`."""
    return extensions.look(action)
