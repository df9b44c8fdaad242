"""Tell sales: the sales rep and the sales managers know from which day on nothing is delivered."""

from credit_app.facts.holds import hold_of, note_step, sales_of
from workflows import Action


def run(action: Action) -> None:
    """Queue the mails."""
    hold = hold_of(action)
    action.mail(sales_of(action.session, hold), "hold_announced", hold_id=hold.id)
    note_step(action.session, hold, "sales_told", action.today)
