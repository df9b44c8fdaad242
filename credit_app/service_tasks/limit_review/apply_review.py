"""Apply review: the limit is renewed, changed, cut or cancelled as approved, unless it changed meanwhile."""

from typing import Any

from credit_app.domain.plain import to_json
from credit_app.facts.application import application_of
from credit_app.facts.review_people import told_of_review
from credit_app.facts.reviews import apply, meanwhile, take_up_again
from credit_app.facts.undoing import undo_changes
from workflows import Action

undo = undo_changes


def run(action: Action) -> dict[str, Any]:
    """Apply all of it or nothing: what another decision changed goes back to the proposal, and that is said."""
    application = application_of(action)
    people = told_of_review(action.session, application)
    changed = meanwhile(action.session, application)
    if changed is not None:
        take_up_again(action.session, application, changed)
        action.note("limit_changed", sentence=to_json(changed))
        action.mail(people, "review_limit_changed", application_id=application.id)
        return {"limit_unchanged": False, "start_at": "proposal"}
    limit = apply(action, application)
    action.mail(people, "review_applied", application_id=application.id, limit_id=limit.id if limit else None)
    return {"limit_unchanged": True}
