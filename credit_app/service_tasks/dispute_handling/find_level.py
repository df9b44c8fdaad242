"""Find level: who decides on the credit note."""

from typing import Any

from credit_app.facts import disputes
from workflows import Action


def run(action: Action) -> dict[str, Any]:
    """Ask the policy; sets `level`."""
    return disputes.level(action)
