"""Send final demand: one letter with the last day to pay; the credit managers are told to cut the limit and tell the
insurer."""

from credit_app.facts.collection import case_of
from credit_app.facts.dunning import demand
from credit_app.facts.people import ids_with
from workflows import Action


def run(action: Action) -> None:
    """Send it, and queue the mail about limit and insurance."""
    case = case_of(action)
    demand(action, case, "final_demand")
    action.mail(
        ids_with(action.session, "credit_manager", case.customer.branch_id),
        "final_demand_sent",
        case_id=case.id,
    )
