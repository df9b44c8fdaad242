"""Request visit: begin a visit to the customer, a process of its own."""

from credit_app.facts.collection import case_of
from workflows import Action


def run(action: Action) -> None:
    """Ask for the process; one that is under way stays the only one."""
    case = case_of(action)
    action.start_process("site_visit", customer_id=case.customer_id, case_id=case.id)
