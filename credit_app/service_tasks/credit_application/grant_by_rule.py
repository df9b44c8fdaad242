"""Grant by rule: the limit opens as it was asked for, without a person; the rule stands on the application."""

from credit_app.facts.granting import grant
from credit_app.facts.receipt import keep_receipt
from workflows import Action


def run(action: Action) -> None:
    """Open the limit, close the application as granted, tell the sales rep, and keep the receipt of the rule."""
    grant(action)
    keep_receipt(action, None)
