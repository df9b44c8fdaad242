"""Limitation: until when a claim can be enforced by law, what lets the period run anew, and a country's legal terms."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, Self

from credit_app.domain.dates import add_months
from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.policy_values import (
    Values,
    decimal_of,
    list_of,
    table_of,
    to_text,
    to_whole,
)
from credit_app.domain.sentences import N_

JURISDICTIONS = "legal.jurisdictions"
WARNINGS = "legal.warning_days"
MANAGER, SMALLEST = "legal.manager_up_to", "legal.smallest_amount"
OTHER = "other"  # the terms of every country that has none of its own
# What lets limitation run anew: the words of the column `limitation_interruption.ground`.
GROUNDS = (
    "balance_confirmed",
    "demand_delivered",
    "part_payment",
    "promise",
    "payment_plan",
    "security",
    "filing",
)
DUE, YEAR_END = "due", "year_end"
# Figures of a country: name -> the most that makes sense.
FIGURES: Mapping[str, int] = {
    "limitation_years": 100,
    "enforcement_years": 100,
    "preservation_days": 3_650,
    "objection_days": 3_650,
    "appeal_days": 3_650,
    "guarantee_months": 1_200,
    "notice_days": 3_650,
}
MONTHS = 12
# Why an event does not let limitation run anew.
NOT_BY_LAW, TOO_LATE = "not_by_law", "too_late"


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """The legal terms of a country. Limitation runs from the due date, or from the end of its year (`runs_from`).

    `interrupts`: grounds from which it runs anew; `revives`: those of them that do so even once it has passed.
    The days for an objection begin at the order, those of a preservation at its grant.
    """

    country: str
    limitation_years: int
    enforcement_years: int
    preservation_days: int
    objection_days: int
    appeal_days: int
    guarantee_months: int
    notice_days: int
    runs_from: str
    interrupts: frozenset[str]
    revives: frozenset[str]

    def begins(self, due: date) -> date:
        """The day from which limitation of a debt runs; of one in instalments give the day of the last."""
        return due if self.runs_from == DUE else date(due.year, MONTHS, 31)

    def ends(self, begins: date) -> date:
        """The last day of a period of limitation."""
        return add_months(begins, MONTHS * self.limitation_years)

    def enforceable_until(self, final_on: date) -> date:
        """The last day for an application to enforce a judgment."""
        return add_months(final_on, MONTHS * self.enforcement_years)

    def preserved_until(self, granted_on: date) -> date:
        """The last day to file the suit that a preservation was granted for; it lapses without one."""
        return granted_on + timedelta(days=self.preservation_days)

    def guaranteed_until(self, due: date) -> date:
        """The end of the guarantee period of a debt where none was agreed."""
        return add_months(due, self.guarantee_months)


@dataclass(frozen=True, slots=True)
class LegalPolicy:
    """The terms by country, and how many days ahead of a legal date people are warned, the longest first.

    A credit manager decides on legal action up to `manager_up_to`; below `smallest` (both in base currency) a suit is
    hardly worth its cost.
    """

    countries: Mapping[str, Jurisdiction]
    warnings: tuple[int, ...]
    manager_up_to: Decimal
    smallest: Decimal

    @classmethod
    def from_policy(cls, values: Values) -> Self:
        """The policy in force. Raises InvalidPolicy."""
        table = table_of(values, JURISDICTIONS, _to_row)
        if OTHER not in table:
            raise InvalidPolicy(key=JURISDICTIONS, problem=N_("without the terms of all other countries"))
        wrong = next((one for one in sorted(table) if one != OTHER and not _is_country(one)), None)
        if wrong is not None:
            raise InvalidPolicy(
                key=JURISDICTIONS, problem="no country of two letters: “%(value)s”", value=wrong
            )
        warnings = list_of(values, WARNINGS, to_whole)
        falling = all(first > second for first, second in pairwise(warnings))
        if not warnings or warnings[-1] < 0 or not falling:
            raise InvalidPolicy(key=WARNINGS, problem=N_("not a list of days that fall"))
        manager_up_to, smallest = (decimal_of(values, key) for key in (MANAGER, SMALLEST))
        if manager_up_to < 0:
            raise InvalidPolicy(key=MANAGER, problem=N_("below zero"))
        if smallest < 0:
            raise InvalidPolicy(key=SMALLEST, problem=N_("below zero"))
        countries = {name: _jurisdiction(name, row) for name, row in table.items()}
        return cls(countries, warnings, manager_up_to, smallest)

    def level(self, amount: Decimal) -> str:
        """The role that decides on legal action about an amount in base currency."""
        return "credit_manager" if amount <= self.manager_up_to else "finance_director"

    def of(self, country: str | None) -> Jurisdiction:
        """The terms of a customer's country."""
        return self.countries.get(country or OTHER, self.countries[OTHER])

    def step(self, due: date, today: date) -> int | None:
        """The warning that is owed for a date: the shortest whose days have begun; None: none yet, or it has passed."""
        left = (due - today).days
        return min((days for days in self.warnings if 0 <= left <= days), default=None)


