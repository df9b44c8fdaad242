"""Find level: who decides on a payment extension."""

from typing import Any

from credit_app.facts import extensions
from workflows import Action


def run(action: Action) -> dict[str, Any]:
    """Ask the policy; sets `level`."""
    return extensions.level(action)
