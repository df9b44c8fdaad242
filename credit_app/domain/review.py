"""When a limit is reviewed out of turn or on its day, and what a review may do to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Self

from credit_app.domain.errors import DomainError
from credit_app.domain.grades import GradePolicy
from credit_app.domain.policy_values import Values, whole_of
from credit_app.domain.sentences import N_, Sentence
from credit_app.domain.warning_line import Now, WarningLine, crossings

RENEW, CHANGE, CUT, CANCEL = "renew", "change", "cut", "cancel"
# What starts a review, the most urgent first: the first one found names it, all of them are listed.
TRIGGERS = ("final_demand", "warning_line", "downgrade", "overdue", "expiry", "security", "review_date")
# A date that has come stands until the limit is renewed; an event that was looked at rests for a while.
_NO_LINE, _UNKNOWN = WarningLine(), Now()
EVENTS = frozenset({"warning_line", "downgrade", "overdue", "security"})


class ActionDoesNotFit(DomainError):
    """A proposal for a limit under review whose figures are not what its name says."""

    code = "review.action_does_not_fit"
    template = N_("This proposal does not fit its figures.")


class NotACut(ActionDoesNotFit):
    """Cut to as much or more than there is."""

    code = "review.not_a_cut"
    template = N_("A cut is below the present limit of %(amount)s; choose “Change” for another figure.")


class NothingChanged(ActionDoesNotFit):
    """A change to what is already there."""

    code = "review.nothing_changed"
    template = N_("Nothing is changed here; choose “Renew” to leave the limit as it stands.")


@dataclass(frozen=True, slots=True)
class ReviewPolicy:
    """Days: ahead of the end of a limit and of a security, past due, and of rest after a look at an event."""

    days_before_expiry: int
    days_before_security_expires: int
    overdue_days: int
    rest_days: int

    @classmethod
    def from_policy(cls, values: Values) -> Self:
        """The policy in force; raises InvalidPolicy naming the figure."""
        return cls(
            whole_of(values, "review.days_before_expiry"),
            whole_of(values, "review.days_before_security_expires"),
            whole_of(values, "review.overdue_days"),
            whole_of(values, "review.rest_days"),
        )


@dataclass(frozen=True, slots=True)
class LimitState:
    """A limit on a day: its dates, its customer's oldest open due date, grade then and now, securities, warning line.

    `rested` are the events that a review has looked at lately; they start none again.
    """

    valid_from: date
    valid_to: date
    review_on: date | None
    oldest_due_on: date | None = None
    grade_then: str | None = None
    grade_now: str | None = None
    security_expires_on: date | None = None
    line: WarningLine = _NO_LINE
    now: Now = _UNKNOWN
    rested: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Trigger:
    """One reason to review a limit now."""

    kind: str
    sentence: Sentence


def due_triggers(
    state: LimitState, day: date, policy: ReviewPolicy, grades: GradePolicy
) -> tuple[Trigger, ...]:
    """Every reason to review the limit on `day`, the most urgent first; empty: none."""
    found = [one for one in _triggers(state, day, policy, grades) if one.kind not in state.rested]
    return tuple(sorted(found, key=lambda one: TRIGGERS.index(one.kind)))


def final_demand(number: str, day: date) -> Trigger:
    """The reason that collection gives: the last demand of a collection case went out on `day`."""
    return Trigger(
        "final_demand", _sentence("final_demand", _FINAL_DEMAND, number=number, day=day.isoformat())
    )


def is_below(grade: str, other: str, grades: GradePolicy) -> bool:
    """Whether `grade` is worse than `other`."""
    order = grades.grades
    return order.index(grade) > order.index(other)


def kind_of_action(
    amount: Decimal, terms_days: int, present_amount: Decimal, present_terms: int, other_changes: bool = False
) -> str:
    """What figures (in the limit's currency) do to a limit: 0 cancels, less cuts, the same renews, else a change."""
    if amount == 0:
        return CANCEL
    if amount < present_amount:
        return CUT
    same = amount == present_amount and terms_days == present_terms and not other_changes
    return RENEW if same else CHANGE


def check_action(action: str, kind: str, present: str) -> None:
    """The name that the analyst gave against what the figures do; raises ActionDoesNotFit. `present` is for people."""
    if action == CUT and kind != CUT:
        raise NotACut(amount=present)
    if action == CHANGE and kind == RENEW:
        raise NothingChanged


# --- inside -------------------------------------------------------------------------------------------------------


def _triggers(state: LimitState, day: date, policy: ReviewPolicy, grades: GradePolicy) -> Iterator[Trigger]:
    for sentence in crossings(state.line, state.now, grades):
        yield Trigger("warning_line", sentence)
    if state.grade_then and state.grade_now and is_below(state.grade_now, state.grade_then, grades):
        yield Trigger(
            "downgrade", _sentence("downgrade", _DOWNGRADE, grade=state.grade_now, before=state.grade_then)
        )
    if state.oldest_due_on is not None and (day - state.oldest_due_on).days >= policy.overdue_days:
        days = (day - state.oldest_due_on).days
        yield Trigger("overdue", _sentence("overdue", _OVERDUE, days=days))
    if state.valid_to < day:
        yield Trigger("expiry", _sentence("expired", _EXPIRED, day=state.valid_to.isoformat()))
    elif state.valid_to - timedelta(days=policy.days_before_expiry) <= day:
        yield Trigger("expiry", _sentence("expiry", _EXPIRY, day=state.valid_to.isoformat()))
    ahead = timedelta(days=policy.days_before_security_expires)
    if state.security_expires_on is not None and state.security_expires_on - ahead <= day:
        yield Trigger("security", _sentence("security", _SECURITY, day=state.security_expires_on.isoformat()))
    if state.review_on is not None and state.review_on <= day:
        yield Trigger("review_date", _sentence("review_date", _REVIEW, day=state.review_on.isoformat()))


def _sentence(code: str, text: str, **values: object) -> Sentence:
    return Sentence(f"review.{code}", text, values)


_FINAL_DEMAND = N_("Collection %(number)s came to the final demand on %(day)s; by policy the limit is cut.")
_DOWNGRADE = N_("The grade has fallen to %(grade)s; it was %(before)s when the limit was granted.")
_OVERDUE = N_("The oldest open item is %(days)s days past due.")
_EXPIRED = N_("The limit has expired; its last day was %(day)s.")
_EXPIRY = N_("The limit ends on %(day)s.")
_SECURITY = N_("A security behind the limit expires on %(day)s.")
_REVIEW = N_("The review was due on %(day)s.")
