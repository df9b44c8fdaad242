"""The days of a contract in force: warnings ahead, the last day of notice, when to decide on renewal, what is held."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import Self

from credit_app.domain.dates import add_months
from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.policy_values import Values, list_of, to_whole, whole_of

WARNINGS = "contract.warning_days"
# The step of a warning that comes after the day: told once.
OVERDUE = -1
ONE = timedelta(days=1)
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class PerformancePolicy:
    """Calendar days: `warnings` before a milestone, falling; renewal is decided from `renewal_days` before its last
    day, its owner reminded `remind_days` before it."""

    warnings: tuple[int, ...]
    renewal_days: int
    remind_days: int

    @classmethod
    def from_policy(cls, values: Values) -> Self:
        """Raises InvalidPolicy."""
        warnings = list_of(values, WARNINGS, to_whole)
        falling = all(first > second for first, second in pairwise(warnings))
        if not warnings or warnings[-1] < 0 or not falling:
            raise InvalidPolicy(key=WARNINGS, problem="no list of days that fall, such as [90, 30, 7]")
        return cls(
            warnings,
            whole_of(values, "contract.renewal_days"),
            whole_of(values, "contract.renewal_remind_days"),
        )


def last_notice(ends_on: date, notice_days: int | None) -> date:
    """The last day on which the other side has to have the notice; without days of notice the end itself."""
    return ends_on - timedelta(days=notice_days or 0)


def decide_by(ends_on: date, notice_days: int | None, day: date) -> date:
    """The day until which renewal is to be decided: the last day of notice, and once that is over the end."""
    last = last_notice(ends_on, notice_days)
    return last if last >= day else ends_on


def prolonged(starts_on: date, ends_on: date, now_ends: date, day: date) -> date:
    """The end of a contract agreed from `starts_on` to `ends_on` that renews itself by its own length, again and again
    from `now_ends` on until `day` lies inside. Whole months stay whole months."""
    months = _whole_months(starts_on, ends_on)
    length = ends_on - starts_on + ONE
    while now_ends < day:
        now_ends = add_months(now_ends + ONE, months) - ONE if months else now_ends + length
    return now_ends


@dataclass(frozen=True, slots=True)
class RetentionTerm:
    """When retention falls due: `days` after each invoice, or after acceptance. Of the latter `accepted_on` is the day
    once everything was accepted, until then `expected_on` the one it is planned for, if it is."""

    share: Decimal
    days: int
    from_acceptance: bool = False
    accepted_on: date | None = None
    expected_on: date | None = None

    @property
    def awaits(self) -> bool:
        """Whether it waits for an acceptance before its days begin to count."""
        return self.from_acceptance and self.accepted_on is None

    def falls_due(self, invoiced_on: date | None = None) -> date | None:
        """The last day on which it is held, as far as one is known; only expected while it awaits acceptance."""
        begins = (self.accepted_on or self.expected_on) if self.from_acceptance else invoiced_on
        return begins + timedelta(days=self.days) if begins is not None else None

    def is_held(self, invoiced_on: date, day: date) -> bool:
        """Whether it may still be held on `day`: as long as nothing was accepted, whatever was planned."""
        due = self.falls_due(invoiced_on)
        return self.awaits or (due is not None and due >= day)


def held_back(amount: Decimal, share: Decimal | None, open_amount: Decimal) -> Decimal:
    """What of an invoice is retention that was not paid: its share, at most what is open."""
    if not share:
        return Decimal(0)
    return min((amount * share).quantize(CENT, ROUND_HALF_UP), open_amount)


def days_off(agreed: Sequence[date], due: date) -> int:
    """How many days a due date lies after the nearest agreed one; below zero before it, 0 when nothing was agreed."""
    gaps = [(due - one).days for one in agreed]
    return min(gaps, key=lambda gap: (abs(gap), gap), default=0)


def _whole_months(starts_on: date, ends_on: date) -> int:
    after = ends_on + ONE
    months = (after.year - starts_on.year) * 12 + after.month - starts_on.month
    return months if months > 0 and add_months(starts_on, months) == after else 0
