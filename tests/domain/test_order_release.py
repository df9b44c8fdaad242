"""Releases of orders: who decides, until when one holds, and what its policy may not say."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.order_check import CheckResult
from credit_app.domain.order_facts import Finding
from credit_app.domain.order_release import GRADE, ReleasePolicy
from credit_app.domain.sentences import Sentence
from tests.domain.policies import VALUES

TODAY = date(2026, 3, 10)
POLICY = ReleasePolicy.from_policy(VALUES)


@pytest.mark.parametrize(
    ("kind", "total", "level"),
    [
        ("once", "250000", "credit_manager"),
        ("once", "250000.01", "finance_director"),
        ("up_to", "1000000.01", "cfo"),
        ("until", "1", "finance_director"),
        ("until", "1000000000000", "cfo"),
    ],
)
def test_the_exposure_of_the_group_and_the_kind_say_who_decides(kind: str, total: str, level: str) -> None:
    levels = POLICY.levels(kind, Decimal(total))
    assert (levels[0], levels[-1]) == (level, "cfo")


@pytest.mark.parametrize(
    ("days", "code"), [(-1, "order_release.over"), (0, None), (60, None), (61, "order_release.too_long")]
)
def test_a_release_ends_within_the_days_of_policy(days: int, code: str | None) -> None:
    wrong = POLICY.last_day_wrong(TODAY + timedelta(days=days), TODAY)
    assert (wrong.code if wrong else None) == code
    # One of the customer holds until the delivery of the order that it is asked for.
    short = POLICY.last_day_wrong(TODAY + timedelta(days=days), TODAY, TODAY + timedelta(days=days + 1))
    assert short is not None
    assert short.code == (code or "order_release.too_short")


def test_only_what_a_release_was_not_decided_for_revokes_it() -> None:
    found = Finding("in_default", "hold", Sentence("x", "x"))
    result = CheckResult("hold", (found, replace(found, rule="over_limit")), {})
    assert POLICY.revoking(result, "BBB", ["over_limit"]) == "in_default"
    assert POLICY.revoking(result, "BBB", ["over_limit", "in_default"]) is None
    warned = CheckResult("warn", (replace(found, severity="warn"),), {})
    assert POLICY.revoking(warned, "BBB", []) is None
    assert POLICY.revoking(warned, "D", []) == GRADE


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("bands", {"credit_manager": "9", "finance_director": "8", "cfo": "10"}),
        ("bands", {"credit_manager": "1", "cfo": "10"}),
        ("least_levels", {"once": "credit_manager", "until": "sales_rep", "up_to": "cfo"}),
        ("longest_days", 0),
        ("revoked_by", ["full_moon"]),
    ],
)
def test_a_policy_that_cannot_be_meant_is_refused(key: str, value: Any) -> None:
    with pytest.raises(InvalidPolicy):
        ReleasePolicy.from_policy(VALUES | {f"order_release.{key}": value})
