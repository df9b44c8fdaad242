"""Report refusal: a level refused the contract; the drafter and those who gave an opinion are told."""

from credit_app.contracting import close
from credit_app.facts.contract_review import review_of, tell_refusal
from workflows import Action


def run(action: Action) -> None:
    """End the review as refused, with the reason of the decision."""
    review = review_of(action)
    close(action.session, review, "refused", action.today, review.outcome_note, action.actor.person_id)
    tell_refusal(action)
