"""Reopen extension: a payment of an extension that had been kept was taken back."""

from typing import Any

from credit_app.facts import extensions
from workflows import Action


def run(action: Action) -> dict[str, Any]:
    """Mark the items again; sets `check_at`."""
    return extensions.go_on(action)
