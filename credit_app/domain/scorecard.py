"""Scores a customer by a model: each point traced to its indicator, value, band and source."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from credit_app.domain.grades import CENT
from credit_app.domain.rating import Point
from credit_app.domain.scorecard_models import (
    DIMENSIONS,
    LEVELS,
    PAYMENT_RECORD,
    Band,
    Indicator,
    ScorecardModel,
)
from credit_app.domain.sentences import N_, Sentence

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Reading:
    """What an indicator reads: a figure, or a level; `source` names where it is from and `row` its row.

    Without a value `missing` says why; `applies` is False where there is nothing to read and nothing is missing
    (no interest to cover). `parts` are the points behind a score that was made elsewhere.
    """

    value: Decimal | str | None
    source: Sentence
    row: str = ""
    on: date | None = None
    missing: Sentence | None = None
    applies: bool = True
    parts: tuple[Point, ...] = ()


@dataclass(frozen=True, slots=True)
class IndicatorPoints:
    """`points` of `of` earned by the indicator's value in its band; no value: no points, and it does not count."""

    indicator: str
    dimension: str
    kind: str
    value: Decimal | str | None
    band: Sentence | None
    points: Decimal
    of: Decimal
    source: Sentence
    row: str = ""
    on: date | None = None
    missing: Sentence | None = None
    applies: bool = True
    parts: tuple[Point, ...] = ()


@dataclass(frozen=True, slots=True)
class DimensionPoints:
    """Points earned, what the indicators with a figure could earn (`possible`) and the dimension's whole weight."""

    dimension: str
    points: Decimal
    possible: Decimal
    of: Decimal


@dataclass(frozen=True, slots=True)
class Card:
    """Score 0 to 100 over what is known (None: nothing is), and how much of the weight that is (`coverage`)."""

    model: str
    score: Decimal | None
    coverage: Decimal
    dimensions: tuple[DimensionPoints, ...]
    points: tuple[IndicatorPoints, ...]


def score_card(model: ScorecardModel, readings: Mapping[str, Reading]) -> Card:
    """Points of every indicator. What has no figure is left out and lowers `coverage`; what does not apply, not."""
    points = tuple(_points(model, one, readings.get(one.key, _UNREAD)) for one in model.indicators)
    dimensions = tuple(_dimension(model, name, points) for name in DIMENSIONS)
    possible = sum((one.possible for one in dimensions), ZERO)
    applicable = sum((one.of for one in points if one.applies), ZERO)
    earned = sum((one.points for one in dimensions), ZERO)
    return Card(
        model=model.identity,
        score=(earned * 100 / possible).quantize(CENT) if possible else None,
        coverage=(possible / applicable).quantize(CENT) if applicable else ZERO,
        dimensions=dimensions,
        points=points,
    )


def _points(model: ScorecardModel, indicator: Indicator, reading: Reading) -> IndicatorPoints:
    of = model.of(indicator)
    share, band = _share(indicator, reading)
    value = reading.value if share is not None else None
    missing = reading.missing
    if share is None and missing is None:
        missing = _NO_FIGURE if reading.value is None else _no_level(str(reading.value))
    return IndicatorPoints(
        indicator=indicator.key,
        dimension=indicator.dimension,
        kind=indicator.kind,
        value=value,
        band=band,
        points=(of * (share or ZERO)).quantize(CENT),
        of=of,
        source=reading.source,
        row=reading.row,
        on=reading.on,
        missing=missing if share is None else None,
        applies=reading.applies,
        parts=reading.parts,
    )


def _share(indicator: Indicator, reading: Reading) -> tuple[Decimal | None, Sentence | None]:
    value = reading.value
    if indicator.levels is not None:
        if value not in indicator.levels:
            return None, None
        return indicator.levels[str(value)], Sentence(f"scorecard.level.{value}", LEVELS[str(value)])
    if not isinstance(value, Decimal):
        return None, None
    if indicator.kind == PAYMENT_RECORD:
        return min(max(value, ZERO), Decimal(100)) / 100, None
    band = next(band for band in indicator.bands if band.holds(value))
    return band.share, band_said(band)


def band_said(band: Band) -> Sentence:
    """A band in words."""
    values: dict[str, object] = {}
    if band.start is not None:
        values["low"] = f"{band.start:f}"
    if band.below is not None:
        values["high"] = f"{band.below:f}"
    return Sentence("scorecard.band", _BANDS[("low" in values, "high" in values)], values)


def _dimension(model: ScorecardModel, name: str, points: tuple[IndicatorPoints, ...]) -> DimensionPoints:
    own = [one for one in points if one.dimension == name]
    known = [one for one in own if one.value is not None]
    return DimensionPoints(
        dimension=name,
        points=sum((one.points for one in known), ZERO),
        possible=sum((one.of for one in known), ZERO),
        of=model.dimensions[name],
    )


def _no_level(value: str) -> Sentence:
    return Sentence("scorecard.no_level", _NO_LEVEL, {"value": value[:40], "levels": ", ".join(LEVELS)})


_BANDS: Mapping[tuple[bool, bool], str] = {
    (True, True): N_("from %(low)s to below %(high)s"),
    (True, False): N_("%(low)s or more"),
    (False, True): N_("below %(high)s"),
    (False, False): N_("any figure"),
}
_NO_FIGURE = Sentence("scorecard.no_figure", N_("Nobody has recorded it."))
_NO_LEVEL = N_("“%(value)s” is none of the levels %(levels)s.")
_UNREAD = Reading(None, Sentence("scorecard.unread", N_("not recorded")))
