"""Put under review: from now on the version stands; the areas that look at it are told."""

from typing import Any

from credit_app.facts import contract_review
from workflows import Action


def run(action: Action) -> dict[str, Any]:
    """Set `for_credit`, `for_finance`, `for_legal`, `for_delivery`: yes or no."""
    return contract_review.put_under_review(action)
