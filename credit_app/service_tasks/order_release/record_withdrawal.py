"""Record withdrawal: sales has given the request up before it was decided."""

from credit_app.facts import order_releases
from credit_app.models.orders import WAITING_RELEASES
from workflows import Action


def run(action: Action) -> None:
    """End the matter; tell those from whom something was waited for, and whoever asked where somebody else withdrew."""
    row = order_releases.locked(action, *WAITING_RELEASES)
    told = {*order_releases.waited_for(action, row), row.made_by} - {action.actor.person_id, None}
    row.status, row.closed_on = "withdrawn", action.today
    action.session.flush()
    action.mail(sorted(one for one in told if one is not None), "release_withdrawn", release_id=row.id)
