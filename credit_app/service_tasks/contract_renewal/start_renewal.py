"""Start renewal: the owner wants the contract renewed; the worker begins its change."""

from credit_app.facts.renewals import renew
from workflows import Action


def run(action: Action) -> None:
    """Close the decision and ask for the process."""
    renew(action)
