"""Collect record: what our own books say when the review starts; sales rep and analysts learn why it does."""

from typing import Any

from credit_app.facts.application import application_of
from credit_app.facts.internal_record import collect
from credit_app.facts.review_people import told_of_review
from credit_app.facts.reviews import begins_with, measures_of
from credit_app.facts.undoing import undo_changes
from workflows import Action

undo = undo_changes


def run(action: Action) -> dict[str, Any]:
    """Keep the record; measures are due where the warning line was crossed and measures were set with it."""
    application = application_of(action)
    collect(action)
    action.note("triggers", trigger=application.review_trigger, reasons=application.review_reasons)
    people = told_of_review(action.session, application)
    action.mail(people, "review_started", application_id=application.id)
    return {
        "measures_due": bool(measures_of(application)),
        "start_at": begins_with(application),
    }
