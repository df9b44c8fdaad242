"""Write debts off: every debt is adjusted to zero, its claim stays in the register."""

from credit_app.facts import write_off as facts_of
from workflows import Action


def run(action: Action) -> None:
    """Write off what was approved, and tell the proposer."""
    facts_of.write_debts_off(action)
    found = facts_of.write_off_of(action)
    action.mail(facts_of.told(action.session, found), "write_off_decided", write_off_id=found.id)
