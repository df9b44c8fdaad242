"""End hold: the customer is delivered to again; sales and the collector of the case are told."""

from credit_app.facts.holds import hold_of, sales_of
from credit_app.models import CollectionCase
from workflows import Action


def run(action: Action) -> None:
    """Take the customer off hold, unless it has become something worse, and queue the mails."""
    hold, session = hold_of(action), action.session
    if hold.customer.status == "on_hold":
        hold.customer.status = "active"
    case = session.get(CollectionCase, hold.case_id) if hold.case_id is not None else None
    collector = [case.collector_id] if case is not None and case.collector_id is not None else []
    action.mail([*sales_of(session, hold), *collector], "hold_released", hold_id=hold.id)
