"""The days of a contract in force: prolonged by its own length, notice in time, retention, due dates against terms."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from credit_app.domain.contract_performance import (
    PerformancePolicy,
    RetentionTerm,
    days_off,
    decide_by,
    held_back,
    last_notice,
    prolonged,
)
from credit_app.domain.default_policy import default_values
from credit_app.domain.errors import InvalidPolicy

YEAR = (date(2026, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("agreed", "ends", "day", "until"),
    [
        (YEAR, date(2026, 12, 31), date(2027, 1, 1), date(2027, 12, 31)),
        (YEAR, date(2027, 12, 31), date(2028, 1, 1), date(2028, 12, 31)),  # a leap year stays a year
        (YEAR, date(2026, 12, 31), date(2028, 6, 1), date(2028, 12, 31)),  # looked at late: twice
        ((date(2026, 1, 1), date(2026, 1, 10)), date(2026, 1, 10), date(2026, 1, 11), date(2026, 1, 20)),
        ((date(2026, 1, 31), date(2026, 2, 27)), date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 27)),
        (YEAR, date(2026, 12, 31), date(2026, 12, 31), date(2026, 12, 31)),
    ],
)
def test_a_contract_renews_itself_by_its_own_length(
    agreed: tuple[date, date], ends: date, day: date, until: date
) -> None:
    assert prolonged(*agreed, ends, day) == until


def test_renewal_is_decided_before_the_last_day_of_notice_and_once_that_is_over_before_the_end() -> None:
    assert last_notice(date(2026, 12, 31), 90) == date(2026, 10, 2)
    assert decide_by(date(2026, 12, 31), 90, date(2026, 10, 2)) == date(2026, 10, 2)
    assert decide_by(date(2026, 12, 31), 90, date(2026, 10, 3)) == date(2026, 12, 31)
    assert decide_by(date(2026, 12, 31), None, date(2026, 10, 3)) == date(2026, 12, 31)


def test_retention_is_at_most_what_is_open() -> None:
    assert held_back(Decimal("1000.05"), Decimal("0.05"), Decimal(1000)) == Decimal("50.00")
    assert held_back(Decimal("1000.05"), Decimal("0.05"), Decimal(30)) == Decimal(30)
    assert held_back(Decimal(1000), None, Decimal(1000)) == 0


def test_retention_counts_from_what_the_terms_say() -> None:
    invoiced, day = date(2026, 3, 1), timedelta(days=1)
    plain = RetentionTerm(Decimal("0.05"), 30)
    assert plain.falls_due(invoiced) == date(2026, 3, 31)
    assert [plain.is_held(invoiced, date(2026, 3, 31) + late * day) for late in (0, 1)] == [True, False]
    # Before everything is accepted no day ends it, whatever was planned.
    planned = replace(plain, from_acceptance=True, expected_on=date(2026, 2, 1))
    assert (planned.falls_due(invoiced), planned.awaits) == (date(2026, 3, 3), True)
    assert planned.is_held(invoiced, date(2027, 1, 1))
    accepted = replace(planned, expected_on=None, accepted_on=date(2026, 2, 2))
    assert (accepted.falls_due(invoiced), accepted.awaits) == (date(2026, 3, 4), False)
    assert [accepted.is_held(invoiced, date(2026, 3, 4) + late * day) for late in (0, 1)] == [True, False]
    assert replace(planned, expected_on=None).falls_due(invoiced) is None


def test_a_due_date_is_measured_against_the_nearest_agreed_one() -> None:
    agreed = [date(2026, 3, 1), date(2026, 5, 1)]
    assert days_off(agreed, date(2026, 3, 4)) == 3
    assert days_off(agreed, date(2026, 4, 28)) == -3
    assert days_off([], date(2026, 4, 28)) == 0


@pytest.mark.parametrize("days", [[], [7, 30], [30, 30], [7, -1]])
def test_warnings_come_in_falling_days(days: list[int]) -> None:
    assert PerformancePolicy.from_policy(default_values()).warnings == (90, 30, 7)
    with pytest.raises(InvalidPolicy):
        PerformancePolicy.from_policy({**default_values(), "contract.warning_days": days})
