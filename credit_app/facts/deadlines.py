"""By when a level decides, in business days of the company's calendar."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from credit_app.domain.dates import BusinessCalendar
from credit_app.domain.deadlines import DeadlinePolicy, Deadlines, approval_deadlines
from credit_app.domain.policy_values import whole_of
from credit_app.models import holidays, policy_values, the_company


def deadlines_from(session: Session, opened_at: datetime, today: date) -> Deadlines:
    """Reminder, due instant and escalation of a decision opened at `opened_at`, by the policy in force today."""
    values = policy_values(session, today)
    calendar = BusinessCalendar.from_policy(values, holidays(session))
    zone = the_company(session).time_zone
    return approval_deadlines(opened_at, DeadlinePolicy.from_policy(values), calendar, zone)


def due_after(session: Session, opened_at: datetime, today: date, policy_key: str) -> datetime:
    """The end of the so many business days that a policy figure grants, from `opened_at` on."""
    return days_after(session, opened_at, today, whole_of(policy_values(session, today), policy_key))


def days_after(session: Session, opened_at: datetime, today: date, days: int) -> datetime:
    """The end of so many business days from `opened_at` on, by the calendar of today."""
    calendar = BusinessCalendar.from_policy(policy_values(session, today), holidays(session))
    return calendar.add_business_days(opened_at, days, the_company(session).time_zone)


def close_of(session: Session, day: date, today: date) -> datetime:
    """The instant (UTC) at which business closes on a day, or on the next business day when nobody works then."""
    calendar = BusinessCalendar.from_policy(policy_values(session, today), holidays(session))
    return calendar.close_of(calendar.next_business_day(day), the_company(session).time_zone)
