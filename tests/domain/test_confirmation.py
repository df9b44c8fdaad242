"""When a balance confirmation is due, and where a signed answer restarts limitation."""

from collections import Counter
from datetime import date, timedelta

import pytest

from credit_app.domain.confirmation import ConfirmationPolicy, may_send_again
from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.plain import to_json
from tests.domain.policies import VALUES

POLICY = ConfirmationPolicy(
    key_months=3, other_months=12, most_a_day=20, interrupting=frozenset({"CN", "DE"})
)


@pytest.mark.parametrize(
    ("last", "is_key", "due"),
    [
        (date(2025, 12, 10), True, date(2026, 3, 10)),
        (date(2025, 3, 10), False, date(2026, 3, 10)),
        (date(2025, 11, 30), True, date(2026, 2, 28)),  # the last day of a short month
    ],
)
def test_key_customers_are_asked_more_often(last: date, is_key: bool, due: date) -> None:
    assert POLICY.due_on(last, is_key=is_key) == due


def test_customers_that_were_never_asked_are_spread_over_the_period() -> None:
    since = date(2026, 3, 10)
    for is_key, days in ((False, 365), (True, 92)):
        firsts = [POLICY.first_on(number, since, is_key=is_key) for number in range(1, 2001)]
        assert firsts == [POLICY.first_on(number, since, is_key=is_key) for number in range(1, 2001)]
        assert min(firsts) >= since
        assert max(firsts) < since + timedelta(days=days)
        by_month = [sum(1 for day in firsts if (day - since).days * 4 // days == part) for part in range(4)]
        assert all(400 < count < 600 for count in by_month)  # 500 in each quarter of the period, more or less
    # An upgrade with two thousand customers asks some of them a day, not all.
    assert (
        max(Counter(POLICY.first_on(number, since, is_key=False) for number in range(1, 2001)).values()) < 20
    )


def test_only_a_signed_answer_restarts_limitation_and_only_where_the_policy_says_so() -> None:
    assert POLICY.interrupts("DE", signed=True)
    assert not POLICY.interrupts("DE", signed=False)
    assert not POLICY.interrupts("FR", signed=True)
    assert not POLICY.interrupts(None, signed=True)


def test_a_statement_goes_out_three_times_at_most() -> None:
    assert [may_send_again(times) for times in (1, 2, 3)] == [True, True, False]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("confirmation.every_months", {"key": 3}),
        ("confirmation.every_months", {"key": 0, "other": 12}),
        ("confirmation.every_months", {"key": 3, "other": "12"}),
        ("confirmation.interrupts_limitation", ["de"]),
        ("confirmation.interrupts_limitation", "DE"),
        ("confirmation.most_a_day", "many"),
    ],
)
def test_a_policy_that_cannot_be_read_names_its_figure(key: str, value: object) -> None:
    assert ConfirmationPolicy.from_policy(VALUES).key_months == 3
    with pytest.raises(InvalidPolicy) as refused:
        ConfirmationPolicy.from_policy({**VALUES, key: value})
    assert key in str(to_json(refused.value.sentence))
