"""Scorecard models as versioned policy data: which customers they rate, dimensions, indicators, bands, weights."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from credit_app.domain.ratio_table import GROWTH, RATIO
from credit_app.domain.sentences import N_, Sentence

DIMENSIONS: Mapping[str, str] = {
    "basic_quality": N_("Basic quality"),
    "financial_structure": N_("Financial structure"),
    "repayment_ability": N_("Repayment ability"),
    "operating_ability": N_("Operating ability"),
    "prospects": N_("Development prospects"),
}
QUANTITATIVE, QUALITATIVE, PAYMENT_RECORD = "quantitative", "qualitative", "payment_record"
KINDS = (QUANTITATIVE, QUALITATIVE, PAYMENT_RECORD)
HIGHER, LOWER, RANGE, BY_LEVEL = "higher", "lower", "range", "level"
LEVELS: Mapping[str, str] = {
    "excellent": N_("excellent"),
    "good": N_("good"),
    "fair": N_("fair"),
    "weak": N_("weak"),
    "poor": N_("poor"),
}
CRITERIA = ("industry", "region", "size", "enterprise_kind", "is_new")
TREND = "_trend"

# What an indicator may read, and its name; ratios and their trends come on top.
OTHER_INDICATORS: Mapping[str, str] = {
    "years_registered": N_("Years since registration"),
    "employees": N_("Employees"),
    "size": N_("Size"),
    "ownership": N_("Kind of enterprise and ownership"),
    "industry_position": N_("Position in its industry"),
    "management": N_("Management"),
    "reputation": N_("Reputation"),
    "open_litigation": N_("Open court cases as defendant"),
    "penalties": N_("Administrative penalties of the last three years"),
    "public_lists": N_("Entries on public lists"),
    "own_payment_record": N_("Own payment record"),
    "bank_references": N_("Bank references"),
    "trade_references": N_("Trade references"),
    "third_party_report": N_("Third party's credit report"),
    "market": N_("Market"),
    "technology": N_("Technology"),
    "orders": N_("Order book"),
    "industry_climate": N_("Industry climate"),
    "regional_climate": N_("Regional and economic climate"),
}
TREND_LABEL = N_("%(ratio)s, change a year")


def indicator_name(key: str) -> Sentence:
    """The name of an indicator, to be shown or to stand inside of another sentence."""
    if key in OTHER_INDICATORS:
        return Sentence(f"scorecard.indicator.{key}", OTHER_INDICATORS[key])
    ratio = key.removesuffix(TREND)
    label = RATIO[ratio].label if ratio in RATIO else GROWTH[ratio][1] if ratio in GROWTH else key
    name = Sentence(f"ratios.name.{ratio}", label)
    return Sentence("scorecard.trend", TREND_LABEL, {"ratio": name}) if key.endswith(TREND) else name


def dimension_name(key: str) -> Sentence:
    """The name of a dimension."""
    return Sentence(f"scorecard.dimension.{key}", DIMENSIONS.get(key, key))


@dataclass(frozen=True, slots=True)
class Band:
    """From `start` (None: any lower value) to `below` (None: any higher), not included: this share of the points."""

    start: Decimal | None
    below: Decimal | None
    share: Decimal

    def holds(self, value: Decimal) -> bool:
        """Does the value lie in this band?"""
        return (self.start is None or value >= self.start) and (self.below is None or value < self.below)


@dataclass(frozen=True, slots=True)
class Indicator:
    """`weight` is its per cent of the dimension; `bands` for figures, `levels` for judged ones."""

    key: str
    dimension: str
    kind: str
    direction: str
    weight: Decimal
    bands: tuple[Band, ...] = ()
    levels: Mapping[str, Decimal] | None = None


@dataclass(frozen=True, slots=True)
class ScorecardModel:
    """One model: `applies_to` criterion -> accepted values, `dimensions` -> weight, `judgement` points up or down."""

    key: str
    version: int
    name: str
    applies_to: Mapping[str, frozenset[str]]
    dimensions: Mapping[str, Decimal]
    judgement: Decimal
    altman: str
    indicators: tuple[Indicator, ...]

    @property
    def identity(self) -> str:
        """Key and version, as a rating keeps it: existing@1."""
        return f"{self.key}@{self.version}"

    def of(self, indicator: Indicator) -> Decimal:
        """The points that an indicator can earn."""
        return self.dimensions[indicator.dimension] * indicator.weight / 100

    def fits(self, segment: "Segment") -> bool:
        """Does every criterion of the model accept the customer?"""
        return all(segment.value(name) in accepted for name, accepted in self.applies_to.items())


@dataclass(frozen=True, slots=True)
class Segment:
    """What a model is chosen by; None where nothing is known, which fits only models that do not ask."""

    industry: str | None = None
    region: str | None = None
    size: str | None = None
    enterprise_kind: str | None = None
    is_new: bool = False

    def value(self, criterion: str) -> str | None:
        """The customer's value as the criteria are written: small letters; yes or no for new ones."""
        if criterion == "is_new":
            return "yes" if self.is_new else "no"
        found: str | None = getattr(self, criterion)
        return found.strip().lower() if found else None
