"""File contract: it is in force, filed under the number of the customer or party."""

from credit_app.facts.contract_ends import file
from workflows import Action


def run(action: Action) -> None:
    """Put the version in force."""
    file(action)
