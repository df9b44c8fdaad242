"""When an approver is reminded and when the matter moves up, in business days of the company's calendar."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from credit_app.domain.dates import BusinessCalendar
from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.policy_values import Values, whole_of


@dataclass(frozen=True, slots=True)
class DeadlinePolicy:
    """Business days after opening, each not before the one ahead of it: reminder, due, escalation."""

    remind_after: int
    due_after: int
    escalate_after: int

    @classmethod
    def from_policy(cls, values: Values) -> Self:
        """The policy in force; raises InvalidPolicy when the order of the three is broken."""
        policy = cls(
            whole_of(values, "approval.remind_after_days"),
            whole_of(values, "approval.due_after_days"),
            whole_of(values, "approval.escalate_after_days"),
        )
        if not 0 <= policy.remind_after <= policy.due_after <= policy.escalate_after:
            raise InvalidPolicy(key="approval.escalate_after_days", problem="earlier than due or reminder")
        return policy


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Instants in UTC."""

    remind_at: datetime
    due_at: datetime
    escalate_at: datetime


def approval_deadlines(
    opened_at: datetime, policy: DeadlinePolicy, calendar: BusinessCalendar, zone: str
) -> Deadlines:
    """The instants for a decision opened at `opened_at` (aware)."""
    return Deadlines(
        calendar.add_business_days(opened_at, policy.remind_after, zone),
        calendar.add_business_days(opened_at, policy.due_after, zone),
        calendar.add_business_days(opened_at, policy.escalate_after, zone),
    )
