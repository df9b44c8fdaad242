"""Send final demand: one letter with the last day to pay; a review of the limit begins, credit managers are told."""

from credit_app.facts.collection import case_of
from credit_app.facts.dunning import demand
from credit_app.facts.people import ids_with
from workflows import Action


def run(action: Action) -> None:
    """Send it, ask for the review, and queue the mail about limit and insurance."""
    case = case_of(action)
    demand(action, case, "final_demand")
    action.start_process(
        "limit_review",
        customer_id=case.customer_id,
        case_id=case.id,
        case=case.number,
        on=action.today.isoformat(),
    )
    action.mail(
        ids_with(action.session, "credit_manager", case.customer.branch_id),
        "final_demand_sent",
        case_id=case.id,
    )
