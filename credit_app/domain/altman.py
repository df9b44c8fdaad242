"""Altman's Z-scores beside our own score: an independent cross-check of a company's distance from failure.

Z for listed makers (Altman 1968), Z′ for private ones and Z″ for every other company (Altman 2000, “Predicting
financial distress of companies: revisiting the Z-score and ZETA models”). The figures are policy data.

X1 working capital ÷ assets, X2 retained earnings ÷ assets, X3 operating profit ÷ assets, X4 equity ÷ liabilities
(Z: market value of equity), X5 sales ÷ assets.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self

from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.policy_values import Values, table_of, to_decimal
from credit_app.domain.sentences import N_, Sentence
from credit_app.domain.statement_lines import LINE, Statement, Terms

Z, Z_PRIVATE, Z_OTHERS = "z", "z_private", "z_others"
VARIANTS = (Z, Z_PRIVATE, Z_OTHERS)
SAFE, GREY, DISTRESS = "safe", "grey", "distress"
PLACES = Decimal("0.01")

TERMS: Mapping[str, tuple[Terms, Terms]] = {
    "x1": ((("current_assets", 1), ("current_liabilities", -1)), (("total_assets", 1),)),
    "x2": ((("retained_earnings", 1),), (("total_assets", 1),)),
    "x3": ((("operating_profit", 1),), (("total_assets", 1),)),
    "x4": ((("equity", 1),), (("total_liabilities", 1),)),
    "x5": ((("sales", 1),), (("total_assets", 1),)),
}


@dataclass(frozen=True, slots=True)
class Weights:
    """Weight of each term, and the scores above which a company is safe and below which it is in distress."""

    terms: Mapping[str, Decimal]
    safe_above: Decimal
    distress_below: Decimal

    def score(self, terms: Mapping[str, Decimal]) -> Decimal:
        """The weighted sum of the terms that this variant reads; raises KeyError when one is missing."""
        return sum((weight * terms[name] for name, weight in self.terms.items()), Decimal(0))

    def zone(self, score: Decimal) -> str:
        """safe, grey or distress."""
        if score > self.safe_above:
            return SAFE
        return DISTRESS if score < self.distress_below else GREY


@dataclass(frozen=True, slots=True)
class AltmanPolicy:
    """The variants with their weights and zones."""

    variants: Mapping[str, Weights]

    @classmethod
    def from_policy(cls, values: Values) -> Self:
        """The policy in force; raises InvalidPolicy when a variant is missing or its zones overlap."""
        variants = table_of(values, "rating.altman", _weights)
        missing = [name for name in VARIANTS if name not in variants]
        if missing:
            raise InvalidPolicy(key="rating.altman", problem="without %(names)s", names=tuple(missing))
        return cls(variants)


@dataclass(frozen=True, slots=True)
class Altman:
    """One variant's score and zone, or why there is none; `terms` are what it was made of."""

    variant: str
    score: Decimal | None
    zone: str | None
    terms: Mapping[str, Decimal]
    missing: Sentence | None = None


def altman(
    variant: str, statement: Statement, policy: AltmanPolicy, market_value: Decimal | None = None
) -> Altman:
    """The score of a statement; Z reads the market value of equity, which no statement holds."""
    terms: dict[str, Decimal] = {}
    for name in policy.variants[variant].terms:
        top, bottom = TERMS[name]
        lines = ([] if variant == Z and name == "x4" else list(top)) + list(bottom)
        lacking = statement.lacking(*lines)
        if lacking:
            return _none(variant, "line_missing", _LINE_MISSING, statement, line=LINE[lacking].name)
        above = market_value if variant == Z and name == "x4" else statement.total(*top)
        if above is None:
            return _none(variant, "market_value", _MARKET_VALUE, statement)
        below = statement.total(*bottom) or Decimal(0)
        if below <= 0:
            return _none(variant, "not_above_zero", _NOT_ABOVE_ZERO, statement, line=LINE[bottom[0][0]].name)
        terms[name] = above / below * (Decimal(12) / statement.months if name in ("x3", "x5") else 1)
    weights = policy.variants[variant]
    score = weights.score(terms).quantize(PLACES)
    shown = {name: value.quantize(Decimal("0.0001")) for name, value in terms.items()}
    return Altman(variant, score, weights.zone(score), shown)


def every_variant(
    statement: Statement, policy: AltmanPolicy, market_value: Decimal | None = None
) -> Sequence[Altman]:
    """All variants side by side."""
    return tuple(altman(variant, statement, policy, market_value) for variant in VARIANTS)


def _none(variant: str, code: str, template: str, statement: Statement, **values: object) -> Altman:
    filled = {"year": str(statement.year), **values}
    return Altman(variant, None, None, {}, Sentence(f"altman.{code}", template, filled))


_LINE_MISSING = N_("No score: “%(line)s” of %(year)s is missing.")
_NOT_ABOVE_ZERO = N_("No score: “%(line)s” of %(year)s is not above zero.")
_MARKET_VALUE = N_("No score for %(year)s: the market value of the equity is not known.")


def _weights(key: str, value: Any) -> Weights:
    if not isinstance(value, Mapping) or not isinstance(value.get("terms"), Mapping):
        raise InvalidPolicy(key=key, problem="no table of terms and zones: “%(value)s”", value=value)
    unknown = [name for name in value["terms"] if name not in TERMS]
    if unknown or not value["terms"]:
        raise InvalidPolicy(
            key=key, problem="naming terms that do not exist: %(names)s", names=tuple(unknown)
        )
    terms = {str(name): to_decimal(key, weight) for name, weight in value["terms"].items()}
    found = Weights(
        terms, to_decimal(key, value.get("safe_above")), to_decimal(key, value.get("distress_below"))
    )
    if found.distress_below >= found.safe_above:
        raise InvalidPolicy(key=key, problem="holding zones that overlap")
    return found
