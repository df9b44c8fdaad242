"""Rates a customer that has only its payment record: every point traced to the figure that earned it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Self

from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.grades import CENT, NO_CREDIT, GradePolicy
from credit_app.domain.payment_behaviour import PaymentRecord
from credit_app.domain.policy_values import (
    Step,
    Values,
    climb,
    decimal_of,
    list_of,
    to_decimal,
    to_ladder,
    to_whole,
    value_of,
    whole_of,
)
from credit_app.domain.sentences import N_, Sentence

METHOD = "payment_record"

# The figures of the record that an indicator may read, and where each comes from.
SOURCES: Mapping[str, str] = {
    "weighted_days_late": N_("average days late of %(paid)s settled invoices, weighted by amount"),
    "share_late": N_("%(late)s of %(paid)s settled invoices were late"),
    "worst_days_late": N_("latest settlement among %(paid)s settled invoices"),
    "trend_days": N_("average days late, later half less earlier half of %(paid)s settled invoices"),
    "share_disputed": N_("%(disputed)s of %(invoices)s invoices were disputed"),
    "oldest_overdue_days": N_("oldest item overdue as of %(as_of)s"),
}


@dataclass(frozen=True, slots=True)
class Indicator:
    """Up to a value, a share (0 to 1) of `weight` points is earned; `name` is a figure of the record."""

    name: str
    weight: Decimal
    ladder: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class RatingPolicy:
    """What a payment record is worth, how far it is trusted, and what caps the grade."""

    grades: GradePolicy
    indicators: tuple[Indicator, ...]
    confidence: Decimal  # of a full payment record without statements
    few_invoices: tuple[tuple[int, Decimal], ...]  # fewer than n settled invoices: so much less
    trend_from: int  # settled invoices from which a trend is told
    missing_indicator: Decimal  # less for each indicator without a figure
    stale_after_days: int
    stale: Decimal  # less when nothing was settled for that long
    unknown_score: Decimal  # of a customer without any record
    unknown_confidence: Decimal
    overdue_cap_days: int  # an item overdue for longer caps the grade
    overdue_cap_grade: str

    @classmethod
    def from_policy(cls, values: Values) -> Self:
        """The policy in force; raises InvalidPolicy naming the figure that is missing or malformed."""
        grades = GradePolicy.from_policy(values)
        cap = str(value_of(values, "rating.overdue_cap_grade"))
        grades.highest_score(cap)
        return cls(
            grades=grades,
            indicators=list_of(values, "rating.indicators", _indicator),
            confidence=decimal_of(values, "rating.confidence"),
            few_invoices=list_of(values, "rating.few_invoices", _few),
            trend_from=whole_of(values, "rating.trend_from"),
            missing_indicator=decimal_of(values, "rating.missing_indicator"),
            stale_after_days=whole_of(values, "rating.stale_after_days"),
            stale=decimal_of(values, "rating.stale"),
            unknown_score=decimal_of(values, "rating.unknown_score"),
            unknown_confidence=decimal_of(values, "rating.unknown_confidence"),
            overdue_cap_days=whole_of(values, "rating.overdue_cap_days"),
            overdue_cap_grade=cap,
        )


@dataclass(frozen=True, slots=True)
class Point:
    """`points` out of `of` earned by the indicator's `value`; both None and 0 where there is no figure."""

    indicator: str
    value: Decimal | None
    points: Decimal
    of: Decimal
    source: Sentence


@dataclass(frozen=True, slots=True)
class PaymentRating:
    """Score 0 to 100 after caps (`earned` before), grade, risk class, confidence 0 to 1 and the reasons."""

    score: Decimal
    earned: Decimal
    grade: str
    risk: str
    confidence: Decimal
    points: tuple[Point, ...]
    confidence_reasons: tuple[Sentence, ...]
    vetoes: tuple[Sentence, ...] = field(default=())
    caps: tuple[str, ...] = ()  # the best grade that each veto leaves


def rate_by_payment_record(
    record: PaymentRecord, policy: RatingPolicy, *, in_default: bool = False, blacklisted: bool = False
) -> PaymentRating:
    """The rating of a payment record (built with `trend_from=policy.trend_from`).

    The score is the points earned out of the points that the figures at hand could earn, times 100; a figure
    that is missing lowers the confidence, it is not averaged away. Without any settled invoice the policy's
    score for unknown customers stands, with low confidence. Caps come afterwards; D is default or blacklist.
    """
    points = tuple(_point(indicator, record) for indicator in policy.indicators)
    if record.paid_count and any(point.value is not None for point in points):
        earned = _score(points)
        confidence, reasons = _confidence(record, points, policy)
    else:
        earned, confidence = policy.unknown_score, policy.unknown_confidence
        reasons = (_UNKNOWN_OPEN if record.open_count else _UNKNOWN,)
    vetoes = tuple(payment_vetoes(record, policy, in_default=in_default, blacklisted=blacklisted))
    score = min((earned, *(policy.grades.highest_score(grade) for grade, _ in vetoes)))
    grade = NO_CREDIT if in_default or blacklisted else policy.grades.grade_of(score)
    return PaymentRating(
        score=score,
        earned=earned,
        grade=grade,
        risk=policy.grades.risk_of(grade),
        confidence=confidence,
        points=points,
        confidence_reasons=reasons,
        vetoes=tuple(sentence for _, sentence in vetoes),
        caps=tuple(cap for cap, _ in vetoes),
    )


