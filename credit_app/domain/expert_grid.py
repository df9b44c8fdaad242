"""Rating by experience: judgements with written grounds by dimension, or the payment record where there are none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Self

from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.grades import CENT
from credit_app.domain.policy_values import Values, table_of, to_decimal, to_text, whole_of
from credit_app.domain.rating import PaymentRating
from credit_app.domain.scorecard_models import DIMENSIONS, LEVELS, ScorecardModel
from credit_app.domain.sentences import N_, Sentence

REPAYMENT = "repayment_ability"


@dataclass(frozen=True, slots=True)
class ExpertPolicy:
    """What a level is worth, and where findings belong."""

    scores: Mapping[str, Decimal]  # level -> score
    levels: Mapping[str, str]  # assessment of a finding -> level
    dimensions: Mapping[str, str]  # channel of a finding -> dimension
    least_dimensions: int

    @classmethod
    def from_policy(cls, values: Values) -> Self:
        """The policy in force; raises InvalidPolicy naming the figure that is missing or malformed."""
        scores = table_of(values, "rating.experience_scores", to_decimal)
        levels = table_of(values, "rating.experience_levels", to_text)
        dimensions = table_of(values, "rating.experience_dimensions", to_text)
        if set(scores) != set(LEVELS):
            raise InvalidPolicy(
                key="rating.experience_scores", problem="no table of %(names)s", names=tuple(LEVELS)
            )
        if not set(levels.values()) <= set(LEVELS):
            raise InvalidPolicy(key="rating.experience_levels", problem="naming an unknown level")
        if not set(dimensions.values()) <= set(DIMENSIONS):
            raise InvalidPolicy(key="rating.experience_dimensions", problem="naming an unknown dimension")
        return cls(scores, levels, dimensions, whole_of(values, "rating.experience_least"))


@dataclass(frozen=True, slots=True)
class Ground:
    """One judgement: the level of a dimension and the written ground for it."""

    dimension: str
    level: str
    ground: str
    row: str = ""
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """A dimension's score out of its grounds; the own payment record counts as one ground of repayment."""

    dimension: str
    score: Decimal
    weight: Decimal
    grounds: tuple[Ground, ...]
    by_record: bool = False


@dataclass(frozen=True, slots=True)
class Experience:
    """Score 0 to 100 by experience; `by_record`: nobody judged enough, so that only the payment record speaks."""

    score: Decimal | None
    dimensions: tuple[Judged, ...]
    by_record: bool
    missing: Sentence | None = None


def judge(
    grounds: Sequence[Ground], record: PaymentRating | None, model: ScorecardModel, policy: ExpertPolicy
) -> Experience:
    """The grid's score by the model's weights; with too few dimensions judged, that of the payment record."""
    rows = [
        found
        for name in DIMENSIONS
        if (found := _judged(name, [one for one in grounds if one.dimension == name], record, model, policy))
    ]
    judged = [row for row in rows if row.grounds]
    if len(judged) >= policy.least_dimensions:
        weight = sum((row.weight for row in rows), Decimal(0))
        score = sum((row.score * row.weight for row in rows), Decimal(0)) / weight
        return Experience(score.quantize(CENT), tuple(rows), by_record=False)
    few = Sentence("experience.few", _FEW, {"found": len(judged), "least": policy.least_dimensions})
    return Experience(record.earned if record else None, tuple(rows), by_record=True, missing=few)


def _judged(
    dimension: str,
    grounds: Sequence[Ground],
    record: PaymentRating | None,
    model: ScorecardModel,
    policy: ExpertPolicy,
) -> Judged | None:
    scores = [policy.scores[ground.level] for ground in grounds]
    by_record = dimension == REPAYMENT and record is not None
    if by_record and record is not None:
        scores.append(record.earned)
    if not scores:
        return None
    mean = (sum(scores, Decimal(0)) / len(scores)).quantize(CENT)
    return Judged(dimension, mean, model.dimensions[dimension], tuple(grounds), by_record)


_FEW = N_("Only %(found)s of at least %(least)s dimensions have a written judgement.")
