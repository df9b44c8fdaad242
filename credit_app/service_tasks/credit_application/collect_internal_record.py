"""Collect internal record: what our own books say of the customer on the day of submission."""

from typing import Any

from credit_app.facts.internal_record import collect
from workflows import Action


def run(action: Action) -> dict[str, Any]:
    """Keep the record of this round; where an assessment is needed, it begins with the investigation."""
    collect(action)
    return {"start_at": "investigation"}
