"""Begin hold: the days of notice are over, the customer is on hold from now on."""

from credit_app.facts.holds import hold_of, note_step
from workflows import Action


def run(action: Action) -> None:
    """Put the customer on hold; one in default, blacklisted or closed stays so."""
    hold = hold_of(action)
    hold.status, hold.held_from = "active", action.today
    if hold.customer.status == "active":
        hold.customer.status = "on_hold"
    note_step(action.session, hold, "begun", action.today)
