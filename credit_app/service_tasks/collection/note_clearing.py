"""Note clearing: tell whoever worked the case that nothing of it is overdue any more."""

from credit_app.domain.collection import BANDS
from credit_app.facts.collection import case_of
from workflows import Action


def run(action: Action) -> None:
    """Queue the mail to the collector and the sales rep of the customer, unless a notice or call was all it took."""
    case = case_of(action)
    if all(BANDS.get(move.to_stage or "") in (None, "early") for move in case.moves):
        return
    people = [person for person in (case.collector_id, case.customer.sales_rep_id) if person is not None]
    action.mail(people, "case_cleared", case_id=case.id)
