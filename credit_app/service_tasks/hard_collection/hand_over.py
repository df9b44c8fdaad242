"""Hand over: begin the placement with an agency, or legal action, each a process of its own."""

from credit_app.facts.collection import case_of
from workflows import Action

PROCESSES = {"agency": "agency_placement", "legal_action": "legal_action"}


def run(action: Action) -> None:
    """Ask for the process of the stage; one that is under way stays the only one."""
    case = case_of(action)
    action.start_process(PROCESSES[case.stage], customer_id=case.customer_id, case_id=case.id)
