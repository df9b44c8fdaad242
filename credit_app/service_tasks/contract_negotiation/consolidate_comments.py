"""Consolidate: what the areas ask, by clause; the drafter is told where something is open."""

from typing import Any

from credit_app.facts import contract_review
from workflows import Action


def run(action: Action) -> dict[str, Any]:
    """Set `outcome`: open or agreed."""
    return contract_review.consolidate(action)
