"""Report refusal: a level refused the contract; the drafter and those who gave an opinion are told."""

from credit_app.facts.contract_ends import refuse
from workflows import Action


def run(action: Action) -> None:
    """End the review with the reason of the decision, and queue the mails."""
    refuse(action)
