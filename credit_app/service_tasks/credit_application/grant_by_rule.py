"""Grant by rule: the limit opens as it was asked for, without a person; the rule stands on the application."""

from credit_app.facts.granting import grant
from workflows import Action


def run(action: Action) -> None:
    """Open the limit, close the application as granted and tell the sales rep."""
    grant(action)
