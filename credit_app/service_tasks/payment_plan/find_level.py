"""Find level: who decides on a payment plan."""

from typing import Any

from credit_app.facts import plans
from workflows import Action


def run(action: Action) -> dict[str, Any]:
    """Ask the policy; sets `level`."""
    return plans.level(action)
