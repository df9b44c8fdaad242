"""Apply strategy: what the confirmed grade allows, on record beside the proposal that follows."""

from typing import Any

from credit_app.facts.application import application_of, customer_id_of, rating_of
from credit_app.facts.exposure import grade_today
from workflows import Action


def inputs(action: Action) -> dict[str, Any]:
    """The grade; none better than no credit for a barred customer."""
    application = application_of(action)
    rating = rating_of(action.session, application)
    grade = grade_today(action.session, customer_id_of(application), rating, action.today)
    return {"grade": grade}


def outputs(_action: Action, _row: dict[str, Any]) -> dict[str, Any]:
    """The history keeps the row; whoever needs its figures asks the table in force."""
    return {}
