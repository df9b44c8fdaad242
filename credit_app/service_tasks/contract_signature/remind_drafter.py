"""Remind drafter: the other side's signed copy has not come."""

from credit_app.facts.contract_cases import drafter, review_of
from workflows import Action


def run(action: Action) -> None:
    """Queue the mail."""
    review = review_of(action)
    action.mail([drafter(review)], "contract_copy_missing", review_id=review.id)
