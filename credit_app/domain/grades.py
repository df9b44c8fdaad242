"""Grades AAA to C by score, D for those in default or blacklisted, and the risk class of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self

from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.policy_values import Values, list_of, to_decimal

NO_CREDIT = "D"
RISKS = ("low", "medium", "high", "none")  # none: no credit at all
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Band:
    """From this score (0 to 100) on, this grade and risk class."""

    grade: str
    from_score: Decimal
    risk: str


@dataclass(frozen=True, slots=True)
class GradePolicy:
    """Bands from the best down, the last one from 0; grade D stands outside of the scores."""

    bands: tuple[Band, ...]

    @classmethod
    def from_policy(cls, values: Values) -> Self:
        """The bands in force; raises InvalidPolicy when they do not fall strictly down to 0."""
        bands = list_of(values, "rating.bands", _band)
        scores = [band.from_score for band in bands]
        if not scores or scores[-1] != 0 or sorted(set(scores), reverse=True) != scores:
            raise InvalidPolicy(key="rating.bands", problem="not falling down to 0")
        return cls(bands)

    @property
    def grades(self) -> tuple[str, ...]:
        """All grades from the best to D."""
        return (*(band.grade for band in self.bands), NO_CREDIT)

    def grade_of(self, score: Decimal) -> str:
        """The grade of a score between 0 and 100."""
        return next(band.grade for band in self.bands if score >= band.from_score)

    def risk_of(self, grade: str) -> str:
        """low, medium, high, or none for D."""
        return next((band.risk for band in self.bands if band.grade == grade), "none")

    def highest_score(self, grade: str) -> Decimal:
        """The highest score that still has that grade: a capped score must not belong to a better one."""
        if grade == NO_CREDIT:
            return Decimal(0)
        above = Decimal(100) + CENT
        for band in self.bands:
            if band.grade == grade:
                return above - CENT
            above = band.from_score
        raise InvalidPolicy(key="rating.bands", problem="without the grade %(grade)s", grade=grade)


def _band(key: str, value: Any) -> Band:
    if not isinstance(value, Sequence) or len(value) != 3 or value[2] not in RISKS:
        raise InvalidPolicy(key=key, problem="no band [grade, from score, risk]: “%(value)s”", value=value)
    return Band(str(value[0]), to_decimal(key, value[1]), str(value[2]))


def grade_table(key: str, table: Mapping[str, Any], policy: GradePolicy) -> None:
    """Raise InvalidPolicy unless the table holds every grade, so that none is looked up in vain."""
    missing = [grade for grade in policy.grades if grade not in table]
    if missing:
        raise InvalidPolicy(key=key, problem="without the grades %(names)s", names=tuple(missing))
