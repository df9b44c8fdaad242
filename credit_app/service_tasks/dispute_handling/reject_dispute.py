"""Reject dispute: what is disputed counts again."""

from typing import Any

from credit_app.facts import dispute_ending
from workflows import Action


def run(action: Action) -> dict[str, Any]:
    """End the marks, tell the customer why; sets `result`."""
    return dispute_ending.reject(action)
