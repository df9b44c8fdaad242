"""The risk warning line: what can be set, and when it is crossed."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_app.domain.warning_line import (
    WATCHED,
    CrossedAlready,
    LineRefused,
    NoMeasures,
    Now,
    OffTheScale,
    UnknownFigure,
    UnknownGrade,
    WarningLine,
    check_line,
    crossings,
    higher_is_worse,
    watched_name,
)
from tests.domain.policies import GRADES

NOW = Now(
    Decimal(72), "A", Decimal("0.6"), {"current_ratio": Decimal("1.4"), "weighted_days_late": Decimal(4)}
)
LINE = WarningLine(
    Decimal(65),
    "BBB",
    Decimal("0.9"),
    {"current_ratio": Decimal("1.1"), "weighted_days_late": Decimal(10)},
    "Call; cut to half",
)


def codes(line: WarningLine, now: Now) -> list[str]:
    return [one.code.removeprefix("warning.") for one in crossings(line, now, GRADES)]


def test_nothing_is_crossed_while_everything_is_on_the_right_side_or_on_the_line() -> None:
    assert codes(LINE, NOW) == []
    on_it = Now(Decimal(65), "BBB", Decimal("0.9"), dict(LINE.indicators))
    assert codes(LINE, on_it) == []


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"score": Decimal("64.99")}, "The score is 64.99, below the warning line of 65."),
        ({"grade": "BB"}, "The grade is BB, below the warning line of BBB."),
        ({"grade": "D"}, "The grade is D, below the warning line of BBB."),
        ({"utilisation": Decimal("0.95")}, "95 % of the limit is used, more than the warning line of 90 %."),
        (
            {"indicators": {"current_ratio": Decimal(1)}},
            "“Current ratio: current assets ÷ current liabilities” is 1 and has crossed the warning line of 1.1.",
        ),
        (
            {"indicators": {"weighted_days_late": Decimal(11)}},
            "“Days late, weighted by amount” is 11 and has crossed the warning line of 10.",
        ),
    ],
)
def test_each_part_that_is_crossed_is_said(change: dict[str, object], text: str) -> None:
    assert [one.text for one in crossings(LINE, replace(NOW, **change), GRADES)] == [text]  # type: ignore[arg-type]


def test_what_is_not_set_or_not_known_crosses_nothing() -> None:
    assert codes(WarningLine(measures="x"), replace(NOW, grade="C", score=Decimal(0))) == []
    assert codes(LINE, Now()) == []


def test_a_line_with_measures_that_is_not_crossed_can_stand_and_an_empty_one_too() -> None:
    check_line(LINE, NOW, GRADES)
    check_line(WarningLine(), NOW, GRADES)


@pytest.mark.parametrize(
    ("change", "error", "field"),
    [
        ({"measures": "  "}, NoMeasures, "measures"),
        ({"indicators": {"charm": Decimal(1)}}, UnknownFigure, "score"),
        ({"indicators": {"working_capital": Decimal(1)}}, UnknownFigure, "score"),
        ({"grade": "E"}, UnknownGrade, "grade"),
        ({"grade": "D"}, UnknownGrade, "grade"),
        ({"score": Decimal(101)}, OffTheScale, "score"),
        ({"utilisation": Decimal(0)}, OffTheScale, "score"),
        ({"score": Decimal(80)}, CrossedAlready, ""),
        ({"utilisation": Decimal("0.5")}, CrossedAlready, ""),
    ],
)
def test_a_line_that_cannot_stand_is_refused_in_one_sentence(
    change: dict[str, object], error: type[LineRefused], field: str
) -> None:
    with pytest.raises(error) as refused:
        check_line(replace(LINE, **change), NOW, GRADES)  # type: ignore[arg-type]
    assert refused.value.field == field
    assert str(refused.value).count("%(") == 0


def test_every_figure_that_can_be_watched_has_a_name_and_a_bad_side() -> None:
    assert all(watched_name(key).text for key in WATCHED)
    assert higher_is_worse("leverage")
    assert higher_is_worse("share_late")
    assert not higher_is_worse("equity_ratio")


@given(st.sampled_from(WATCHED), st.decimals(-100, 100, places=2), st.decimals(-100, 100, places=2))
def test_a_figure_crosses_its_line_only_on_its_bad_side(key: str, bound: Decimal, value: Decimal) -> None:
    line, now = WarningLine(indicators={key: bound}), Now(indicators={key: value})
    crossed = bool(crossings(line, now, GRADES))
    assert crossed == (value > bound if higher_is_worse(key) else value < bound)
