"""Reject dispute: what is disputed counts again."""

from typing import Any

from credit_app.facts import disputes
from workflows import Action


def run(action: Action) -> dict[str, Any]:
    """End the marks, tell the customer why; sets `result`."""
    return disputes.reject(action)
