"""The worklist's score: what gives how many points, within the bounds of policy, and what to do next."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from credit_app.domain.default_policy import default_values
from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.time_zones import ZONES, local_time
from credit_app.domain.worklist import Account, WorklistPolicy, next_action, score, script_of

TODAY = date(2026, 3, 10)
POLICY = WorklistPolicy.from_policy(default_values())
QUIET = Account(
    stage="call",
    overdue=Decimal(900),
    oldest_due=TODAY - timedelta(days=5),
    risk="low",
    is_key=False,
    broken_promises=0,
    limitation_on=None,
    follow_up_on=None,
    opened_on=TODAY,
    last_contact_on=None,
)


def points(**changes: Any) -> dict[str, int]:
    return dict(score(replace(QUIET, **changes), POLICY, TODAY).reasons)


def days(number: int) -> date:
    return TODAY + timedelta(days=number)


@pytest.mark.parametrize(
    ("changes", "factor", "given"),
    [
        ({"overdue": Decimal(1000)}, "amount", 2),
        ({"overdue": Decimal("1000.01")}, "amount", 6),
        ({"overdue": Decimal(10**9)}, "amount", 30),
        ({"overdue": Decimal(0)}, "amount", None),
        ({"oldest_due": days(-7)}, "age", 2),
        ({"oldest_due": days(-8)}, "age", 8),
        ({"oldest_due": days(-400)}, "age", 20),
        ({"oldest_due": None}, "age", None),
        ({"risk": "high"}, "risk", 12),
        ({"risk": None}, "risk", 4),
        ({"is_key": True}, "key_customer", 10),
        ({"broken_promises": 2}, "broken_promises", 16),
        ({"broken_promises": 9}, "broken_promises", 24),
        ({"limitation_on": days(181)}, "limitation", None),
        ({"limitation_on": days(180)}, "limitation", 10),
        ({"limitation_on": days(30)}, "limitation", 30),
        ({"limitation_on": days(-3)}, "limitation", 30),
        ({"follow_up_on": TODAY}, "follow_up", 25),
        ({"follow_up_on": days(-9)}, "follow_up", 25),
        ({"follow_up_on": days(1)}, "follow_up", None),
        ({"last_contact_on": days(-7)}, "no_contact", 10),
        ({"last_contact_on": days(-6)}, "no_contact", None),
        ({"opened_on": days(-7)}, "no_contact", 10),
        ({"opened_on": days(-7), "follow_up_on": days(2)}, "no_contact", None),
    ],
)
def test_each_factor_gives_its_points(changes: dict[str, Any], factor: str, given: int | None) -> None:
    assert points(**changes).get(factor) == given


def test_a_score_is_the_sum_of_its_reasons_the_most_first() -> None:
    found = score(replace(QUIET, overdue=Decimal(50_000), is_key=True, follow_up_on=TODAY), POLICY, TODAY)
    assert found.reasons == (("follow_up", 25), ("amount", 20), ("key_customer", 10), ("age", 2))
    assert found.total == 57
    assert score(replace(QUIET, overdue=Decimal(50_000), follow_up_on=days(1)), POLICY, TODAY).total == 0
    paused = replace(
        QUIET, stage="paused", overdue=Decimal(50_000), limitation_on=days(90), follow_up_on=TODAY
    )
    assert score(paused, POLICY, TODAY).reasons == (("follow_up", 25), ("limitation", 20))


def test_the_next_action_follows_from_what_came_last() -> None:
    usual: dict[str, Any] = {
        "task": False, "stage": "call", "last_outcome": None, "follow_up_on": None, "on_account": False, "today": TODAY,
    }  # fmt: skip
    assert next_action(**usual) == "call"
    assert next_action(**usual | {"task": True, "on_account": True}) == "task"
    assert next_action(**usual | {"follow_up_on": days(1), "on_account": True}) == "wait"
    assert next_action(**usual | {"on_account": True, "last_outcome": "paid"}) == "check_receipt"
    assert next_action(**usual | {"last_outcome": "paid", "follow_up_on": TODAY}) == "check_payment"
    assert next_action(**usual | {"last_outcome": "promise"}) == "promise_result"
    assert next_action(**usual | {"last_outcome": "not_reached"}) == "call_again"
    assert next_action(**usual | {"last_outcome": "dispute", "stage": "paused"}) == "settle_dispute"
    assert next_action(**usual | {"stage": "paused"}) == "leave"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("worklist.follow_up_points", 101),
        ("worklist.amount_points", [["1000", "-1"], [None, "5"]]),
        ("worklist.age_points", [["7", "1.5"], [None, "5"]]),
        ("worklist.risk_points", {"low": 0, "medium": 4}),
        ("worklist.script_en", {"somewhere": "Say this."}),
    ],
)
def test_figures_that_make_no_sense_are_refused(key: str, value: Any) -> None:
    with pytest.raises(InvalidPolicy, match=key):
        WorklistPolicy.from_policy({**default_values(), key: value})


def test_every_stage_has_its_script_in_both_languages() -> None:
    values = default_values()
    assert script_of(values, "letter_2", "zh") != script_of(values, "letter_2", "en")
    assert script_of({**values, "worklist.script_zh": {}}, "call", "zh") == script_of(values, "call", "en")


def test_the_time_at_the_debtor_is_that_of_its_country() -> None:
    noon = datetime(2026, 7, 1, 12, tzinfo=UTC)
    shown = {code: f"{local_time(code, noon):%a %H:%M}" for code in ("DE", "CN", "US", "NZ")}
    assert shown == {"DE": "Wed 14:00", "CN": "Wed 20:00", "US": "Wed 08:00", "NZ": "Thu 00:00"}
    assert local_time(None, noon) is None
    for code in ZONES:
        assert local_time(code, noon) is not None
