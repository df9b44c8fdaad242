"""Request credit: the review waits for a credit application, which the worker starts unless one is under way."""

from typing import Any

from credit_app.facts.contract_cases import review_of
from credit_app.facts.deadlines import due_after
from workflows import Action


def run(action: Action) -> dict[str, Any]:
    """Ask for the application and set when it is chased."""
    review = review_of(action)
    action.start_process("credit_application", review_id=review.id)
    return {
        "chase_at": due_after(action.session, action.now, action.today, "contract.chase_days").isoformat()
    }
