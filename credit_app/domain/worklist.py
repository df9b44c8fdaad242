"""The collector's worklist: a score that says why an account is on top, and what to do about it next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Self

from credit_app.domain.collection import PAUSED, STAGES
from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.grades import RISKS
from credit_app.domain.policy_values import (
    Step,
    Values,
    climb,
    table_of,
    to_ladder,
    to_text,
    to_whole,
    value_of,
    whole_of,
)
from credit_app.domain.sentences import N_

FACTORS = (
    "follow_up",
    "amount",
    "age",
    "limitation",
    "broken_promises",
    "risk",
    "key_customer",
    "no_contact",
)
MOST_POINTS = 100  # of one factor, so that none drowns all others
UNRATED = "medium"  # as on the ladder
# What counts while all that is overdue is disputed or promised, or the day agreed is still to come.
WHILE_WAITING = ("follow_up", "limitation")
LANGUAGES = ("en", "zh")
WATCH_TAGS = ("protected", "heavy_arrears", "mobile")
# What can come of a contact, as it is chosen -> the outcome that is kept, and the reason code that goes without saying.
CHOICES: Mapping[str, tuple[str, str | None]] = {
    "promise": ("promise", None),
    "plan": ("plan", None),
    "dispute": ("dispute", "dispute"),
    "not_reached": ("not_reached", None),
    "refused": ("refused", "will_not_pay"),
    "cannot_pay": ("reached", "cannot_pay"),
    "paid": ("paid", None),
    "reached": ("reached", None),
    "noted": ("noted", None),
}


@dataclass(frozen=True, slots=True)
class Account:
    """What is known of an open case. `overdue` in base currency; `limitation_on` the nearest limitation date, None
    where it is not known; `last_contact_on` the last day on which somebody tried to reach the debtor."""

    stage: str
    overdue: Decimal
    oldest_due: date | None
    risk: str | None
    is_key: bool
    broken_promises: int
    limitation_on: date | None
    follow_up_on: date | None
    opened_on: date
    last_contact_on: date | None


@dataclass(frozen=True, slots=True)
class Score:
    """The points of an account and which factor gave how many, the most first; factors without points are left out."""

    total: int
    reasons: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class WorklistPolicy:
    """How many points each factor gives: ladders by amount, by days of age and by days left, a table by risk class.

    `broken_promise` are points for each promise broken within `broken_days`, at most `broken_most`; after `quiet_days`
    without a contact there are `quiet` points.
    """

    amount: tuple[Step, ...]
    age: tuple[Step, ...]
    limitation: tuple[Step, ...]
    risk: Mapping[str, int]
    broken_promise: int
    broken_most: int
    broken_days: int
    key_customer: int
    follow_up: int
    quiet: int
    quiet_days: int

    @classmethod
    def from_policy(cls, values: Values) -> Self:
        """The policy in force. Raises InvalidPolicy."""
        risk = table_of(values, "worklist.risk_points", to_whole)
        if set(risk) != set(RISKS):
            raise InvalidPolicy(key="worklist.risk_points", problem=N_("not a number for every risk class"))
        for points in risk.values():
            _bounded("worklist.risk_points", points)
        _scripts(values)
        return cls(
            _ladder(values, "worklist.amount_points"),
            _ladder(values, "worklist.age_points"),
            _ladder(values, "worklist.limitation_points"),
            risk,
            _points(values, "worklist.broken_promise_points"),
            _points(values, "worklist.broken_promises_most"),
            whole_of(values, "worklist.broken_promise_days"),
            _points(values, "worklist.key_customer_points"),
            _points(values, "worklist.follow_up_points"),
            _points(values, "worklist.no_contact_points"),
            whole_of(values, "worklist.no_contact_days"),
        )


def score(account: Account, policy: WorklistPolicy, today: date) -> Score:
    """The score of an account on a day. The same facts give the same score; each factor is bounded by policy."""
    quiet = (today - (account.last_contact_on or account.opened_on)).days
    waits = account.follow_up_on is not None and account.follow_up_on > today
    points = {
        "follow_up": policy.follow_up if account.follow_up_on is not None and not waits else 0,
        "amount": int(climb(policy.amount, account.overdue)) if account.overdue > 0 else 0,
        "age": _of_age(account, policy, today),
        "limitation": _of_limitation(account, policy, today),
        "broken_promises": min(account.broken_promises * policy.broken_promise, policy.broken_most),
        "risk": policy.risk[account.risk or UNRATED],
        "key_customer": policy.key_customer if account.is_key else 0,
        "no_contact": policy.quiet if quiet >= policy.quiet_days else 0,
    }
    if account.stage == PAUSED or waits:
        points = {factor: points[factor] for factor in WHILE_WAITING}
    found = [(factor, points[factor]) for factor in FACTORS if points.get(factor)]
    return Score(
        sum(given for _factor, given in found), tuple(sorted(found, key=lambda one: -one[1]))
    )  # sorted is stable: equal points stay in the order of FACTORS


def next_action(
    *,
    task: bool,
    stage: str,
    last_outcome: str | None,
    follow_up_on: date | None,
    on_account: bool,
    today: date,
) -> str:
    """What to do next, as a code: `task` when one is open, else by a rule; the first that fits counts."""
    rules = (
        ("task", task),
        ("wait", follow_up_on is not None and follow_up_on > today),
        ("check_receipt", on_account),
        ("check_payment", last_outcome == "paid"),
        ("promise_result", last_outcome == "promise"),
        ("settle_plan", last_outcome == "plan"),
        ("settle_dispute", last_outcome == "dispute"),
        ("call_again", last_outcome == "not_reached"),
        ("leave", stage == PAUSED),
    )
    return next((code for code, holds in rules if holds), "call")


def script_of(values: Values, stage: str, language: str) -> str:
    """What policy has a collector say at a stage, in this language (`en`, `zh`), else in English; may be empty."""
    for one in (language, LANGUAGES[0]):
        found = table_of(values, f"worklist.script_{one}", to_text).get(stage) if one in LANGUAGES else None
        if found:
            return found
    return ""


# --- inside -------------------------------------------------------------------------------------------------------


def _of_age(account: Account, policy: WorklistPolicy, today: date) -> int:
    if account.oldest_due is None or account.oldest_due >= today:
        return 0
    return int(climb(policy.age, Decimal((today - account.oldest_due).days)))


def _of_limitation(account: Account, policy: WorklistPolicy, today: date) -> int:
    if account.limitation_on is None:
        return 0
    return int(climb(policy.limitation, Decimal(max((account.limitation_on - today).days, 0))))


def _points(values: Values, key: str) -> int:
    return _bounded(key, whole_of(values, key))


def _bounded(key: str, points: int | Decimal) -> int:
    if points != int(points) or not 0 <= points <= MOST_POINTS:
        raise InvalidPolicy(
            key=key, problem=N_("not a whole number of points from 0 to %(most)s"), most=MOST_POINTS
        )
    return int(points)


def _ladder(values: Values, key: str) -> tuple[Step, ...]:
    steps = to_ladder(key, value_of(values, key))
    for _bound, points in steps:
        _bounded(key, points)
    return steps


def _scripts(values: Values) -> Sequence[str]:
    for language in LANGUAGES:
        key = f"worklist.script_{language}"
        if not set(table_of(values, key, to_text)) <= {PAUSED, *STAGES}:
            raise InvalidPolicy(key=key, problem=N_("not a text for stages of collection"))
    return LANGUAGES
