"""The figures of financial statements: each ratio with its value, or the one reason why it has none, and its trend."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from credit_app.domain.ratio_table import GROWTH, HIGHER, RATIO, better_of, name_of
from credit_app.domain.sentences import N_, Sentence
from credit_app.domain.statement_lines import LINE, Statement

NOTHING_OWED = "nothing_owed"
PLACES = Decimal("0.0001")
DAYS_A_YEAR, MONTHS_A_YEAR = Decimal(365), Decimal(12)


@dataclass(frozen=True, slots=True)
class Figure:
    """A ratio of a year: its value (shares as fractions, four decimals), or the reason why there is none."""

    key: str
    year: int
    value: Decimal | None
    missing: Sentence | None = None
    source: str = ""

    @property
    def applies(self) -> bool:
        """False when nothing is owed that the ratio could cover: nothing is missing then."""
        return self.missing is None or self.missing.code != f"ratios.{NOTHING_OWED}"


@dataclass(frozen=True, slots=True)
class Trend:
    """How a ratio moved from the first year with a value to the last: change a year, and better or worse."""

    key: str
    first: Figure
    last: Figure
    change: Decimal  # a year
    better: bool | None  # None: unchanged

    @property
    def years(self) -> int:
        """Years between both figures."""
        return self.last.year - self.first.year


def figure_of(key: str, statement: Statement, before: Statement | None = None) -> Figure:
    """One ratio of one year; growth also needs the statement of the year `before`."""
    if key in GROWTH:
        return _growth(key, statement, before)
    ratio = RATIO[key]
    lacking = statement.lacking(*ratio.top, *ratio.bottom)
    if lacking:
        return _none(key, statement, "line_missing", _LINE_MISSING, line=LINE[lacking].name)
    top = statement.total(*ratio.top) or Decimal(0)
    if not ratio.bottom:
        return Figure(key, statement.year, top, source=statement.source)
    bottom = statement.total(*ratio.bottom) or Decimal(0)
    if bottom <= 0:
        return _no_bottom(key, statement, ratio.bottom[0][0], bottom, owed=ratio.owed)
    scale = MONTHS_A_YEAR / statement.months
    top, bottom = top * (scale if ratio.top_flow else 1), bottom * (scale if ratio.bottom_flow else 1)
    value = top / bottom * (DAYS_A_YEAR if ratio.per_days else 1)
    return Figure(key, statement.year, value.quantize(PLACES), source=statement.source)


def figures(statements: Sequence[Statement]) -> dict[str, tuple[Figure, ...]]:
    """Every ratio -> its figures, the earliest year first."""
    by_year = {statement.year: statement for statement in statements}
    years = sorted(by_year)
    return {
        key: tuple(figure_of(key, by_year[year], by_year.get(year - 1)) for year in years)
        for key in (*RATIO, *GROWTH)
    }


def trend(found: Sequence[Figure]) -> Trend | None:
    """The trend of one ratio's figures; None unless two years have a value."""
    known = [figure for figure in found if figure.value is not None]
    if len(known) < 2:
        return None
    first, last = known[0], known[-1]
    moved = (last.value or Decimal(0)) - (first.value or Decimal(0))
    change = (moved / (last.year - first.year)).quantize(PLACES)
    better = None if change == 0 else (change > 0) == (better_of(first.key) == HIGHER)
    return Trend(first.key, first, last, change, better)


def _growth(key: str, statement: Statement, before: Statement | None) -> Figure:
    line = GROWTH[key][0]
    if before is None:
        return _none(key, statement, "no_year_before", _NO_YEAR_BEFORE, before=str(statement.year - 1))
    now, then = statement.figures.get(line), before.figures.get(line)
    if now is None or then is None:
        lacking = statement if now is None else before
        return _none(key, lacking, "line_missing", _LINE_MISSING, line=LINE[line].name)
    if then <= 0:
        return _no_bottom(key, before, line, then)
    value = (now / statement.months) / (then / before.months) - 1
    return Figure(key, statement.year, value.quantize(PLACES), source=statement.source)


def _no_bottom(key: str, statement: Statement, line: str, bottom: Decimal, owed: bool = False) -> Figure:
    if bottom < 0:
        return _none(key, statement, "below_zero", _BELOW_ZERO, line=LINE[line].name)
    if owed:
        return _none(key, statement, NOTHING_OWED, _NOTHING_OWED, line=LINE[line].name)
    return _none(key, statement, "zero", _ZERO, line=LINE[line].name)


def _none(key: str, statement: Statement, code: str, template: str, **values: object) -> Figure:
    filled = {"ratio": name_of(key), "year": str(statement.year), **values}
    sentence = Sentence(f"ratios.{code}", template, filled)
    return Figure(key, statement.year, None, sentence, statement.source)


_LINE_MISSING = N_("“%(ratio)s” has no value: “%(line)s” of %(year)s is missing.")
_ZERO = N_("“%(ratio)s” has no value: “%(line)s” of %(year)s is zero.")
_BELOW_ZERO = N_("“%(ratio)s” has no value: “%(line)s” of %(year)s is below zero.")
_NO_YEAR_BEFORE = N_("“%(ratio)s” has no value: the statement of %(before)s is missing.")
_NOTHING_OWED = N_("“%(ratio)s” does not apply: “%(line)s” of %(year)s is zero.")
