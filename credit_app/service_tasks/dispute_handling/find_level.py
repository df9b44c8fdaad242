"""Find level: who decides on the credit note."""

from typing import Any

from credit_app.facts import dispute_decision
from workflows import Action


def run(action: Action) -> dict[str, Any]:
    """Ask the policy; sets `level`."""
    return dispute_decision.level(action)
