"""The analyst's word on a computed rating: confirmed, moved by a judgement in points, or overridden by a step."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from credit_app.domain.limit_validity import ValidityPolicy, rating_valid_until
from credit_app.domain.plain import to_json
from credit_app.domain.rating_grading import GradingPolicy, Judgement, check_judgement, graded
from credit_app.domain.rating_override import OverridePolicy, allowed_grades, check_override
from credit_app.domain.scorecard_models import ScorecardModel
from credit_app.domain.scorecard_policy import Models
from credit_app.models import Rating, policy_values


def grades_to_choose(session: Session, rating: Rating, today: date) -> tuple[str, ...]:
    """The grades that an analyst may give instead of the computed one, itself among them, the best first."""
    policy = OverridePolicy.from_policy(policy_values(session, today))
    return allowed_grades(rating.computed_grade or rating.grade, _cap(rating), policy)


def confirm(
    session: Session, rating: Rating, grade: str, reason: str | None, person_id: int, today: date
) -> None:
    """The analyst's word on the computed rating: confirmed, or overridden with a reason.

    Raises a DomainError of rating_override with one sentence when the grade may not be given.
    """
    values = policy_values(session, today)
    computed = rating.computed_grade or rating.grade
    policy = OverridePolicy.from_policy(values)
    rating.computed_grade, rating.computed_score = computed, rating.computed_score or rating.score
    rating.grade = check_override(computed, grade, reason, _cap(rating), policy)
    rating.override_reason = (reason or "").strip() or None if grade != computed else None
    rating.rated_by = person_id
    rating.valid_until = rating_valid_until(grade, today, ValidityPolicy.from_policy(values))


def judge_by_analyst(
    session: Session, rating: Rating, points: Decimal, reason: str, person_id: int, today: date
) -> None:
    """The analyst's judgement: points up or down on what the model computed, in place of an earlier judgement.

    Raises JudgementRefused beyond the points of the model or without a reason.
    """
    values = policy_values(session, today)
    stored = rating.inputs["rating"]
    model = _model_of(rating, values)
    judgement, policy = Judgement(points, reason.strip()), GradingPolicy.from_policy(values)
    check_judgement(judgement, model.judgement, policy)
    cap = _cap(rating)
    unjudged = Decimal(stored.get("unjudged") or stored["earned"])
    found = graded(unjudged, judgement, rating.confidence, [cap] if cap else [], policy)
    changed = {"earned": found.earned, "score": found.score, "grade": found.grade, "risk": found.risk}
    said = {"judgement": judgement, "unjudged": unjudged}
    vetoes = [*stored["vetoes"], *(one for one in found.unsure if found.cap != cap)]
    more: Any = to_json({**changed, **said, "cap": found.cap, "vetoes": vetoes})
    rating.inputs = {**rating.inputs, "rating": {**stored, **more}}
    rating.score = rating.computed_score = found.score
    rating.grade = rating.computed_grade = found.grade
    rating.override_reason, rating.rated_by = None, person_id
    rating.valid_until = rating_valid_until(found.grade, today, ValidityPolicy.from_policy(values))


def _model_of(rating: Rating, values: Mapping[str, Any]) -> ScorecardModel:
    """The model that rated, or the one for everybody else where it is gone."""
    models = Models.from_policy(values).models
    return next((model for model in models if model.identity == rating.model), models[-1])


def _cap(rating: Rating) -> str | None:
    cap = rating.inputs.get("rating", {}).get("cap")
    return str(cap) if cap else None
