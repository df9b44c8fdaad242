"""The collection ladder: which stage an account is at, by its ladder and the days that its oldest debt is overdue."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Self

from credit_app.domain.dates import BusinessCalendar
from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.policy_values import Values, decimal_of, list_of, table_of, to_text, to_whole, whole_of
from credit_app.domain.sentences import N_

# From the mildest to the harshest. A case stands at one of them, or is paused.
STAGES = (
    "friendly_notice",
    "call",
    "letter_1",
    "letter_2",
    "visit",
    "final_demand",
    "lawyer_letter",
    "agency",
    "legal_action",
)
PAUSED = "paused"
# The called process that works each stage.
BANDS: Mapping[str, str] = {
    "friendly_notice": "early",
    "call": "early",
    "letter_1": "firm",
    "letter_2": "firm",
    "visit": "firm",
    "final_demand": "hard",
    "lawyer_letter": "hard",
    "agency": "hard",
    "legal_action": "hard",
    PAUSED: "paused",
}
LADDERS = ("low", "medium", "high", "key")
REASON_CODES = ("cannot_pay", "will_not_pay", "dispute", "administrative")
CONTACT_OUTCOMES = (
    "not_reached",
    "reached",
    "promise",
    "plan",
    "dispute",
    "refused",
    "paid",
    "sent",
    "delivered",
    "failed",
    "noted",
)
MOVE_CAUSES = (
    "ladder",
    "payment",
    "correction",
    "reopened",
    "dispute",
    "promise",
    "broken_promise",
    "rating",
    "by_hand",
    "written_off",
    "insolvency",
    "agreed",
    "dispute_over",
    "promise_over",
    "pause_over",
    "key_customer",
    "figures",
)
# What the daily run finds by itself; every other move has something that was entered.
CAUSES_OF_RUN = ("ladder", "pause_over", "key_customer", "figures")
LONGEST_STAGE_DAYS = 3_650


@dataclass(frozen=True, slots=True)
class Ladder:
    """Days past due from which each stage is reached, in the order of STAGES, never falling."""

    days: tuple[int, ...]

    def stage(self, days_overdue: int) -> str | None:
        """The stage of an account whose oldest debt is so many days past due; None below the first."""
        reached = [stage for stage, days in zip(STAGES, self.days, strict=True) if days_overdue >= days]
        return reached[-1] if reached else None


@dataclass(frozen=True, slots=True)
class LadderPolicy:
    """The ladder of each risk class and of key customers; below `smallest` (base currency) nothing is collected.

    `ask_first` are the stages that a person must agree to before they begin. A promise counts as live for
    `promise_grace` days after its day.
    """

    ladders: Mapping[str, Ladder]
    smallest: Decimal
    ask_first: tuple[str, ...]
    promise_grace: int

    @classmethod
    def from_policy(cls, values: Values) -> Self:
        """The policy in force. Raises InvalidPolicy."""
        standard = _days(values, "collection.ladder")
        extra, share = (
            whole_of(values, "collection.low_risk_extra_days"),
            decimal_of(values, "collection.high_risk_share"),
        )
        if extra < 0 or not 0 < share <= 1:
            raise InvalidPolicy(key="collection.high_risk_share", problem=N_("not a share above 0 up to 1"))
        ask_first = list_of(values, "collection.ask_first", to_text)
        if not set(ask_first) <= set(STAGES):
            raise InvalidPolicy(key="collection.ask_first", problem=N_("not a list of stages"))
        return cls(
            {
                "medium": standard,
                "low": Ladder(tuple(day + extra for day in standard.days)),
                "high": Ladder(tuple(int(day * share) for day in standard.days)),
                "key": _days(values, "collection.key_ladder"),
            },
            decimal_of(values, "collection.smallest_amount"),
            ask_first,
            whole_of(values, "collection.promise_grace_days"),
        )

    def asks_first(self, stage: str) -> bool:
        """Whether somebody must agree before this stage begins; until then it is only proposed."""
        return stage in self.ask_first and BANDS[stage] == "hard"

    def stage(self, ladder: str, oldest_due: date, as_of: date, calendar: BusinessCalendar) -> str | None:
        """The stage on `as_of`; a day of the ladder on which nobody works counts as the next business day."""
        return self.ladders[ladder].stage((last_business_day(as_of, calendar) - oldest_due).days)


def last_business_day(day: date, calendar: BusinessCalendar) -> date:
    """That day if people work then, else the last working day before it.

    A ladder day D falls on the next business day, so it is reached on `day` exactly when D <= this.
    """
    for back in range(LONGEST_STAGE_DAYS):
        candidate = day - timedelta(days=back)
        if calendar.is_business_day(candidate):
            return candidate
    raise InvalidPolicy(key="calendar.weekdays", problem=N_("no business day within ten years"))


def harsher(stage: str) -> str:
    """The stage after this one; the last has none after it and stays."""
    return STAGES[min(STAGES.index(stage) + 1, len(STAGES) - 1)]


def true_cause(told: str, stage: str, target: str, ladders: tuple[str, str]) -> str:
    """Why a case really moves from `stage` to `target` (a stage, PAUSED, or an end), where `told` is the weightiest
    thing that was entered, `ladder` for the daily run, and `ladders` the ladder that it followed and the one of now.

    Days only make a stage harsher, and money never does: a case that moves the other way has another reason.
    """
    harsher = stage in STAGES and target in STAGES and STAGES.index(target) > STAGES.index(stage)
    if told not in ("ladder", "rating", "payment"):
        return told
    if told == "payment":
        return "ladder" if harsher else told
    if "key" in ladders and ladders[0] != ladders[1]:
        return "key_customer"
    if told == "rating" and ladders[0] != ladders[1]:
        return told
    if stage == PAUSED:
        return "pause_over" if target in STAGES else "figures"
    return "ladder" if harsher else "figures"


def ladder_of(risk: str | None, *, is_key: bool) -> str:
    """The ladder of a customer by its risk class; without a rating the standard one, without credit the strictest."""
    if is_key:
        return "key"
    return {"low": "low", "high": "high", "none": "high"}.get(risk or "", "medium")


def _days(values: Values, key: str) -> Ladder:
    table = table_of(values, key, to_whole)
    days = tuple(table.get(stage, -1) for stage in STAGES)
    if (
        set(table) != set(STAGES)
        or days[0] < 0
        or list(days) != sorted(days)
        or days[-1] > LONGEST_STAGE_DAYS
    ):
        raise InvalidPolicy(key=key, problem=N_("not a day for every stage, never falling"))
    return Ladder(days)
