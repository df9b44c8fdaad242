"""Reads the scorecard models out of the policy and refuses weights that do not add up, gaps and overlaps."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any, NoReturn, Self

from credit_app.domain.altman import VARIANTS
from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.policy_values import Values, list_of, to_decimal, to_text, to_whole
from credit_app.domain.ratio_table import GROWTH, RATIO
from credit_app.domain.scorecard_models import (
    BY_LEVEL,
    CRITERIA,
    DIMENSIONS,
    HIGHER,
    KINDS,
    LEVELS,
    LOWER,
    OTHER_INDICATORS,
    PAYMENT_RECORD,
    QUALITATIVE,
    RANGE,
    TREND,
    Band,
    Indicator,
    ScorecardModel,
    Segment,
    dimension_name,
    indicator_name,
)
from credit_app.domain.sentences import N_, Sentence

KEY = "rating.models"
HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Models:
    """All models in force; the last one rates whoever fits no other."""

    models: tuple[ScorecardModel, ...]

    @classmethod
    def from_policy(cls, values: Values) -> Self:
        """The models in force; raises InvalidPolicy naming the place of whatever is wrong in them."""
        models = list_of(values, KEY, _model)
        if not models or models[-1].applies_to:
            raise InvalidPolicy(key=KEY, problem=Sentence("scorecard.no_catch_all", _NO_CATCH_ALL))
        twice = _twice([model.key for model in models])
        if twice:
            raise InvalidPolicy(key=KEY, problem=Sentence("scorecard.twice", _TWICE, {"model": twice}))
        return cls(models)

    def choose(self, segment: Segment) -> ScorecardModel:
        """The model that names the most about the customer; of equals the first, the last one for everybody else."""
        fitting = [model for model in self.models if model.fits(segment)]
        return max(fitting, key=lambda model: len(model.applies_to))


def _model(key: str, value: Any) -> ScorecardModel:
    where = {"model": str(value.get("key", "?")) if isinstance(value, Mapping) else "?"}
    if not isinstance(value, Mapping) or not where["model"].isidentifier():
        _wrong("no_model", N_("wrong: %(value)s is no model with a key"), value=repr(value)[:80])
    dimensions = _weights(key, value, where)
    indicators = tuple(_indicator(key, one, where) for one in _rows(value, "indicators", where))
    for dimension in dimensions:
        _check_dimension(dimension, indicators, where)
    altman = value.get("altman", VARIANTS[-1])
    if altman not in VARIANTS:
        _wrong("altman", _NO_ALTMAN, **where, value=str(altman))
    return ScorecardModel(
        key=where["model"],
        version=to_whole(key, value.get("version")),
        name=to_text(key, value.get("name")),
        applies_to=_criteria(value, where),
        dimensions=dimensions,
        judgement=to_decimal(key, value.get("judgement")),
        altman=str(altman),
        indicators=indicators,
    )


def _weights(key: str, value: Mapping[str, Any], where: Mapping[str, str]) -> dict[str, Decimal]:
    stored = value.get("dimensions")
    if not isinstance(stored, Mapping) or set(stored) != set(DIMENSIONS):
        _wrong("dimensions", _DIMENSIONS, **where, names=", ".join(DIMENSIONS))
    weights = {name: to_decimal(key, stored[name]) for name in DIMENSIONS}
    total = sum(weights.values(), Decimal(0)) + to_decimal(key, value.get("judgement"))
    if total != HUNDRED or min(weights.values()) < 0:
        _wrong("weights", _WEIGHTS, **where, total=f"{total:f}")
    return weights


def _criteria(value: Mapping[str, Any], where: Mapping[str, str]) -> dict[str, frozenset[str]]:
    stored = value.get("applies_to", {})
    found = {}
    for name, accepted in stored.items() if isinstance(stored, Mapping) else [("?", None)]:
        listed = [accepted] if isinstance(accepted, str) else accepted
        if name not in CRITERIA or not isinstance(listed, Sequence) or not listed:
            _wrong("criterion", _CRITERION, **where, name=str(name), names=", ".join(CRITERIA))
        found[str(name)] = frozenset(str(one).strip().lower() for one in listed)
    return found


def _check_dimension(dimension: str, indicators: Sequence[Indicator], where: Mapping[str, str]) -> None:
    weights = [one.weight for one in indicators if one.dimension == dimension]
    total = sum(weights, Decimal(0))
    if total != HUNDRED:
        _wrong(
            "indicator_weights",
            _INDICATOR_WEIGHTS,
            **where,
            dimension=dimension_name(dimension),
            total=f"{total:f}",
        )


def _indicator(key: str, value: Any, where: Mapping[str, str]) -> Indicator:
    name = str(value.get("key", "?")) if isinstance(value, Mapping) else "?"
    if name not in OTHER_INDICATORS and name.removesuffix(TREND) not in {**RATIO, **GROWTH}:
        _wrong("unknown_indicator", _UNKNOWN_INDICATOR, **where, name=name)
    place: dict[str, object] = {**where, "indicator": indicator_name(name)}
    kind, dimension, direction = value.get("kind"), value.get("dimension"), value.get("direction")
    if kind not in KINDS or dimension not in DIMENSIONS or (kind == QUALITATIVE) != (direction == BY_LEVEL):
        _wrong("indicator", _INDICATOR, **place)
    weight = to_decimal(key, value.get("weight"))
    if weight <= 0:
        _wrong("weight", _NO_WEIGHT, **place)
    bands: tuple[Band, ...] = ()
    levels: dict[str, Decimal] | None = None
    if kind == QUALITATIVE:
        levels = _levels(key, value.get("levels"), place)
    elif kind != PAYMENT_RECORD:
        bands = _bands(key, value.get("bands"), str(direction), place)
    return Indicator(name, str(dimension), str(kind), str(direction), weight, bands, levels)


def _levels(key: str, value: Any, place: Mapping[str, object]) -> dict[str, Decimal]:
    stored = value if isinstance(value, Mapping) else {}
    lacking = [level for level in LEVELS if level not in stored]
    if lacking or len(stored) != len(LEVELS):
        _wrong("levels", _LEVELS, **place, levels=", ".join(lacking or stored))
    shares = {level: _share(key, stored[level], place) for level in LEVELS}
    if any(better < worse for better, worse in pairwise(shares.values())):
        _wrong("direction", _AGAINST, **place)
    return shares


def _bands(key: str, value: Any, direction: str, place: Mapping[str, object]) -> tuple[Band, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        _wrong("no_bands", _NO_BANDS, **place)
    bands = tuple(_band(key, row, place) for row in value)
    for problem in _breaks(bands):
        code, template, low, high = problem
        _wrong(code, template, **place, low=_shown(low), high=_shown(high))
    shares = [band.share for band in bands]
    rising = all(one <= other for one, other in pairwise(shares))
    falling = all(one >= other for one, other in pairwise(shares))
    if direction not in (HIGHER, LOWER, RANGE) or not {HIGHER: rising, LOWER: falling}.get(direction, True):
        _wrong("direction", _AGAINST, **place)
    return bands


def _breaks(bands: Sequence[Band]) -> Iterator[tuple[str, str, Decimal | None, Decimal | None]]:
    """Where a value would find no band, or two."""
    if bands[0].start is not None:
        yield "gap", _GAP, None, bands[0].start
    if bands[-1].below is not None:
        yield "gap", _GAP, bands[-1].below, None
    for band, following in pairwise(bands):
        if band.below is None or following.start is None or band.below > following.start:
            yield "overlap", _OVERLAP, following.start, band.below
        elif band.below < following.start:
            yield "gap", _GAP, band.below, following.start
    for band in bands:
        if band.start is not None and band.below is not None and band.start >= band.below:
            yield "empty", _EMPTY, band.start, band.below


def _band(key: str, value: Any, place: Mapping[str, object]) -> Band:
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != 3:
        _wrong("no_bands", _NO_BANDS, **place)
    start, below = (None if bound is None else to_decimal(key, bound) for bound in value[:2])
    return Band(start, below, _share(key, value[2], place))


def _share(key: str, value: Any, place: Mapping[str, object]) -> Decimal:
    share = to_decimal(key, value)
    if not 0 <= share <= 1:
        _wrong("share", _SHARE, **place, share=f"{share:f}")
    return share


def _rows(value: Mapping[str, Any], name: str, where: Mapping[str, str]) -> Sequence[Any]:
    rows = value.get(name)
    if not isinstance(rows, Sequence) or isinstance(rows, str) or not rows:
        _wrong("no_indicators", _NO_INDICATORS, **where)
    twice = _twice([str(row.get("key")) for row in rows if isinstance(row, Mapping)])
    if twice:
        _wrong("indicator_twice", _INDICATOR_TWICE, **where, indicator=twice)
    return rows


def _twice(keys: Sequence[str]) -> str | None:
    return next((key for number, key in enumerate(keys) if key in keys[:number]), None)


def _shown(bound: Decimal | None) -> str:
    return "…" if bound is None else f"{bound:f}"


def _wrong(code: str, template: str, **values: object) -> NoReturn:
    raise InvalidPolicy(key=KEY, problem=Sentence(f"scorecard.{code}", template, values))


_NO_CATCH_ALL = N_("wrong: the last model has to be one without conditions, for every other customer")
_TWICE = N_("wrong: the model “%(model)s” is there twice")
_NO_ALTMAN = N_("wrong in model “%(model)s”: there is no Altman score “%(value)s”")
_DIMENSIONS = N_("wrong in model “%(model)s”: it needs a weight for each of %(names)s")
_WEIGHTS = N_(
    "wrong in model “%(model)s”: the weights of the dimensions and the judgement make %(total)s, not 100"
)
_CRITERION = N_("wrong in model “%(model)s”: “%(name)s” is no list for one of %(names)s")
_INDICATOR_WEIGHTS = N_(
    "wrong in model “%(model)s”, “%(dimension)s”: the weights of its indicators make %(total)s, not 100"
)
_UNKNOWN_INDICATOR = N_("wrong in model “%(model)s”: there is no indicator “%(name)s”")
_INDICATOR = N_("wrong in model “%(model)s”, “%(indicator)s”: kind, dimension or direction is unknown")
_NO_WEIGHT = N_("wrong in model “%(model)s”, “%(indicator)s”: its weight is not above zero")
_LEVELS = N_("wrong in model “%(model)s”, “%(indicator)s”: no score for the levels %(levels)s")
_AGAINST = N_("wrong in model “%(model)s”, “%(indicator)s”: the points do not follow its direction")
_NO_BANDS = N_("wrong in model “%(model)s”, “%(indicator)s”: no bands [from, below, share]")
_GAP = N_("wrong in model “%(model)s”, “%(indicator)s”: there is no band from %(low)s to %(high)s")
_OVERLAP = N_("wrong in model “%(model)s”, “%(indicator)s”: two bands hold what is from %(low)s to %(high)s")
_EMPTY = N_("wrong in model “%(model)s”, “%(indicator)s”: the band from %(low)s to %(high)s holds nothing")
_SHARE = N_("wrong in model “%(model)s”, “%(indicator)s”: the share %(share)s is not from 0 to 1")
_NO_INDICATORS = N_("wrong in model “%(model)s”: it has no indicators")
_INDICATOR_TWICE = N_("wrong in model “%(model)s”: the indicator “%(indicator)s” is there twice")
