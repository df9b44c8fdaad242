"""Find level: who decides on a release, by the exposure of the group and the kind of release."""

from typing import Any

from credit_app.facts import order_releases
from credit_app.facts.people import ids_with
from workflows import Action


def run(action: Action) -> dict[str, Any]:
    """Ask policy; with nobody even at the highest level the task opens, and administrators are told. Sets `level`."""
    row = order_releases.release_of(action)
    level = order_releases.level_of(action, row)
    people = sorted(order_releases.eligible(action, row, level))
    action.note("eligible", level=level, people=people)
    if not people:
        action.mail(ids_with(action.session, "admin"), "release_no_approver", release_id=row.id)
    return {"level": level}
