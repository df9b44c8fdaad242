"""The rating as a whole: three methods side by side, one score, what caps it, and how far it is trusted and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Self

from credit_app.domain.altman import Altman
from credit_app.domain.errors import DomainError, InvalidPolicy
from credit_app.domain.expert_grid import Experience
from credit_app.domain.grades import CENT, NO_CREDIT, GradePolicy
from credit_app.domain.peer_comparison import PeerComparison
from credit_app.domain.policy_values import Values, decimal_of, list_of, table_of, to_decimal, whole_of
from credit_app.domain.rating import METHOD, PaymentRating, Point, RatingPolicy
from credit_app.domain.rating_confidence import ConfidencePolicy, StatementsState, confidence_in, percent
from credit_app.domain.scorecard import Card, DimensionPoints, IndicatorPoints
from credit_app.domain.scorecard_models import ScorecardModel
from credit_app.domain.sentences import N_, Sentence
from credit_app.domain.vetoes import Veto

QUANTITATIVE, EXPERIENCE, INDUSTRY = "quantitative", "experience", "industry"
METHODS: Mapping[str, str] = {
    QUANTITATIVE: N_("Scorecard"),
    EXPERIENCE: N_("Experience"),
    INDUSTRY: N_("Industry comparison"),
}
COMBINED = "combined"
HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class CombinePolicy:
    """Weights of the methods, what the scorecard needs to count, and what lowers the confidence."""

    record: RatingPolicy
    weights: Mapping[str, Decimal]
    least_coverage: Decimal
    confidence: ConfidencePolicy
    caps: tuple[tuple[Decimal, str], ...]  # below this confidence that grade at best, the lowest first
    reason_length: int

    @classmethod
    def from_policy(cls, values: Values) -> Self:
        """The policy in force; raises InvalidPolicy naming the figure that is missing or malformed."""
        weights = table_of(values, "rating.method_weights", to_decimal)
        if set(weights) != set(METHODS) or sum(weights.values()) != 1 or min(weights.values()) < 0:
            raise InvalidPolicy(
                key="rating.method_weights", problem="not 1 over %(names)s", names=tuple(METHODS)
            )
        return cls(
            record=RatingPolicy.from_policy(values),
            weights=weights,
            least_coverage=decimal_of(values, "rating.least_coverage"),
            confidence=ConfidencePolicy.from_policy(values),
            caps=_caps(values),
            reason_length=whole_of(values, "rating.judgement_reason_length"),
        )


@dataclass(frozen=True, slots=True)
class Judgement:
    """Points up or down by the analyst, with the written reason."""

    points: Decimal
    reason: str


class JudgementRefused(DomainError):
    """More points than the model allows, or no reason."""

    code = "rating.judgement"
    template = N_(
        "A judgement is at most %(most)s points up or down, with a reason of at least %(length)s characters."
    )


@dataclass(frozen=True, slots=True)
class MethodScore:
    """One method: its score (None: not applicable, `missing` says why) and its weight in the combined score."""

    method: str
    score: Decimal | None
    weight: Decimal
    missing: Sentence | None = None


@dataclass(frozen=True, slots=True)
class FullRating:
    """Everything that a rating is made of; `score` after caps, `earned` before; `cap` the best grade they leave.

    `method` is `combined`, or `payment_record` where only the own record (or nothing) is known of the customer.
    """

    method: str
    score: Decimal
    earned: Decimal
    grade: str
    risk: str
    confidence: Decimal
    model: str
    model_name: str
    methods: tuple[MethodScore, ...]
    dimensions: tuple[DimensionPoints, ...]
    points: tuple[IndicatorPoints, ...]
    record_points: tuple[Point, ...]
    experience: Experience
    industry: PeerComparison
    altman: tuple[Altman, ...]
    judgement: Judgement | None
    cap: str | None
    confidence_reasons: tuple[Sentence, ...]
    vetoes: tuple[Sentence, ...] = field(default=())


def combine(
    model: ScorecardModel,
    card: Card,
    experience: Experience,
    industry: PeerComparison,
    record: PaymentRating,
    altman: Sequence[Altman],
    vetoes: Sequence[Veto],
    statements: StatementsState,
    policy: CombinePolicy,
    judgement: Judgement | None = None,
) -> FullRating:
    """The rating. `record` is the payment record's own, whose caps count here too; raises JudgementRefused."""
    check_judgement(judgement, model, policy)
    methods = _methods(card, experience, industry, policy)
    usable = [one for one in methods if one.score is not None]
    only_record = not usable
    earned = record.earned if only_record else _mean(usable)
    if judgement:
        earned = min(max(earned + judgement.points, Decimal(0)), HUNDRED)
    confidence, reasons = (
        (record.confidence, list(record.confidence_reasons))
        if only_record
        else confidence_in(
            card,
            [method.missing for method in methods if method.missing is not None],
            statements,
            replace(policy.confidence, floor=record.confidence),
        )
    )
    fired = [*vetoes, *_unsure(confidence, earned, policy)]
    cap = _lowest([*record.caps, *(veto.grade for veto in fired)], policy)
    grades = policy.record.grades
    score = min(earned, grades.highest_score(cap)) if cap else earned
    grade = NO_CREDIT if cap == NO_CREDIT else grades.grade_of(score)
    return FullRating(
        method=METHOD if only_record else COMBINED,
        score=score,
        earned=earned,
        grade=grade,
        risk=grades.risk_of(grade),
        confidence=confidence,
        model=model.identity,
        model_name=model.name,
        methods=methods,
        dimensions=card.dimensions,
        points=card.points,
        record_points=record.points,
        experience=experience,
        industry=industry,
        altman=tuple(altman),
        judgement=judgement,
        cap=cap,
        confidence_reasons=tuple(reasons),
        vetoes=(*record.vetoes, *(veto.sentence for veto in fired)),
    )


