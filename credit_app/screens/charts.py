"""Coordinates for the charts that templates draw as SVG, and the sentence that says the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from math import ceil
from typing import Any

from credit_app.i18n import _, ngettext

# The viewBox of components/charts.html, macro trend.
LEFT, RIGHT, TOP, BOTTOM = 34, 640, 8, 148


@dataclass(frozen=True)
class ExposureShape:
    """Widths and positions on a bar of 1,000 units; None where there is no such mark."""

    exposure: float
    added: float
    limit: float | None
    warning: float | None
    over: bool
    words: str


def exposure_shape(bar: Mapping[str, Any]) -> ExposureShape:
    """Return the shape for {exposure, added?, limit?, warning?, currency}; amounts are Decimal in one currency."""
    exposure = max(Decimal(0), bar["exposure"])
    added = max(Decimal(0), bar.get("added") or Decimal(0))
    limit, warning = bar.get("limit"), bar.get("warning")
    full = max(exposure + added, limit or Decimal(0), warning or Decimal(0)) * Decimal("1.06") or Decimal(1)

    def place(value: Decimal | None) -> float | None:
        return None if value is None else round(float(value / full * 1000), 1)

    over = limit is not None and exposure + added > limit
    if limit:
        share = round((exposure + added) / limit * 100)
        words = _("Exposure uses %(share)s percent of the limit", share=share)
    else:
        words = _("There is no limit to compare the exposure with")
    return ExposureShape(place(exposure) or 0, place(added) or 0, place(limit), place(warning), over, words)


@dataclass
class TrendShape:
    """Bars, axis ticks and labels of the days-late chart."""

    words: str
    bars: list[dict[str, Any]] = field(default_factory=list)
    ticks: list[dict[str, Any]] = field(default_factory=list)
    labels: list[dict[str, Any]] = field(default_factory=list)


def trend_shape(points: Sequence[Mapping[str, Any]]) -> TrendShape:
    """Return the chart of {label, value or None}: average days late per month, oldest first."""
    values = [float(point["value"]) for point in points if point["value"] is not None]
    if not values:
        return TrendShape(_("No payments in this period"))
    step = next(s for s in (5, 10, 15, 30, 60, 120, 365, 10**6) if max(*values, 1) / s <= 4)
    top = step * max(1, ceil(max(values) / step))
    scale = (BOTTOM - TOP) / top
    shape = TrendShape(trend_words([point["value"] for point in points]))
    for tick in range(0, top + 1, step):
        shape.ticks.append({"y": round(BOTTOM - tick * scale, 1), "label": str(tick), "zero": tick == 0})
    slot = (RIGHT - LEFT) / len(points)
    for index, point in enumerate(points):
        x = LEFT + index * slot
        if index % max(1, ceil(len(points) / 8)) == 0:
            shape.labels.append({"x": round(x + slot / 2, 1), "text": point["label"]})
        if point["value"] is not None:
            shape.bars.append(_bar(point, x + slot * 0.18, slot * 0.64, scale))
    return shape


def _bar(point: Mapping[str, Any], x: float, width: float, scale: float) -> dict[str, Any]:
    value = max(0.0, float(point["value"]))
    height = max(1.5, value * scale)
    return {
        "x": round(x, 1),
        "width": round(width, 1),
        "y": round(BOTTOM - height, 1),
        "height": round(height, 1),
        "tone": "1",
        "title": _("%(month)s: %(days)s days late on average", month=point["label"], days=f"{value:.0f}"),
    }


def trend_words(values: Sequence[float | None]) -> str:
    """Return in one sentence whether the last three months (None: nothing paid) are better than those before."""
    recent, before = _average(values[-3:]), _average(values[-6:-3])
    if recent is None:
        return _("Nothing was paid in the last three months")
    days, change = round(recent), recent - before if before is not None else None
    words: str
    if change is None:
        words = ngettext("%(num)s day late on average lately", "%(num)s days late on average lately", days)
    elif change >= 2:
        words = ngettext(
            "%(num)s day late on average in the last three months, getting slower",
            "%(num)s days late on average in the last three months, getting slower",
            days,
        )
    elif change <= -2:
        words = ngettext(
            "%(num)s day late on average in the last three months, getting faster",
            "%(num)s days late on average in the last three months, getting faster",
            days,
        )
    else:
        words = ngettext(
            "%(num)s day late on average in the last three months, steady",
            "%(num)s days late on average in the last three months, steady",
            days,
        )
    return words


def _average(values: Sequence[float | None]) -> float | None:
    known = [float(value) for value in values if value is not None]
    return sum(known) / len(known) if known else None


@dataclass
class SparkShape:
    """Lines between neighbouring years, and a dot for each value; a year without one is a gap."""

    lines: list[str] = field(default_factory=list)
    dots: list[tuple[float, float]] = field(default_factory=list)


def spark_shape(values: Sequence[Decimal | None]) -> SparkShape | None:
    """Return the small course of a figure (oldest first) in a box of 60 × 18; None with less than two values."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return None
    low, high = min(known), max(known)
    step = 52 / (len(values) - 1)
    shape, run = SparkShape(), list[tuple[float, float]]()
    for index, value in enumerate([*values, None]):
        if value is None:
            if len(run) > 1:
                shape.lines.append(" ".join(f"{x},{y}" for x, y in run))
            run = []
            continue
        height = float((value - low) / (high - low)) if high > low else 0.5
        run.append((round(4 + index * step, 1), round(15 - 12 * height, 1)))
        shape.dots.append(run[-1])
    return shape