def _point(indicator: Indicator, record: PaymentRecord) -> Point:
    source = Sentence(
        f"rating.source.{indicator.name}",
        SOURCES[indicator.name],
        {
            "paid": record.paid_count,
            "late": record.late_count,
            "disputed": record.disputed_count,
            "invoices": record.paid_count + record.open_count,
            "as_of": record.as_of.isoformat(),
        },
    )
    figure = getattr(record, indicator.name)
    if figure is None or record.is_empty:
        return Point(indicator.name, None, Decimal(0), indicator.weight, source)
    value = Decimal(figure)
    points = (indicator.weight * climb(indicator.ladder, value)).quantize(CENT)
    return Point(indicator.name, value, points, indicator.weight, source)


def _score(points: Sequence[Point]) -> Decimal:
    counted = [point for point in points if point.value is not None]
    possible = sum((point.of for point in counted), Decimal(0))
    return (sum((point.points for point in counted), Decimal(0)) * 100 / possible).quantize(CENT)


def _confidence(
    record: PaymentRecord, points: Sequence[Point], policy: RatingPolicy
) -> tuple[Decimal, tuple[Sentence, ...]]:
    """Trust in the score, never below that in an unknown customer, with what lowered it."""
    confidence, reasons = policy.confidence, [_RECORD_ONLY]
    few = next(((n, less) for n, less in policy.few_invoices if record.paid_count < n), None)
    if few:
        confidence -= few[1]
        reasons.append(Sentence("rating.few_invoices", _FEW, {"paid": record.paid_count, "enough": few[0]}))
    for point in points:
        if point.value is None:
            confidence -= policy.missing_indicator
            reasons.append(Sentence("rating.missing_indicator", _MISSING, {"indicator": point.indicator}))
    if record.last_settled and (record.as_of - record.last_settled).days > policy.stale_after_days:
        confidence -= policy.stale
        reasons.append(Sentence("rating.stale", _STALE, {"day": record.last_settled.isoformat()}))
    return max(confidence, min(policy.unknown_confidence, policy.confidence)), tuple(reasons)


def payment_vetoes(
    record: PaymentRecord, policy: RatingPolicy, *, in_default: bool, blacklisted: bool
) -> list[tuple[str, Sentence]]:
    """(highest grade still possible, why) for each veto that fires."""
    found = []
    if in_default:
        found.append((NO_CREDIT, Sentence("rating.in_default", N_("The customer is in default: no credit."))))
    if blacklisted:
        found.append(
            (NO_CREDIT, Sentence("rating.blacklisted", N_("The customer is blacklisted: no credit.")))
        )
    if record.oldest_overdue_days > policy.overdue_cap_days:
        values = {"days": record.oldest_overdue_days, "grade": policy.overdue_cap_grade}
        found.append((policy.overdue_cap_grade, Sentence("rating.overdue_cap", _OVERDUE, values)))
    return found


_RECORD_ONLY = Sentence("rating.record_only", N_("The rating rests on the payment record only."))
_UNKNOWN = Sentence(
    "rating.unknown",
    N_("There is no payment record: the rating is the policy's for unknown customers, with low confidence."),
)
_UNKNOWN_OPEN = Sentence(
    "rating.unknown_open",
    N_("No invoice is settled yet: the rating is the policy's for unknown customers, with low confidence."),
)
_FEW = N_("Only %(paid)s settled invoices; %(enough)s or more would be trusted further.")
_MISSING = N_("There is no figure for “%(indicator)s”.")
_STALE = N_("Nothing was settled after %(day)s.")
_OVERDUE = N_("An item is overdue for %(days)s days: the grade is %(grade)s at best.")


def _indicator(key: str, value: Any) -> Indicator:
    if not isinstance(value, Mapping) or value.get("name") not in SOURCES:
        raise InvalidPolicy(
            key=key, problem="without a figure of the payment record: “%(value)s”", value=value
        )
    weight = to_decimal(key, value.get("weight"))
    if weight <= 0:
        raise InvalidPolicy(key=key, problem="holding a weight that is not above zero")
    return Indicator(str(value["name"]), weight, to_ladder(key, value.get("ladder")))


def _few(key: str, value: Any) -> tuple[int, Decimal]:
    if not isinstance(value, Sequence) or len(value) != 2:
        raise InvalidPolicy(key=key, problem="no pair [invoices, less]: “%(value)s”", value=value)
    return to_whole(key, value[0]), to_decimal(key, value[1])
