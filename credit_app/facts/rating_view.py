"""A stored rating as a page shows it: methods, dimensions with their points, industry, Altman, caps and doubts."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import format_decimal

from credit_app.domain.combined_rating import METHODS
from credit_app.domain.ratio_table import DAYS, SHARE, name_of, unit_of
from credit_app.domain.scorecard_models import (
    LEVELS,
    OTHER_INDICATORS,
    TREND,
    dimension_name,
    indicator_name,
)
from credit_app.i18n import _, _l, said
from credit_app.models import Rating

RECORD_WORDS = {
    "weighted_days_late": _l("Days late, weighted by amount"),
    "average_days_late": _l("Average days late"),
    "share_late": _l("Share paid late"),
    "worst_days_late": _l("Worst delay, days"),
    "trend_days": _l("Trend, days"),
    "share_disputed": _l("Share disputed"),
    "oldest_overdue_days": _l("Oldest item overdue, days"),
}
VARIANTS = {
    "z": _l("Z, listed companies"),
    "z_private": _l("Z′, private companies"),
    "z_others": _l("Z″, all other companies"),
}
ZONES = {"safe": _l("safe"), "grey": _l("grey zone"), "distress": _l("in distress")}


def rating_view(rating: Rating) -> dict[str, Any]:
    """Everything of a rating in the reader's language; parts that an older rating lacks are empty."""
    stored: Mapping[str, Any] = rating.inputs.get("rating") or {}
    trends = rating.inputs.get("trends") or {}
    return {
        "earned": _number(stored.get("earned")),
        "capped": _number(stored.get("earned")) not in (None, rating.computed_score, rating.score),
        "by_record": rating.method == "payment_record",
        "model": _(str(stored["model_name"])) if stored.get("model_name") else "",
        "reasons": [said(one) for one in stored.get("confidence_reasons", ())],
        "vetoes": [said(one) for one in stored.get("vetoes", ())],
        "methods": [
            {
                "label": _(METHODS[one["method"]]),
                "score": _number(one["score"]),
                "weight": Decimal(one["weight"]),
                "missing": said(one["missing"]) if one["missing"] else "",
            }
            for one in stored.get("methods", ())
        ],
        "dimensions": [_dimension(one, stored["points"], trends) for one in stored.get("dimensions", ())],
        "record": [record_point(one) for one in record_points(rating)],
        "experience": [_judged(one) for one in (stored.get("experience") or {}).get("dimensions", ())],
        "industry": [_peer(one) for one in (stored.get("industry") or {}).get("points", ())],
        "altman": [_altman(one) for one in stored.get("altman", ())],
        "judgement": stored.get("judgement"),
    }


def record_points(rating: Rating) -> list[Mapping[str, Any]]:
    """The points of the payment record; ratings of the first release have no others."""
    stored = rating.inputs.get("rating") or {}
    if "record_points" in stored:
        return list(stored["record_points"])
    return list(stored.get("points", ()))


def record_point(point: Mapping[str, Any]) -> dict[str, Any]:
    """One figure of the payment record with its points."""
    name = str(point["indicator"])
    value = _number(point["value"])
    label = RECORD_WORDS.get(name) or name.replace("_", " ").capitalize()
    shown = _percent(value) if name.startswith("share_") else _plain(value)
    return {
        "label": label,
        "value": shown,
        "points": Decimal(point["points"]),
        "of": Decimal(point["of"]),
        "source": said(point["source"]),
    }


def indicator_value(key: str, value: Any) -> str | None:
    """An indicator's value as people write it: per cent, days, times, a level; None where there is none."""
    if value is None:
        return None
    if value in LEVELS:
        return _(LEVELS[value])
    number = _number(value)
    if number is None or key in OTHER_INDICATORS:
        return str(value) if number is None else _plain(number)
    ratio = key.removesuffix(TREND)
    if unit_of(ratio) == SHARE:
        return _signed(_percent(number), number) if key.endswith(TREND) else _percent(number)
    shown = str(format_decimal(number, format="#,##0" if unit_of(ratio) == DAYS else "#,##0.00"))
    return _signed(shown, number) if key.endswith(TREND) else shown


def _dimension(
    stored: Mapping[str, Any], points: list[Mapping[str, Any]], trends: Mapping[str, Any]
) -> dict[str, Any]:
    own = [one for one in points if one["dimension"] == stored["dimension"]]
    of, earned, possible = (Decimal(stored[name]) for name in ("of", "points", "possible"))
    return {
        "key": stored["dimension"],
        "label": said(dimension_name(stored["dimension"])),
        "points": earned,
        "possible": possible,
        "of": of,
        "earned_width": _width(earned, of),
        "possible_width": _width(possible, of),
        "indicators": [_indicator(one, trends) for one in own],
    }


def _indicator(point: Mapping[str, Any], trends: Mapping[str, Any]) -> dict[str, Any]:
    key = point["indicator"]
    moved = trends.get(key)
    return {
        "label": said(indicator_name(key)),
        "value": indicator_value(key, point["value"]),
        "trend": indicator_value(key + TREND, moved["change"]) if moved else None,
        "better": moved["better"] if moved else None,
        "band": _band(key, point["band"]),
        "points": Decimal(point["points"]),
        "of": Decimal(point["of"]),
        "source": said(point["source"]),
        "row": point["row"],
        "on": point["on"],
        "missing": said(point["missing"]) if point["missing"] else "",
        "applies": point["applies"],
        "parts": [record_point(part) for part in point["parts"]],
    }


def _band(key: str, stored: Mapping[str, Any] | None) -> str:
    """A band with its bounds written like the value; a level says it itself."""
    if not stored:
        return ""
    bounds = {name: indicator_value(key, bound) for name, bound in (stored.get("values") or {}).items()}
    return said({**stored, "values": bounds})


def _judged(stored: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "label": said(dimension_name(stored["dimension"])),
        "score": Decimal(stored["score"]),
        "by_record": stored["by_record"],
        "grounds": [{**one, "level": _(LEVELS[one["level"]])} for one in stored["grounds"]],
    }


def _peer(stored: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "label": said(name_of(stored["ratio"])),
        "value": indicator_value(stored["ratio"], stored["value"]),
        "percentile": Decimal(stored["percentile"]),
        "score": Decimal(stored["score"]),
        "source": said(stored["source"]),
    }


def _altman(stored: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "label": VARIANTS.get(stored["variant"], stored["variant"]),
        "score": _number(stored["score"]),
        "zone": ZONES.get(stored["zone"] or "", ""),
        "tone": {"safe": "green", "grey": "amber", "distress": "red"}.get(stored["zone"] or "", "grey"),
        "missing": said(stored["missing"]) if stored["missing"] else "",
    }


def _number(value: Any) -> Decimal | None:
    if value is None:
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _plain(number: Decimal | None) -> str | None:
    return None if number is None else str(format_decimal(number, format="#,##0.##"))


def _percent(number: Decimal | None) -> str | None:
    return None if number is None else f"{format_decimal(number * 100, format='#,##0.0')} %"


def _signed(text: str | None, number: Decimal) -> str | None:
    return f"+{text}" if text and number > 0 else text


def _width(part: Decimal, whole: Decimal) -> str:
    return f"{100 * part / whole:.1f}" if whole else "0"
