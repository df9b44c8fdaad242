"""How well a score tells failures from survivors: the area under the ROC curve with its confidence interval.

The interval is that of DeLong, DeLong and Clarke-Pearson (1988): no assumption about how the scores are spread, and
two scores of the same companies can be compared. Plain floats: these are statistics, not amounts.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

Z_95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Auc:
    """Share of pairs (survivor, failure) that the score puts in order, ties counted half, with its 95 % interval."""

    value: float
    low: float
    high: float
    failures: int
    survivors: int
    by_failure: tuple[float, ...]  # for each failure, the share of survivors scored above it
    by_survivor: tuple[float, ...]


def auc(scores: Sequence[float], failed: Sequence[bool]) -> Auc:
    """A higher score means a better company. Raises ValueError unless there are at least two of both kinds."""
    bad = [score for score, is_failure in zip(scores, failed, strict=True) if is_failure]
    good = [score for score, is_failure in zip(scores, failed, strict=True) if not is_failure]
    if len(bad) < 2 or len(good) < 2:
        raise ValueError("an area needs at least two failures and two survivors")
    everyone = iter(midranks(bad + good))
    in_all = [next(everyone) for _ in bad], list(everyone)
    by_failure = [1 - (rank - own) / len(good) for rank, own in zip(in_all[0], midranks(bad), strict=True)]
    by_survivor = [(rank - own) / len(bad) for rank, own in zip(in_all[1], midranks(good), strict=True)]
    value = sum(by_survivor) / len(good)
    spread = Z_95 * math.sqrt(_variance(by_failure) / len(bad) + _variance(by_survivor) / len(good))
    return Auc(
        value,
        max(0.0, value - spread),
        min(1.0, value + spread),
        len(bad),
        len(good),
        tuple(by_failure),
        tuple(by_survivor),
    )


def difference(one: Auc, other: Auc) -> tuple[float, float, float]:
    """One area less the other, both of the same companies in the same order, with its 95 % interval."""
    apart = one.value - other.value
    bad = _variance([a - b for a, b in zip(one.by_failure, other.by_failure, strict=True)])
    good = _variance([a - b for a, b in zip(one.by_survivor, other.by_survivor, strict=True)])
    spread = Z_95 * math.sqrt(bad / one.failures + good / one.survivors)
    return apart, apart - spread, apart + spread


def midranks(values: Sequence[float]) -> list[float]:
    """Ranks from 1; equal values share the mean of their ranks."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end < len(order) and values[order[end]] == values[order[start]]:
            end += 1
        for place in order[start:end]:
            ranks[place] = (start + end + 1) / 2
        start = end
    return ranks


def _variance(values: Sequence[float]) -> float:
    mean = sum(values) / len(values)
    return sum((value - mean) ** 2 for value in values) / (len(values) - 1)
