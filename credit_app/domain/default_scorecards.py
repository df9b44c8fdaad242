"""The scorecard models that a new company starts with; rules of thumb of the field.

Bands are rows [from, below, share of the points]; null is an open end. The bands are rules of thumb written down
before the model was tried on any company. The weights of the indicators that read statements were then set by hand,
looking only at the rows that `credit rating backtest` does not hold out (docs/rating.md tells how); its figures are
of those that it does.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from credit_app.domain.default_peers import PEERS
from credit_app.domain.policy_figure import RULES, Figure
from credit_app.domain.sentences import N_

_SHARES_UP = ("0", "0.2", "0.4", "0.65", "0.85", "1")
_LEVEL_SHARES = {"excellent": "1", "good": "0.8", "fair": "0.55", "weak": "0.25", "poor": "0"}


def _bands(bounds: Sequence[str], shares: Sequence[str]) -> list[list[str | None]]:
    edges: list[str | None] = [None, *bounds, None]
    return [[edges[n], edges[n + 1], share] for n, share in enumerate(shares)]


def _higher(*bounds: str) -> dict[str, Any]:
    """Five rising bounds: the more, the better."""
    return {"kind": "quantitative", "direction": "higher", "bands": _bands(bounds, _SHARES_UP)}


def _lower(*bounds: str) -> dict[str, Any]:
    """Five rising bounds: the less, the better."""
    return {"kind": "quantitative", "direction": "lower", "bands": _bands(bounds, _SHARES_UP[::-1])}


def _count(*shares: str) -> dict[str, Any]:
    """None at all, one, two … : the fewer, the better."""
    bounds = [str(number) for number in range(1, len(shares))]
    return {"kind": "quantitative", "direction": "lower", "bands": _bands(bounds, shares)}


def _trend(*bounds: str) -> dict[str, Any]:
    """Four rising bounds of a change a year: falling much, falling, steady, rising, rising much."""
    return {
        "kind": "quantitative",
        "direction": "higher",
        "bands": _bands(bounds, ("0", "0.3", "0.6", "0.8", "1")),
    }


_JUDGED = {"kind": "qualitative", "direction": "level", "levels": _LEVEL_SHARES}
_RECORD = {"kind": "payment_record", "direction": "higher"}

_INDICATORS: Mapping[str, Mapping[str, Any]] = {
    "years_registered": _higher("1", "2", "4", "7", "12"),
    "employees": _higher("2", "5", "20", "100", "500"),
    "ownership": _JUDGED,
    "industry_position": _JUDGED,
    "management": _JUDGED,
    "reputation": _JUDGED,
    "open_litigation": _count("1", "0.5", "0.2", "0"),
    "penalties": _count("1", "0.6", "0.3", "0"),
    "leverage": _lower("0.30", "0.45", "0.60", "0.75", "0.90"),
    "equity_ratio": _higher("0.05", "0.15", "0.25", "0.40", "0.55"),
    "current_ratio": _higher("0.8", "1.0", "1.2", "1.5", "2.0"),
    "quick_ratio": _higher("0.4", "0.6", "0.8", "1.0", "1.2"),
    "cash_ratio": _higher("0.05", "0.10", "0.20", "0.30", "0.50"),
    "interest_cover": _higher("1", "1.5", "3", "5", "8"),
    "cash_flow_to_debt": _higher("0", "0.08", "0.15", "0.25", "0.40"),
    "own_payment_record": _RECORD,
    "bank_references": _JUDGED,
    "trade_references": _JUDGED,
    "third_party_report": _JUDGED,
    "gross_margin": _higher("0.05", "0.10", "0.20", "0.30", "0.40"),
    "operating_margin": _higher("0", "0.02", "0.05", "0.08", "0.12"),
    "net_margin": _higher("0", "0.01", "0.03", "0.06", "0.10"),
    "return_on_assets": _higher("0", "0.02", "0.05", "0.08", "0.12"),
    "receivable_days": _lower("30", "45", "60", "90", "120"),
    "inventory_days": _lower("30", "60", "90", "150", "240"),
    "payable_days": _lower("30", "45", "60", "90", "120"),
    "sales_growth": _higher("-0.15", "-0.05", "0", "0.05", "0.15"),
    "market": _JUDGED,
    "technology": _JUDGED,
    "orders": _JUDGED,
    "industry_climate": _JUDGED,
    "regional_climate": _JUDGED,
    "equity_ratio_trend": _trend("-0.05", "-0.01", "0.01", "0.05"),
    "return_on_assets_trend": _trend("-0.05", "-0.01", "0.01", "0.05"),
    "operating_margin_trend": _trend("-0.05", "-0.01", "0.01", "0.05"),
    "cash_flow_to_debt_trend": _trend("-0.10", "-0.02", "0.02", "0.10"),
}

# Per cent of the dimension.
_WEIGHTS: Mapping[str, Mapping[str, str]] = {
    "basic_quality": {
        "years_registered": "15",
        "employees": "10",
        "ownership": "10",
        "industry_position": "15",
        "management": "15",
        "reputation": "15",
        "open_litigation": "10",
        "penalties": "10",
    },
    "financial_structure": {
        "leverage": "20",
        "equity_ratio": "15",
        "current_ratio": "15",
        "quick_ratio": "35",
        "cash_ratio": "15",
    },
    "repayment_ability": {
        "interest_cover": "10",
        "cash_flow_to_debt": "30",
        "own_payment_record": "40",
        "bank_references": "7",
        "trade_references": "8",
        "third_party_report": "5",
    },
    "operating_ability": {
        "gross_margin": "5",
        "operating_margin": "15",
        "net_margin": "25",
        "return_on_assets": "25",
        "receivable_days": "10",
        "inventory_days": "5",
        "payable_days": "5",
        "sales_growth": "10",
    },
    "prospects": {
        "market": "15",
        "technology": "10",
        "orders": "15",
        "industry_climate": "15",
        "regional_climate": "10",
        "equity_ratio_trend": "10",
        "return_on_assets_trend": "10",
        "operating_margin_trend": "10",
        "cash_flow_to_debt_trend": "5",
    },
}
# A new customer has hardly a record with us: what others say of it and its cash flow weigh more.
_NEW_REPAYMENT = {
    "interest_cover": "15",
    "cash_flow_to_debt": "35",
    "own_payment_record": "20",
    "bank_references": "10",
    "trade_references": "12",
    "third_party_report": "8",
}
# Trading companies turn over more on less equity and thinner margins.
_TRADE = {
    "leverage": _lower("0.40", "0.55", "0.70", "0.82", "0.93"),
    "equity_ratio": _higher("0.04", "0.10", "0.18", "0.30", "0.45"),
    "gross_margin": _higher("0.03", "0.06", "0.12", "0.20", "0.30"),
    "operating_margin": _higher("0", "0.01", "0.02", "0.04", "0.07"),
    "net_margin": _higher("0", "0.005", "0.015", "0.03", "0.05"),
}


def _model(
    key: str,
    name: str,
    applies_to: Mapping[str, Any],
    dimensions: Sequence[str],
    bands: Mapping[str, Any] | None = None,
    weights: Mapping[str, Mapping[str, str]] | None = None,
    altman: str = "z_others",
) -> dict[str, Any]:
    chosen = {**_WEIGHTS, **(weights or {})}
    return {
        "key": key,
        "version": 1,
        "name": name,
        "applies_to": dict(applies_to),
        "dimensions": dict(zip(_WEIGHTS, dimensions, strict=True)),
        "judgement": "10",
        "altman": altman,
        "indicators": [
            {
                "key": indicator,
                "dimension": dimension,
                "weight": weight,
                **{**_INDICATORS, **(bands or {})}[indicator],
            }
            for dimension, indicators in chosen.items()
            for indicator, weight in indicators.items()
        ],
    }


_EXISTING = ("15", "20", "25", "20", "10")
_NEW = ("25", "15", "15", "25", "10")
_TRADE_WORDS = ["trade", "wholesale", "retail", "wholesale and retail", "distribution"]

SCORECARDS: Mapping[str, Figure] = {
    **PEERS,
    "rating.models": Figure(
        [
            _model(
                "new_trade",
                N_("New customers in trade"),
                {"is_new": "yes", "industry": _TRADE_WORDS},
                _NEW,
                _TRADE,
                {"repayment_ability": _NEW_REPAYMENT},
            ),
            _model(
                "new",
                N_("New customers"),
                {"is_new": "yes"},
                _NEW,
                weights={"repayment_ability": _NEW_REPAYMENT},
            ),
            _model("trade", N_("Customers in trade"), {"industry": _TRADE_WORDS}, _EXISTING, _TRADE),
            _model(
                "small",
                N_("Small companies"),
                {"is_new": "no", "size": ["micro", "small"]},
                ("20", "15", "30", "15", "10"),
                altman="z_private",
            ),
            _model("general", N_("All other customers"), {}, _EXISTING),
        ],
        RULES + "five dimensions and their weights; bands, indicator weights and further models (check).",
    ),
}
