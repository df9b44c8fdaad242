"""Propose hold: begin the hold of the customer's orders, a process of its own."""

from credit_app.facts.collection import case_of
from workflows import Action


def run(action: Action) -> None:
    """Ask for the process; one that is under way stays the only one."""
    case = case_of(action)
    action.start_process("customer_hold", customer_id=case.customer_id, case_id=case.id)
