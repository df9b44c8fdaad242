"""Close proposal: the write-off was withdrawn while it waited for a decision."""

from credit_app.facts import write_off as facts_of
from workflows import Action


def run(action: Action) -> None:
    """The debts stay open."""
    facts_of.withdraw(action)
