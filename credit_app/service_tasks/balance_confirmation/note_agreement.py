"""Note agreement: limitation runs anew where a signed document was handed in and the law says so."""

from credit_app.facts.confirmation_answer import interrupt_limitation
from workflows import Action


def run(action: Action) -> None:
    """Add an interruption for every debt of the statement."""
    interrupt_limitation(action)
