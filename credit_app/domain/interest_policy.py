"""The rates of late interest: which law rules a country, what it adds to which reference rate, and its fees."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Self

from credit_app.domain.errors import DomainError, InvalidPolicy
from credit_app.domain.policy_values import (
    Values,
    table_of,
    text_of,
    to_decimal,
    to_text,
    value_of,
    whole_of,
)
from credit_app.domain.sentences import N_

REFERENCES = ("ecb_rate", "bank_rate", "lpr")
# Which day's reference rate serves a day: its own, or the one that stands for its half-year.
FIXINGS = ("day", "half_year_start", "half_year_eve")
# Whether the rate stays what it was on the first day in default, or follows the reference rate.
FOLLOWS = ("first_day", "each_day")

HIGHEST_RATE = 100
DAYS_OF_YEAR = 365
DAY = timedelta(days=1)
KEY = "interest.jurisdictions"
_NUMBERS = ("rate", "points", "factor", "small_daily")
_FIELDS = {"from", "reference", "fixing", "follows", "fees", "fee_currency", *_NUMBERS}


class NoRate(DomainError):
    """A reference rate is not in the policy for a day, or was not confirmed for too long."""

    code = "interest.no_rate"
    template = N_(
        "There is no reference rate “%(reference)s” for %(day)s; enter it in the policy of late interest."
    )


class NoRule(DomainError):
    """No rule of a jurisdiction is in force on a day."""

    code = "interest.no_rule"
    template = N_("“%(jurisdiction)s” has no rule of late interest for %(day)s; enter it in the policy.")


@dataclass(frozen=True, slots=True)
class Rate:
    """Per cent a year and what it is made of: the reference rate as it stood on `fixed_on`, and what is added to it
    (points) or what it is multiplied by (factor)."""

    annual: Decimal
    basis: str
    reference: str = ""
    reference_rate: Decimal | None = None
    fixed_on: date | None = None
    added: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """The rule of a jurisdiction from a day on, for debts whose first day in default is that day or later.

    Either `rate` is fixed, or `reference` names a rate to which `points` are added or that `factor` multiplies.
    `small_daily` is the rate in per cent a day where the rules for small enterprises apply and nothing is agreed; an
    agreed rate below the reference rate is then raised to it. `fees` are (below this debt, fee), the last one open.
    """

    jurisdiction: str
    valid_from: date
    rate: Decimal | None = None
    reference: str = ""
    points: Decimal | None = None
    factor: Decimal | None = None
    fixing: str = "day"
    follows: str = "first_day"
    small_daily: Decimal | None = None
    fees: Sequence[tuple[Decimal | None, Decimal]] = ()
    fee_currency: str | None = None

    def fee(self, debt: Decimal) -> Decimal:
        """The fee for an invoice of this amount, both in the currency of the fee."""
        return next((fee for below, fee in self.fees if below is None or debt < below), Decimal(0))


@dataclass(frozen=True, slots=True)
class InterestPolicy:
    """Rules by jurisdiction, the newest first; reference rates by name, each as (from, per cent), the oldest first."""

    rules: Mapping[str, Sequence[Rule]]
    countries: Mapping[str, str]
    other: str
    references: Mapping[str, Sequence[tuple[date, Decimal]]]
    oldest: timedelta

    @classmethod
    def from_policy(cls, values: Values) -> Self:
        """The policy in force. Raises InvalidPolicy."""
        written = value_of(values, KEY)
        if not isinstance(written, Mapping):
            raise InvalidPolicy(key=KEY, problem="no table")
        read = {str(name): _rules(str(name), versions) for name, versions in written.items()}
        countries = table_of(values, "interest.countries", to_text)
        other = text_of(values, "interest.elsewhere")
        if unknown := next((one for one in [*countries.values(), other] if one not in read), None):
            raise InvalidPolicy(
                key="interest.countries", problem=N_("naming the unknown “%(name)s”"), name=unknown
            )
        references = {name: _dated(values, f"interest.{name}") for name in REFERENCES}
        oldest = whole_of(values, "interest.confirmed_days")
        if oldest < 1:
            raise InvalidPolicy(key="interest.confirmed_days", problem=N_("not a number of days"))
        return cls(read, countries, other, references, timedelta(days=oldest))

    def jurisdiction(self, country: str | None) -> str:
        """Whose law rules the debts of a country (ISO 3166 alpha-2); None: the one for everywhere else."""
        return self.countries.get(country or "", self.other)

    def rule(self, jurisdiction: str, first_day: date) -> Rule:
        """The rule for debts that fell into default on `first_day`. Raises NoRule."""
        for rule in self.rules[jurisdiction]:
            if rule.valid_from <= first_day:
                return rule
        raise NoRule(jurisdiction=jurisdiction, day=first_day)

    def changes(self, rule: Rule, first: date, last: date) -> list[date]:
        """The days after `first`, up to `last`, from which another reference rate may count."""
        if not rule.reference or rule.follows == "first_day":
            return []
        if rule.fixing == "day":
            days = [day for day, _rate in self.references[rule.reference]]
        else:
            days = [date(year, month, 1) for year in range(first.year, last.year + 1) for month in (1, 7)]
        return [day for day in days if first < day <= last]

    def rate(
        self, rule: Rule, first_day: date, day: date, agreed: Decimal | None = None, *, small: bool = False
    ) -> Rate:
        """The rate of `day` for a debt in default since `first_day`. Raises NoRate.

        What was agreed counts; without it what the law gives.
        """
        protected = small and rule.small_daily is not None
        if protected and agreed is None and rule.small_daily is not None:
            return Rate(rule.small_daily * DAYS_OF_YEAR, "small", added=rule.small_daily)
        if agreed is not None and not (protected and rule.reference):
            return Rate(agreed, "agreed")
        if rule.rate is not None:
            return Rate(rule.rate, "fixed")
        fixed_on = _fixing(rule.fixing, first_day if rule.follows == "first_day" else day)
        found = self.reference(rule.reference, fixed_on)
        if agreed is not None:
            return Rate(max(agreed, found), "agreed", rule.reference, found, fixed_on)
        if rule.factor is not None:
            return Rate(found * rule.factor, "factor", rule.reference, found, fixed_on, rule.factor)
        points = rule.points or Decimal(0)
        return Rate(found + points, "points", rule.reference, found, fixed_on, points)

    def reference(self, name: str, day: date) -> Decimal:
        """The reference rate as it stood on a day. Raises NoRate without one that was entered or confirmed lately."""
        newest = [(since, rate) for since, rate in self.references[name] if since <= day]
        if not newest or day - newest[-1][0] > self.oldest:
            raise NoRate(reference=name, day=day)
        return newest[-1][1]


def _fixing(fixing: str, day: date) -> date:
    """The day whose reference rate serves `day`."""
    if fixing == "day":
        return day
    start = date(day.year, 1 if day.month < 7 else 7, 1)
    return start if fixing == "half_year_start" else start - DAY


def _dated(values: Values, key: str) -> list[tuple[date, Decimal]]:
    table = table_of(values, key, to_decimal)
    found = []
    for day, rate in table.items():
        if not 0 <= rate <= HIGHEST_RATE:
            raise InvalidPolicy(key=key, problem=N_("not a rate in per cent on %(day)s"), day=day)
        found.append((_day(key, day), rate))
    return sorted(found)


def _day(key: str, text: Any) -> date:
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError):
        raise InvalidPolicy(key=key, problem=N_("holding “%(value)s”, no date"), value=text) from None


def _rules(name: str, versions: Any) -> list[Rule]:
    if not isinstance(versions, Sequence) or isinstance(versions, str) or not versions:
        raise InvalidPolicy(key=KEY, problem=N_("without a rule for “%(name)s”"), name=name)
    return sorted((_rule(name, one) for one in versions), key=lambda rule: rule.valid_from, reverse=True)


def _rule(name: str, value: Any) -> Rule:
    """A rule as it is written; raises InvalidPolicy for one that says nothing, or two things at once."""
    if not isinstance(value, Mapping) or not set(value) <= _FIELDS:
        raise InvalidPolicy(key=KEY, problem=N_("not a rule for “%(name)s”"), name=name)
    numbers = {field: to_decimal(KEY, value[field]) for field in _NUMBERS if field in value}
    rule = Rule(
        name,
        _day(KEY, value.get("from")),
        reference=to_text(KEY, value.get("reference", "")),
        fixing=value.get("fixing", "day"),
        follows=value.get("follows", "first_day"),
        fees=_fees(name, value.get("fees", [])),
        fee_currency=value.get("fee_currency"),
        **numbers,
    )
    if rule.reference:
        one_way = (rule.points is None) != (rule.factor is None) and rule.rate is None
        whole = rule.reference in REFERENCES and one_way
    else:
        whole = rule.rate is not None and rule.points is None and rule.factor is None
    sane = all(0 <= number <= HIGHEST_RATE for number in numbers.values())
    known = rule.fixing in FIXINGS and rule.follows in FOLLOWS and bool(rule.fees) == bool(rule.fee_currency)
    if not (whole and sane and known):
        raise InvalidPolicy(key=KEY, problem=N_("not a rule for “%(name)s”"), name=name)
    return rule


def _fees(name: str, rows: Any) -> list[tuple[Decimal | None, Decimal]]:
    """Rows [below, fee] with rising bounds, the last one open."""
    try:
        fees = [
            (None if below is None else to_decimal(KEY, below), to_decimal(KEY, fee)) for below, fee in rows
        ]
    except (TypeError, ValueError) as error:
        if isinstance(error, InvalidPolicy):
            raise
        raise InvalidPolicy(key=KEY, problem=N_("without rows of fees for “%(name)s”"), name=name) from None
    bounds = [below for below, _fee in fees[:-1]]
    rising = all(below is not None for below in bounds) and bounds == sorted(set(bounds))  # type: ignore[type-var]
    if fees and (not rising or fees[-1][0] is not None or any(fee < 0 for _below, fee in fees)):
        raise InvalidPolicy(key=KEY, problem=N_("without rows of fees for “%(name)s”"), name=name)
    return fees
