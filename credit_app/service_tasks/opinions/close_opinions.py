"""Close opinions: what nobody answered in time is closed; how many answered goes back to the approval."""

from typing import Any

from credit_app.models import OpinionRequest
from workflows import Action


def run(action: Action) -> dict[str, Any]:
    """Close the open questions of this asking and count the answers."""
    rows = [action.session.get_one(OpinionRequest, number) for number in action.data["opinion_ids"]]
    for row in rows:
        if row.status == "open":
            row.status = "expired"
    return {"answered": sum(row.status == "answered" for row in rows)}
