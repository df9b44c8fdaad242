"""Book credit: the credit note was approved."""

from typing import Any

from credit_app.facts import dispute_ending
from workflows import Action


def run(action: Action) -> dict[str, Any]:
    """Credit the items, end the marks, tell the customer; sets `result`."""
    return dispute_ending.book(action)
