"""Take instalment: what came so far, and which instalment is waited for next."""

from typing import Any

from credit_app.facts import plans
from workflows import Action


def run(action: Action) -> dict[str, Any]:
    """Note what is paid; sets `instalment_open` and the days."""
    return plans.await_next(action)
