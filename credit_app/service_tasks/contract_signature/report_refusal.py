"""Report refusal: the contract is not signed; whoever took part is told why."""

from credit_app.facts.contract_ends import refuse
from workflows import Action


def run(action: Action) -> None:
    """Close the review and queue the mails."""
    refuse(action)
