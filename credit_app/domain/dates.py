"""Business days in the company's own time zone: when a deadline falls, whatever the clock says elsewhere."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from credit_app.domain.errors import DomainError, InvalidPolicy
from credit_app.domain.policy_values import Values, list_of, time_of, to_whole
from credit_app.domain.sentences import N_

ONE_DAY = timedelta(days=1)
LONGEST_CLOSURE = 366  # a calendar closed for longer is a mistake, not a holiday


class NoBusinessDay(DomainError):
    """The calendar is closed for a year on end."""

    code = "dates.no_business_day"
    template = N_("The business calendar has no working day within a year after %(day)s.")


class UnknownTimeZone(DomainError):
    """The company's time zone does not exist."""

    code = "dates.unknown_time_zone"
    template = N_("“%(zone)s” is not a time zone such as Europe/Berlin.")


def zone_named(zone: str) -> ZoneInfo:
    """The time zone of that IANA name; raises UnknownTimeZone."""
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UnknownTimeZone(zone=zone) from None


def day_in_zone(instant: datetime, zone: str) -> date:
    """The calendar day of an aware instant where the company sits."""
    if instant.tzinfo is None:
        raise ValueError("an instant carries its offset from UTC")
    return instant.astimezone(zone_named(zone)).date()


@dataclass(frozen=True, slots=True)
class BusinessCalendar:
    """Working days (Monday is 0) less holidays; a business day ends at `closes_at` local time."""

    holidays: frozenset[date] = frozenset()
    weekdays: frozenset[int] = frozenset(range(5))
    closes_at: time = time(18)

    @classmethod
    def from_policy(cls, values: Values, holidays: Iterable[date]) -> Self:
        """The calendar of the policy in force with the holidays of the holiday table."""
        weekdays = frozenset(list_of(values, "calendar.weekdays", to_whole))
        if not weekdays or not weekdays <= set(range(7)):
            raise InvalidPolicy(key="calendar.weekdays", problem="not a list of weekdays from 0 to 6")
        return cls(frozenset(holidays), weekdays, time_of(values, "calendar.closes_at"))

    def is_business_day(self, day: date) -> bool:
        """Whether people work on that day."""
        return day.weekday() in self.weekdays and day not in self.holidays

    def next_business_day(self, day: date) -> date:
        """That day if people work then, else the first working day after it; raises NoBusinessDay."""
        for offset in range(LONGEST_CLOSURE + 1):
            candidate = day + timedelta(days=offset)
            if self.is_business_day(candidate):
                return candidate
        raise NoBusinessDay(day=day.isoformat())

    def business_days_between(self, first: date, last: date) -> int:
        """Working days after `first` up to and with `last`; 0 when `last` is not later."""
        span = (last - first).days
        return sum(self.is_business_day(first + timedelta(days=offset)) for offset in range(1, span + 1))

    def counts_from(self, instant: datetime, zone: str) -> date:
        """The working day on which work arriving at `instant` is seen: after closing time, the next one."""
        day = day_in_zone(instant, zone)
        local = instant.astimezone(zone_named(zone))
        if self.is_business_day(day) and local.time() < self.closes_at:
            return day
        return self.next_business_day(day + ONE_DAY)

    def add_business_days(self, start: datetime, days: int, zone: str) -> datetime:
        """The instant (UTC) at which the `days`-th full business day after `start` closes in `zone`.

        Work arriving after closing time or on a day off counts as arriving on the next business day, so the
        people always have `days` whole business days; 0 days is the close of the day it is seen on.
        """
        if days < 0:
            raise ValueError("deadlines lie ahead")
        day = self.counts_from(start, zone)
        for _ in range(days):
            day = self.next_business_day(day + ONE_DAY)
        return self.close_of(day, zone)

    def close_of(self, day: date, zone: str) -> datetime:
        """The instant (UTC) at which a day closes in `zone`."""
        return datetime.combine(day, self.closes_at, zone_named(zone)).astimezone(UTC)


def add_months(day: date, months: int) -> date:
    """The same day of the month so many months on, at most its last: 31 January + 1 is 28 February."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    first_of_next = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=day.day - 1), first_of_next - ONE_DAY)
