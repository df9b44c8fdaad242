"""Answer comments: each point is taken up in a new version, accepted as a condition, or insisted against."""

from collections.abc import Sequence
from typing import Any

from credit_app.facts import contract_opinions, contract_reading
from credit_app.facts.contract_cases import review_of
from credit_app.facts.contract_opinions import ANSWER_DAYS, PointAnswer
from credit_app.facts.contract_review import open_points, to_draft
from credit_app.forms.contract_review import AnswersForm
from credit_app.i18n import _
from workflows import Action, Assignment

Form = AnswersForm


def assign(action: Action) -> Assignment:
    """Whoever drafts."""
    return to_draft(action, ANSWER_DAYS)


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    return _(
        "What becomes of the points that reviewers raise on “%(contract)s”?",
        contract=review_of(action).contract.title,
    )


def facts(action: Action) -> dict[str, Any]:
    """The open points, the opinions of this round, the version that they are about."""
    review = review_of(action)
    points = {row.id: row for row in open_points(action.session, review)}
    opinions = [row for row in review.opinions if row.round == review.round]
    return contract_reading.for_reviewer(action, review) | {"points": points, "opinions": opinions}


def complete(action: Action, answer: Sequence[PointAnswer]) -> dict[str, Any]:
    """Answer every point. Raises InvalidAnswer naming the field, Conflict."""
    return {"outcome": contract_opinions.answer_points(action, answer)}
