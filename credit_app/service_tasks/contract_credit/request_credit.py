"""Request credit: the review waits for a credit application, which the worker starts unless one is under way."""

from typing import Any

from credit_app.facts.contract_cases import drafter, review_of
from credit_app.facts.contract_credit import asking
from credit_app.facts.deadlines import due_after
from workflows import Action


def run(action: Action) -> dict[str, Any]:
    """Ask for the application, tell the drafter and whoever submits it, and set when it is chased."""
    review = review_of(action)
    action.start_process("credit_application", review_id=review.id)
    people = sorted({drafter(review), asking(action.session, review)})
    action.mail(people, "contract_credit_wanted", review_id=review.id)
    return {
        "chase_at": due_after(action.session, action.now, action.today, "contract.chase_days").isoformat()
    }
