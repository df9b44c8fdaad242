"""Record release: it was approved and is in force."""

from typing import Any

from credit_app import releases
from workflows import Action


def run(action: Action) -> dict[str, Any]:
    """Check the order under it, tell sales; sets `expires_at`."""
    return releases.put_in_force(action)
