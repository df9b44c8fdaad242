"""Drop visit: everything overdue is paid before anybody went."""

from credit_app.facts.visits import visit_of
from workflows import Action


def run(action: Action) -> None:
    """Cancel the visit and tell whoever was to go, else whoever asked for it."""
    visit = visit_of(action)
    visit.status = "cancelled"
    person = visit.visitor_id or visit.made_by
    action.mail([person] if person is not None else [], "visit_dropped", visit_id=visit.id)
