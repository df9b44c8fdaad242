"""Policy figures are typed plainly and kept exactly; every one has a name."""

from typing import Any

import pytest

from credit_app.domain.default_policy import DEFAULT_POLICY
from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.policy_bounds import bounds_from_policy
from credit_app.domain.policy_names import SHARES
from credit_app.domain.policy_shape import (
    JSON,
    LADDER,
    LINES,
    NUMBER,
    SHARE,
    TABLE,
    TEXT,
    WHOLE,
    YES_NO,
    FigureUnreadable,
    Shape,
    differences,
    read,
    shape_of,
    typed,
)


@pytest.mark.parametrize("key", sorted(DEFAULT_POLICY))
def test_every_figure_comes_back_as_it_was_typed(key: str) -> None:
    value = DEFAULT_POLICY[key].value
    shape = shape_of(value, key in SHARES)
    again = read(typed(value, shape), shape)
    if shape.kind == SHARE:
        assert float(again) == float(value)
        assert read(typed(again, shape), shape) == again
    else:
        assert again == value


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("approval.due_after_days", WHOLE),
        ("limit.season_factor_cap", NUMBER),
        ("limit.vat_rate", SHARE),
        ("calendar.closes_at", TEXT),
        ("application.payment_methods", LINES),
        ("ageing.bucket_ends", LINES),
        ("rating.method_weights", TABLE),
        ("limit.review_months", TABLE),
        ("limit.behaviour_factors", LADDER),
        ("investigation.channels", JSON),
        ("rating.models", JSON),
    ],
)
def test_the_shape_follows_the_value(key: str, kind: str) -> None:
    assert shape_of(DEFAULT_POLICY[key].value, key in SHARES).kind == kind


@pytest.mark.parametrize(
    ("text", "shape", "value"),
    [
        ("1 000", Shape(WHOLE), 1000),
        ("1 250.50", Shape(NUMBER), "1250.50"),
        ("12.5 %", Shape(SHARE), "0.125"),
        ("Yes", Shape(YES_NO), True),
        ("a\r\n\r\n b ", Shape(LINES), ["a", "b"]),
        ("AAA: 10 000\nAA: 5000", Shape(TABLE, inner=NUMBER), {"AAA": "10000", "AA": "5000"}),
        ("0: 1.2\n5: 1\nAbove: 0", Shape(LADDER), [["0", "1.2"], ["5", "1"], [None, "0"]]),
        ('{"a": [1, 0.5]}', Shape(JSON), {"a": [1, "0.5"]}),
    ],
)
def test_what_people_type_is_read(text: str, shape: Shape, value: Any) -> None:
    assert read(text, shape) == value


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("", Shape(WHOLE)),
        ("1.5", Shape(WHOLE)),
        ("1,5", Shape(NUMBER)),
        ("NaN", Shape(NUMBER)),
        ("1e9", Shape(SHARE)),
        ("perhaps", Shape(YES_NO)),
        ("", Shape(TEXT)),
        ("a\x00b", Shape(TEXT)),
        ("\n\n", Shape(LINES)),
        ("a\n" * 201, Shape(LINES)),
        ("AAA 5", Shape(TABLE, inner=NUMBER)),
        ("AAA: 5\nAAA: 6", Shape(TABLE, inner=NUMBER)),
        ("<b>: 5", Shape(TABLE, inner=NUMBER)),
        ("0: 1\n5: 2", Shape(LADDER)),
        ("5: 1\n0: 2\nabove: 3", Shape(LADDER)),
        ("above: 1\nabove: 2", Shape(LADDER)),
        ("{", Shape(JSON)),
        ("NaN", Shape(JSON)),
        ("[" * 100_000, Shape(JSON)),
    ],
)
def test_what_is_not_of_the_figures_form_is_refused(text: str, shape: Shape) -> None:
    with pytest.raises(FigureUnreadable, match="Accepted is"):
        read(text, shape)


def test_differences_name_where_and_what() -> None:
    before = [{"key": "trade", "weights": {"a": "10", "b": "20"}}, {"key": "all", "bands": [["1", "2"]]}]
    after = [
        {"key": "trade", "weights": {"a": "15", "b": "20"}},
        {"key": "all", "bands": [["1", "3"], [None, "4"]]},
    ]
    assert differences(before, after) == [
        (("trade", "weights", "a"), "10", "15"),
        (("all", "bands", "1", "2"), "2", "3"),
        (("all", "bands", "2", "2"), None, "4"),
    ]
    assert differences("5", "5") == []
    assert differences("5", "6") == [((), "5", "6")]


def test_shares_and_counts_have_bounds_whatever_rule_reads_them() -> None:
    values = {key: figure.value for key, figure in DEFAULT_POLICY.items()}
    assert bounds_from_policy(values) > 50
    for key, value in (
        ("limit.vat_rate", "1.2"),
        ("security.cover", "-0.1"),
        ("security.haircuts", {"guarantee": "2"}),
        ("approval.due_after_days", -1),
        ("review.overdue_days", 999_999),
        ("statements.years", 10_000),
        ("limit.vat_rate", "1E+40"),
    ):
        with pytest.raises(InvalidPolicy, match=key):
            bounds_from_policy({**values, key: value})
