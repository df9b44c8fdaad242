"""Propose next: begin legal action or the write-off of what came back, each a process of its own."""

from credit_app.facts.agencies import placement_of
from workflows import Action


def run(action: Action) -> None:
    """Ask for the process, unless nothing is to follow."""
    placement = placement_of(action)
    if placement.next_step in ("legal_action", "write_off"):
        action.start_process(
            placement.next_step, customer_id=placement.customer_id, case_id=placement.case_id
        )