@dataclass(frozen=True, slots=True)
class Event:
    """Something from which limitation may run anew; `ref` is the caller's own."""

    on: date
    ground: str
    ref: Any = None


@dataclass(frozen=True, slots=True)
class Link:
    """An event of the chain: until when limitation ran after it, and why it changed nothing: NOT_BY_LAW or TOO_LATE."""

    event: Event
    ends_on: date
    why_not: str | None = None


@dataclass(frozen=True, slots=True)
class Chain:
    """The limitation of one debt: from where it first ran, what happened, and its last day."""

    begins_on: date
    first_end: date
    links: tuple[Link, ...]
    ends_on: date

    def days_left(self, today: date) -> int:
        """Below zero: it has passed."""
        return (self.ends_on - today).days


def chain(due: date, events: Iterable[Event], terms: Jurisdiction, today: date | None = None) -> Chain:
    """The chain of a debt by the events up to `today` (None: all), whatever order they come in.

    An event before the debt is due changes nothing that runs; the period never ends earlier for one.
    """
    begins = terms.begins(due)
    ends = first_end = terms.ends(begins)
    links = []
    for event in sorted(events, key=lambda one: one.on):
        if today is not None and event.on > today:
            continue
        why_not = None
        if event.ground not in terms.interrupts:
            why_not = NOT_BY_LAW
        elif event.on > ends and event.ground not in terms.revives:
            why_not = TOO_LATE
        else:
            ends = max(ends, terms.ends(event.on))
        links.append(Link(event, ends, why_not))
    return Chain(begins, first_end, tuple(links), ends)


def _to_row(key: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InvalidPolicy(key=key, problem="no table")
    return value


def _jurisdiction(country: str, row: Mapping[str, Any]) -> Jurisdiction:
    figures = {}
    for name, most in FIGURES.items():
        figures[name] = to_whole(f"{JURISDICTIONS}/{country}/{name}", row.get(name))
        if not 0 <= figures[name] <= most:
            raise InvalidPolicy(
                key=JURISDICTIONS,
                problem="wrong for %(country)s: %(name)s is from 0 to %(most)s",
                country=country,
                name=name,
                most=most,
            )
    interrupts, revives = (_grounds(country, row, name) for name in ("interrupts", "revives"))
    plain = row.get("runs_from") in (DUE, YEAR_END) and figures["limitation_years"] > 0
    if not plain or not revives <= interrupts:
        raise InvalidPolicy(
            key=JURISDICTIONS,
            problem="wrong for %(country)s: from where limitation runs, or what revives it",
            country=country,
        )
    return Jurisdiction(
        country,
        **figures,
        runs_from=row["runs_from"],
        interrupts=interrupts,
        revives=revives,
    )


def _grounds(country: str, row: Mapping[str, Any], name: str) -> frozenset[str]:
    found = frozenset(list_of(row, name, to_text))
    if not found <= set(GROUNDS):
        raise InvalidPolicy(
            key=JURISDICTIONS, problem="wrong for %(country)s: an unknown ground", country=country
        )
    return found


def _is_country(code: str) -> bool:
    return len(code) == 2 and code.isascii() and code.isalpha() and code.isupper()
