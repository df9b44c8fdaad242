"""Compares a customer's ratios with its peers: the percentile within companies of its industry, and a score of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any, Self

from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.grades import CENT
from credit_app.domain.policy_values import (
    Step,
    Values,
    climb,
    decimal_of,
    table_of,
    to_decimal,
    to_ladder,
    value_of,
    whole_of,
)
from credit_app.domain.ratio_table import GROWTH, HIGHER, RATIO, better_of, name_of
from credit_app.domain.sentences import N_, Sentence

EVERY_INDUSTRY = "*"
FROM_PEERS, FROM_TABLE = "peers", "table"
QUARTERS = (Decimal("0.25"), Decimal("0.5"), Decimal("0.75"))
LOWEST, HIGHEST = Decimal("0.01"), Decimal("0.99")

Quartiles = tuple[Decimal, Decimal, Decimal]


@dataclass(frozen=True, slots=True)
class PeerPolicy:
    """Which ratios are compared and how much each weighs, by what, and what a percentile is worth."""

    weights: Mapping[str, Decimal]
    least_peers: int  # with fewer peers of our own the table stands in
    least_coverage: Decimal  # share of the weights that must have a percentile
    quartiles: Mapping[
        str, Mapping[str, Quartiles]
    ]  # industry -> ratio -> lower quartile, median, upper quartile
    scores: tuple[Step, ...]  # percentile up to -> score

    @classmethod
    def from_policy(cls, values: Values) -> Self:
        """The policy in force; raises InvalidPolicy naming the figure that is missing or malformed."""
        quartiles = table_of(values, "rating.peer_quartiles", _industry)
        if EVERY_INDUSTRY not in quartiles:
            raise InvalidPolicy(key="rating.peer_quartiles", problem="without a row for every other industry")
        weights = table_of(values, "rating.peer_weights", to_decimal)
        unknown = [key for key in weights if key not in RATIO and key not in GROWTH]
        if unknown or not weights or min(weights.values()) <= 0:
            raise InvalidPolicy(
                key="rating.peer_weights", problem="no table of ratios with weights above zero"
            )
        return cls(
            weights=weights,
            least_peers=whole_of(values, "rating.least_peers"),
            least_coverage=decimal_of(values, "rating.peer_coverage"),
            quartiles={name.strip().lower(): row for name, row in quartiles.items()},
            scores=to_ladder("rating.percentile_scores", value_of(values, "rating.percentile_scores")),
        )


@dataclass(frozen=True, slots=True)
class PeerPoint:
    """One ratio among its peers: `percentile` 0 to 1, 1 is best; compared with `peers` companies, or with a table."""

    ratio: str
    value: Decimal
    percentile: Decimal
    score: Decimal
    weight: Decimal
    basis: str
    peers: int
    source: Sentence


@dataclass(frozen=True, slots=True)
class PeerComparison:
    """Score 0 to 100, None with the reason when too little can be compared."""

    score: Decimal | None
    points: tuple[PeerPoint, ...]
    missing: Sentence | None = None


def compare(
    values: Mapping[str, Decimal],
    peers: Mapping[str, Sequence[Decimal]],
    industry: str | None,
    policy: PeerPolicy,
) -> PeerComparison:
    """The customer's ratios against those of its peers (ratio -> their values, the customer not among them)."""
    row = policy.quartiles.get((industry or "").strip().lower(), policy.quartiles[EVERY_INDUSTRY])
    points = tuple(
        point
        for ratio in policy.weights
        if ratio in values and (point := _point(ratio, values[ratio], peers.get(ratio, ()), row, policy))
    )
    weight = sum((point.weight for point in points), Decimal(0))
    if not points:
        return PeerComparison(None, points, _NOTHING)
    if weight < policy.least_coverage * sum(policy.weights.values()):
        return PeerComparison(None, points, Sentence("peers.too_few", _TOO_FEW, {"found": len(points)}))
    score = sum((point.score * point.weight for point in points), Decimal(0)) / weight
    return PeerComparison(score.quantize(CENT), points)


def percentile(value: Decimal, peers: Sequence[Decimal], better: str) -> Decimal:
    """Share of the peers that are worse, equal ones counted half; at least one peer."""
    below = sum(peer < value for peer in peers) + Decimal(sum(peer == value for peer in peers)) / 2
    share = below / len(peers)
    return (share if better == HIGHER else 1 - share).quantize(CENT)


def percentile_by_quartiles(value: Decimal, quartiles: Quartiles, better: str) -> Decimal:
    """The same estimated from quartiles: straight lines between them, the outer ones prolonged, 0.01 to 0.99."""
    points = list(zip(quartiles, QUARTERS, strict=True))
    (low, low_share), (high, high_share) = points[0], points[1]
    for (start, start_share), (end, end_share) in pairwise(points):
        if value >= start:
            low, low_share, high, high_share = start, start_share, end, end_share
    if high == low:
        share = low_share if value <= low else high_share
    else:
        share = low_share + (value - low) / (high - low) * (high_share - low_share)
    share = min(max(share, LOWEST), HIGHEST)
    return (share if better == HIGHER else 1 - share).quantize(CENT)


def _point(
    ratio: str,
    value: Decimal,
    peers: Sequence[Decimal],
    row: Mapping[str, Quartiles],
    policy: PeerPolicy,
) -> PeerPoint | None:
    named = {"ratio": name_of(ratio), "peers": len(peers)}
    if len(peers) >= policy.least_peers:
        share, basis = percentile(value, peers, better_of(ratio)), FROM_PEERS
        source = Sentence("peers.companies", _COMPANIES, named)
    elif ratio in row:
        share, basis = percentile_by_quartiles(value, row[ratio], better_of(ratio)), FROM_TABLE
        source = Sentence("peers.table", _TABLE, {"ratio": name_of(ratio)})
    else:
        return None
    count = len(peers) if basis == FROM_PEERS else 0
    return PeerPoint(
        ratio, value, share, climb(policy.scores, share), policy.weights[ratio], basis, count, source
    )


def _industry(key: str, value: Any) -> dict[str, Quartiles]:
    if not isinstance(value, Mapping):
        raise InvalidPolicy(key=key, problem="no table of ratios")
    return {str(ratio): _quartiles(key, row) for ratio, row in value.items()}


def _quartiles(key: str, value: Any) -> Quartiles:
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != 3:
        raise InvalidPolicy(key=key, problem="no three quartiles: “%(value)s”", value=value)
    low, middle, high = (to_decimal(key, one) for one in value)
    if not low <= middle <= high:
        raise InvalidPolicy(key=key, problem="holding quartiles that do not rise: “%(value)s”", value=value)
    return low, middle, high


_NOTHING = Sentence("peers.nothing", N_("There is no ratio to compare with the industry."))
_TOO_FEW = N_("Only %(found)s ratios can be compared with the industry.")
_COMPANIES = N_("“%(ratio)s” among %(peers)s customers of the industry")
_TABLE = N_("“%(ratio)s” against the quartiles of the industry in the policy")
