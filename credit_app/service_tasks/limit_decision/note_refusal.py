"""Note refusal: a security that the limit depends on was not given, so what was approved does not come about."""

from typing import Any

from credit_app.facts.undoing import undo_changes
from workflows import Action

undo = undo_changes


def run(action: Action) -> dict[str, Any]:
    """The outcome becomes a refusal; its reason stands with the security that is missing."""
    action.note("security_missing")
    return {"outcome": "refused"}
