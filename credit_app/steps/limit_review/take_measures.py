"""Take measures: what the warning line asks for at once, before the review goes on."""

from typing import Any

from credit_app.facts.application import application_of
from credit_app.facts.assessing import analysts
from credit_app.facts.review_reading import review_page
from credit_app.facts.reviews import measures_of
from credit_app.forms.review import Measure, Measures, MeasuresForm
from credit_app.i18n import _
from workflows import Action, Assignment, InvalidAnswer

Form = MeasuresForm
SHORTEST_NOTE = 5


def assign(action: Action) -> Assignment:
    """The credit analysts of the branch."""
    return analysts(action, "review.measures_due_after_days")


def facts(action: Action) -> dict[str, Any]:
    """The measures, the limit, and what crossed the line."""
    return review_page(action) | {"measures": measures_of(application_of(action))}


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    application = application_of(action)
    return _(
        "Which measures are taken for %(name)s now?",
        name=application.customer.name if application.customer else "",
    )


def complete(action: Action, answer: Measures) -> dict[str, Any]:
    """Keep what became of each measure. Raises InvalidAnswer naming the row."""
    application = application_of(action)
    measures = measures_of(application)
    if len(answer.rows) != len(measures):
        raise InvalidAnswer("rows", _("Say for each measure whether it was taken."))
    application.interim_measures = [
        _kept(measure, row) for measure, row in zip(measures, answer.rows, strict=True)
    ]
    return {}


def _kept(measure: str, row: Measure) -> dict[str, Any]:
    if row.result not in ("taken", "left"):
        raise InvalidAnswer(f"{row.place}-result", _("Say for each measure whether it was taken."))
    if row.result == "left" and len(row.note) < SHORTEST_NOTE:
        raise InvalidAnswer(f"{row.place}-note", _("Say why this measure is not taken."))
    return {"measure": measure, "taken": row.result == "taken", "note": row.note}
