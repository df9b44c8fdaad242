"""What may be promised, planned and put off, and what counts as paid of it."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_app.domain.default_policy import default_values
from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.promises import (
    Authority,
    ExtensionPolicy,
    PlanPolicy,
    PromisePolicy,
    equal_parts,
    kept_rate,
    paid_parts,
    settled,
    spread,
    trimmed,
)

TODAY = date(2026, 3, 10)
cents = st.integers(1, 10_000_000).map(lambda number: Decimal(number) / 100)


@pytest.mark.parametrize(
    ("open_now", "paid_now", "came"),
    [
        ("100", "0", "0"),  # nothing
        ("60", "40", "40"),  # a payment
        ("60", "0", "40"),  # a correction by which less is owed
        ("130", "0", "0"),  # one by which more is owed
        ("90", "40", "40"),  # both: what was paid stays paid
        ("0", "100", "80"),  # no more than was promised
        ("140", "-40", "0"),  # an earlier payment was taken back
    ],
)
def test_what_came_of_a_promise(open_now: str, paid_now: str, came: str) -> None:
    amounts = Decimal(80), Decimal(100), Decimal(open_now), Decimal(0), Decimal(paid_now)
    assert settled(*amounts) == Decimal(came)


@given(st.lists(cents, min_size=1, max_size=36), st.decimals(0, 2_000_000, places=2))
def test_parts_add_up_and_the_first_are_paid_first(amounts: list[Decimal], paid: Decimal) -> None:
    total = sum(amounts)
    parts = paid_parts(amounts, paid)
    assert sum(parts) == min(paid, total)
    assert all(part == amount for part, amount in zip(parts, amounts, strict=True) if sum(parts) == total)
    full = [part == amount for part, amount in zip(parts, amounts, strict=True)]
    assert full == sorted(full, reverse=True)
    left = trimmed(amounts, min(paid, total))
    assert sum(left) == min(paid, total)
    assert all(part > 0 for part in left)


@given(cents, st.integers(2, 36))
def test_equal_parts_are_the_debt_to_the_cent(total: Decimal, count: int) -> None:
    parts = equal_parts(total, count)
    assert (sum(parts), len(parts)) == (total, count)
    assert len(set(parts[:-1])) == 1


def test_the_lowest_level_within_amount_and_days_decides() -> None:
    authority = Authority.from_policy(default_values(), "plan")
    levels = [
        authority.level(Decimal(amount), days)
        for amount, days in ((5000, 90), (5001, 90), (10, 91), (50_001, 1))
    ]
    assert levels == ["collector", "credit_manager", "credit_manager", "finance_director"]
    assert authority.from_level("credit_manager") == ("credit_manager", "finance_director")


def test_days_put_off_count_from_the_due_day_or_from_today() -> None:
    policy = ExtensionPolicy.from_policy(default_values())
    due = TODAY + timedelta(days=20)
    assert policy.days(due + timedelta(days=10), [due], TODAY) == 10
    assert policy.days(due + timedelta(days=10), [due, TODAY - timedelta(days=90)], TODAY) == 30


def test_rates_and_shares() -> None:
    assert (kept_rate(0, 0), kept_rate(3, 1)) == (None, Decimal("0.75"))
    assert spread(Decimal(5), [Decimal(3), Decimal(3), Decimal(3)]) == [3, 2, 0]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("promise.smallest_share", "1.2"),
        ("promise.longest_days", 0),
        ("promise.interrupts_limitation", ["Germany"]),
        ("plan.most_instalments", 37),
        ("plan.most_instalments", 1),
        ("plan.late_days", 0),
        ("plan.authority_amount", {"collector": "9", "credit_manager": "8"}),
        ("plan.authority_days", {"collector": 9}),
        ("extension.authority_days", {"collector": -1, "credit_manager": 8}),
        ("extension.longest_days", 0),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(key: str, value: object) -> None:
    values = dict(default_values()) | {key: value}
    groups = {"promise": PromisePolicy, "plan": PlanPolicy, "extension": ExtensionPolicy}
    with pytest.raises(InvalidPolicy, match=key):
        groups[key.partition(".")[0]].from_policy(values)
