"""Record withdrawal: the review has ended; those who took part are told."""

from credit_app.facts.contract_cases import review_of, took_part
from workflows import Action


def run(action: Action) -> None:
    """Queue the mails; whoever withdrew knows."""
    review = review_of(action)
    people = took_part(action.session, review, less=(action.actor.person_id,))
    action.mail(people, "contract_withdrawn", review_id=review.id)
