"""The rating as a whole: three methods side by side, one score, what caps it, and how far it is trusted and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Self

from credit_app.domain.altman import Altman
from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.expert_grid import Experience
from credit_app.domain.grades import CENT
from credit_app.domain.peer_comparison import PeerComparison
from credit_app.domain.policy_values import Values, decimal_of, table_of, to_decimal
from credit_app.domain.rating import METHOD, PaymentRating, Point, RatingPolicy
from credit_app.domain.rating_confidence import ConfidencePolicy, StatementsState, confidence_in, percent
from credit_app.domain.rating_grading import GradingPolicy, Judgement, check_judgement, graded
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


@dataclass(frozen=True, slots=True)
class CombinePolicy:
    """Weights of the methods, what the scorecard needs to count, and what lowers the confidence."""

    record: RatingPolicy
    weights: Mapping[str, Decimal]
    least_coverage: Decimal
    confidence: ConfidencePolicy
    grading: GradingPolicy

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
            grading=GradingPolicy.from_policy(values),
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

    `unjudged` are the points before the analyst's judgement.

    `method` is `combined`, or `payment_record` where only the own record (or nothing) is known of the customer.
    """

    method: str
    score: Decimal
    earned: Decimal
    unjudged: Decimal
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
    check_judgement(judgement, model.judgement, policy.grading)
    methods = _methods(card, experience, industry, policy)
    usable = [one for one in methods if one.score is not None]
    only_record = not usable
    earned = record.earned if only_record else _mean(usable)
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
    found = graded(
        earned, judgement, confidence, [*record.caps, *(veto.grade for veto in vetoes)], policy.grading
    )
    return FullRating(
        method=METHOD if only_record else COMBINED,
        score=found.score,
        earned=found.earned,
        unjudged=earned,
        grade=found.grade,
        risk=found.risk,
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
        cap=found.cap,
        confidence_reasons=tuple(reasons),
        vetoes=(*record.vetoes, *(veto.sentence for veto in vetoes), *found.unsure),
    )


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


_THIN = N_(
    "The scorecard does not count: %(known)s %% of its weight is known, at least %(least)s %% must be."
)
