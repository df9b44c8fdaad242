"""Find owner: whose dispute it is by its reason."""

from typing import Any

from credit_app.facts import dispute_investigation
from workflows import Action


def run(action: Action) -> dict[str, Any]:
    """Ask the policy; sets `owner_role`, `remind_at`, `escalate_at`."""
    return dispute_investigation.find_owner(action)