def check_judgement(judgement: Judgement | None, model: ScorecardModel, policy: CombinePolicy) -> None:
    """Raise JudgementRefused for too many points or too short a reason."""
    if judgement is None:
        return
    if abs(judgement.points) > model.judgement or len(judgement.reason.strip()) < policy.reason_length:
        raise JudgementRefused(most=f"{model.judgement:f}", length=policy.reason_length)


def _methods(
    card: Card, experience: Experience, industry: PeerComparison, policy: CombinePolicy
) -> tuple[MethodScore, ...]:
    """The three methods; one that does not apply keeps its reason and has no score."""
    weights = policy.weights
    if card.score is None or card.coverage < policy.least_coverage:
        values = {"known": percent(card.coverage), "least": percent(policy.least_coverage)}
        thin = Sentence("rating.thin_card", _THIN, values)
        quantitative = MethodScore(QUANTITATIVE, None, weights[QUANTITATIVE], thin)
    else:
        quantitative = MethodScore(QUANTITATIVE, card.score, weights[QUANTITATIVE])
    judged = None if experience.by_record else experience.score
    return (
        quantitative,
        MethodScore(EXPERIENCE, judged, weights[EXPERIENCE], experience.missing),
        MethodScore(INDUSTRY, industry.score, weights[INDUSTRY], industry.missing),
    )


def _mean(methods: Sequence[MethodScore]) -> Decimal:
    weight = sum((one.weight for one in methods), Decimal(0))
    if not weight:
        return (sum((one.score or Decimal(0) for one in methods), Decimal(0)) / len(methods)).quantize(CENT)
    return (sum(((one.score or Decimal(0)) * one.weight for one in methods), Decimal(0)) / weight).quantize(
        CENT
    )


def _unsure(confidence: Decimal, earned: Decimal, policy: CombinePolicy) -> list[Veto]:
    """The cap that too little confidence sets on a better grade, whatever the few things known may say."""
    for below, grade in policy.caps:
        if confidence < below and earned > policy.record.grades.highest_score(grade):
            values = {"confidence": percent(confidence), "grade": grade}
            return [Veto(grade, Sentence("rating.unsure", _UNSURE, values))]
    return []


def _caps(values: Values) -> tuple[tuple[Decimal, str], ...]:
    grades = GradePolicy.from_policy(values).grades

    def cap(key: str, row: Any) -> tuple[Decimal, str]:
        if not isinstance(row, Sequence) or isinstance(row, str) or len(row) != 2 or row[1] not in grades:
            raise InvalidPolicy(key=key, problem=f"no pair [confidence, grade]: {row!r}")
        return to_decimal(key, row[0]), str(row[1])

    return tuple(sorted(list_of(values, "rating.confidence_caps", cap)))


def _lowest(caps: Sequence[str], policy: CombinePolicy) -> str | None:
    ladder = policy.record.grades.grades
    return max(caps, key=ladder.index, default=None)


_UNSURE = N_("The confidence is only %(confidence)s %%: the grade is %(grade)s at best.")
_THIN = N_(
    "The scorecard does not count: %(known)s %% of its weight is known, at least %(least)s %% must be."
)
