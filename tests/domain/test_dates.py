"""Deadlines in business days where the company sits."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_app.domain.dates import (
    BusinessCalendar,
    NoBusinessDay,
    UnknownTimeZone,
    add_months,
    day_in_zone,
)
from credit_app.domain.deadlines import DeadlinePolicy, approval_deadlines
from credit_app.domain.errors import InvalidPolicy
from tests.domain.policies import VALUES, changed

BERLIN, SHANGHAI, NEW_YORK = "Europe/Berlin", "Asia/Shanghai", "America/New_York"
LABOUR_DAY = date(2026, 5, 1)  # a Friday
CALENDAR = BusinessCalendar.from_policy(VALUES, [LABOUR_DAY])

instants = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
zones = st.sampled_from([BERLIN, SHANGHAI, NEW_YORK, "UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"])


def local(year: int, month: int, day: int, hour: int, minute: int = 0, *, zone: str = BERLIN) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=ZoneInfo(zone))


def test_two_business_days_from_a_morning_end_at_closing_time_of_the_second_next_day() -> None:
    assert CALENDAR.add_business_days(local(2026, 4, 27, 9), 2, BERLIN) == local(2026, 4, 29, 18)


def test_a_weekend_and_a_holiday_do_not_count() -> None:
    assert CALENDAR.add_business_days(local(2026, 4, 30, 9), 1, BERLIN) == local(2026, 5, 4, 18)


def test_work_arriving_after_closing_time_counts_from_the_next_business_day() -> None:
    before, after = local(2026, 4, 27, 17, 59), local(2026, 4, 27, 18)
    assert CALENDAR.add_business_days(before, 1, BERLIN) == local(2026, 4, 28, 18)
    assert CALENDAR.add_business_days(after, 1, BERLIN) == local(2026, 4, 29, 18)


def test_work_arriving_on_a_saturday_leaves_the_whole_monday_and_tuesday() -> None:
    assert CALENDAR.add_business_days(local(2026, 4, 25, 3), 1, BERLIN) == local(2026, 4, 28, 18)


def test_zero_business_days_is_the_close_of_the_day_on_which_it_is_seen() -> None:
    assert CALENDAR.add_business_days(local(2026, 4, 27, 9), 0, BERLIN) == local(2026, 4, 27, 18)


def test_late_evening_in_utc_is_already_the_next_morning_in_shanghai() -> None:
    sunday_evening = datetime(2026, 4, 26, 23, 30, tzinfo=UTC)
    assert day_in_zone(sunday_evening, SHANGHAI) == date(2026, 4, 27)
    assert CALENDAR.add_business_days(sunday_evening, 1, SHANGHAI) == local(2026, 4, 28, 18, zone=SHANGHAI)
    assert CALENDAR.add_business_days(sunday_evening, 1, NEW_YORK) == local(2026, 4, 28, 18, zone=NEW_YORK)


def test_the_deadline_keeps_its_local_hour_over_the_change_to_summer_time() -> None:
    friday_before = local(2026, 3, 27, 9)
    deadline = CALENDAR.add_business_days(friday_before, 1, BERLIN)
    assert deadline == datetime(2026, 3, 30, 16, tzinfo=UTC)
    assert deadline.tzinfo is UTC


@given(instants, st.integers(0, 30), zones)
def test_a_deadline_lies_ahead_on_a_business_day_and_leaves_whole_days(
    start: datetime, days: int, zone: str
) -> None:
    deadline = CALENDAR.add_business_days(start, days, zone)
    assert deadline > start
    assert CALENDAR.is_business_day(day_in_zone(deadline, zone))
    assert CALENDAR.business_days_between(day_in_zone(start, zone), day_in_zone(deadline, zone)) >= days
    assert CALENDAR.add_business_days(start, days + 1, zone) > deadline
    assert CALENDAR.add_business_days(start + timedelta(hours=1), days, zone) >= deadline


def test_business_days_between_leave_out_the_first_day_and_count_the_last() -> None:
    assert CALENDAR.business_days_between(date(2026, 4, 29), date(2026, 5, 5)) == 3
    assert CALENDAR.business_days_between(date(2026, 5, 5), date(2026, 4, 29)) == 0


def test_a_company_that_works_on_sundays_has_its_own_week() -> None:
    week = BusinessCalendar(weekdays=frozenset({6, 0, 1, 2, 3}))
    assert week.is_business_day(date(2026, 4, 26))
    assert not week.is_business_day(date(2026, 4, 24))


def test_a_calendar_without_working_days_is_refused_instead_of_searched_for_ever() -> None:
    closed = BusinessCalendar(frozenset(date(2026, 1, 1) + timedelta(days=n) for n in range(800)))
    with pytest.raises(NoBusinessDay, match="2026-01-05"):
        closed.next_business_day(date(2026, 1, 5))
    with pytest.raises(InvalidPolicy, match=r"calendar\.weekdays"):
        BusinessCalendar.from_policy(changed(calendar__weekdays=[7]), [])


def test_mistakes_of_the_caller_are_named() -> None:
    with pytest.raises(ValueError, match="ahead"):
        CALENDAR.add_business_days(local(2026, 4, 27, 9), -1, BERLIN)
    with pytest.raises(ValueError, match="offset"):
        day_in_zone(datetime(2026, 4, 27), BERLIN)  # noqa: DTZ001
    with pytest.raises(UnknownTimeZone, match="Mars/Base"):
        day_in_zone(datetime(2026, 4, 27, tzinfo=UTC), "Mars/Base")
    with pytest.raises(UnknownTimeZone):
        day_in_zone(datetime(2026, 4, 27, tzinfo=UTC), "../../etc/passwd")


def test_closing_time_is_policy() -> None:
    early = BusinessCalendar.from_policy(changed(calendar__closes_at="16:30"), [])
    assert early.closes_at == time(16, 30)
    with pytest.raises(InvalidPolicy, match="time of day"):
        BusinessCalendar.from_policy(changed(calendar__closes_at="late"), [])


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 15), 12, date(2027, 12, 15)),
        (date(2026, 3, 1), -12, date(2025, 3, 1)),
        (date(2026, 11, 5), 1, date(2026, 12, 5)),
    ],
)
def test_months_are_added_within_the_month(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(-600, 600))
def test_adding_months_lands_in_the_right_month(day: date, months: int) -> None:
    landed = add_months(day, months)
    assert (landed.year - day.year) * 12 + landed.month - day.month == months
    assert landed.day <= day.day


def test_an_approver_is_reminded_before_it_is_due_and_escalated_after() -> None:
    policy = DeadlinePolicy.from_policy(VALUES)
    deadlines = approval_deadlines(local(2026, 4, 27, 9), policy, CALENDAR, BERLIN)
    assert deadlines.remind_at == local(2026, 4, 28, 18)
    assert deadlines.due_at == local(2026, 4, 29, 18)
    assert deadlines.escalate_at == local(2026, 4, 30, 18)


def test_an_escalation_before_the_reminder_is_no_policy() -> None:
    with pytest.raises(InvalidPolicy, match="escalate_after_days"):
        DeadlinePolicy.from_policy(changed(approval__escalate_after_days=0))
