"""Confirm rating: the analyst confirms the grade, overrides it within policy, or has more investigated."""

from decimal import Decimal
from typing import Any

from credit_app.domain.errors import DomainError
from credit_app.facts.application import application_of, rating_of
from credit_app.facts.assessing import analysts
from credit_app.facts.investigations import investigation_of, open_investigation
from credit_app.facts.rating_confirming import confirm, grades_to_choose, judge_by_analyst
from credit_app.facts.returned import returned_because
from credit_app.forms.rating import Confirmation, ConfirmationForm
from credit_app.i18n import _, said
from credit_app.models import Rating
from workflows import Action, Assignment, InvalidAnswer

Form = ConfirmationForm
SHORTEST_REASON = 5


def assign(action: Action) -> Assignment:
    """The credit analysts of the branch."""
    return analysts(action, "assessment.due_after_days")


def facts(action: Action) -> dict[str, Any]:
    """The rating with every point."""
    application = application_of(action)
    rating = rating_of(action.session, application)
    return {
        "application": application,
        "returned": returned_because(action.session, application),
        "rating": rating,
        "grades": grades_to_choose(action.session, rating, action.today),
    }


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    application = application_of(action)
    return _(
        "Does grade %(grade)s stand for %(name)s?",
        grade=rating_of(action.session, application).grade,
        name=application.customer.name if application.customer else "",
    )


def choices(action: Action) -> list[dict[str, Any]]:
    """The choices, each with what happens next."""
    grade = rating_of(action.session, application_of(action)).grade
    proposal = _("The system proposes a limit by every method.")
    return [
        {"value": "confirm", "label": _("Confirm %(grade)s", grade=grade), "next": proposal},
        {
            "value": "override",
            "label": _("Override"),
            "next": _("Another grade, with your reason; then a proposal."),
        },
        {
            "value": "investigate",
            "label": _("Investigate again"),
            "next": _("Report, investigation and statements are asked for once more."),
        },
    ]


def complete(action: Action, answer: Confirmation) -> dict[str, Any]:
    """The analyst becomes the rater and decides at no level. Raises InvalidAnswer naming the field."""
    rating = rating_of(action.session, application_of(action))
    if answer.choice not in ("confirm", "override", "investigate"):
        raise InvalidAnswer("choice", _("Choose what becomes of the rating."))
    if answer.choice != "confirm" and len(answer.reason) < SHORTEST_REASON:
        raise InvalidAnswer("reason", _("Give a reason that the approver and the auditor understand."))
    investigation = investigation_of(action.session, application_of(action))
    if investigation is not None:
        investigation.asked_again = answer.reason if answer.choice == "investigate" else ""
    if answer.choice == "investigate":
        if investigation is None:
            open_investigation(action, application_of(action)).asked_again = answer.reason
        return {"rating_result": "investigate"}
    person = action.actor.person_id or 0
    if answer.choice == "override" and answer.points and answer.grade:
        raise InvalidAnswer(
            "points", _("Choose a grade or enter points, not both: the points move the grade.")
        )
    if answer.choice == "override" and answer.points:
        _judge(action, rating, answer, person)
    computed = rating.computed_grade or rating.grade
    grade = answer.grade if answer.choice == "override" and answer.grade else computed
    if answer.choice == "override" and grade == computed and not answer.points:
        raise InvalidAnswer("grade", _("Choose another grade, or enter points; else choose “Confirm”."))
    try:
        confirm(action.session, rating, grade, answer.reason or None, person, action.today)
    except DomainError as refused:
        raise InvalidAnswer("grade", said(refused.sentence)) from None
    return {"rating_result": "confirmed"}


def _judge(action: Action, rating: Rating, answer: Confirmation, person: int) -> None:
    points = answer.points or Decimal(0)
    try:
        judge_by_analyst(action.session, rating, points, answer.reason, person, action.today)
    except DomainError as refused:
        raise InvalidAnswer("points", said(refused.sentence)) from None
