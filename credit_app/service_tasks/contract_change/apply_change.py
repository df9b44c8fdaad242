"""Apply change: the new version takes the place of the one in force."""

from credit_app.facts.contract_ends import file
from workflows import Action


def run(action: Action) -> None:
    """Put the version in force."""
    file(action)
