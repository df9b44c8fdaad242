"""When a balance confirmation is due, and where a signed answer restarts limitation."""

from datetime import date

import pytest

from credit_app.domain.confirmation import ConfirmationPolicy, may_send_again
from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.plain import to_json
from tests.domain.policies import VALUES

POLICY = ConfirmationPolicy(
    key_months=3, other_months=12, most_a_day=20, interrupting=frozenset({"CN", "DE"})
)


@pytest.mark.parametrize(
    ("last", "is_key", "today", "due"),
    [
        (None, False, date(2026, 3, 10), True),
        (date(2025, 12, 10), True, date(2026, 3, 9), False),
        (date(2025, 12, 10), True, date(2026, 3, 10), True),
        (date(2025, 12, 10), False, date(2026, 3, 10), False),
        (date(2025, 3, 10), False, date(2026, 3, 10), True),
        (date(2025, 11, 30), True, date(2026, 2, 27), False),  # the last day of a short month
        (date(2025, 11, 30), True, date(2026, 2, 28), True),
    ],
)
def test_key_customers_are_asked_more_often(last: date | None, is_key: bool, today: date, due: bool) -> None:
    assert POLICY.is_due(last, is_key=is_key, today=today) is due


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
