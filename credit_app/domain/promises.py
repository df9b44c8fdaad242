"""Promises to pay, payment plans and extensions: what may be agreed, what counts as paid, and who decides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Self

from credit_app.domain.errors import DomainError, InvalidPolicy
from credit_app.domain.policy_values import (
    Values,
    decimal_of,
    list_of,
    table_of,
    to_decimal,
    to_text,
    to_whole,
    whole_of,
)
from credit_app.domain.sentences import N_

# Who decides on a plan or an extension, from the lowest; the last decides on whatever is above the others.
LEVELS = ("collector", "credit_manager", "finance_director")
MOST_INSTALMENTS = 36
CENT = Decimal("0.01")


class NotAgreeable(DomainError):
    """What is asked for cannot be agreed. Subclasses say which field is wrong."""

    code = "promises.not_agreeable"
    field = ""


class PastDay(NotAgreeable):
    """A day that is over."""

    code = "promises.past_day"
    template = N_("%(day)s is over; give a day after today, %(today)s.")


class TooFar(NotAgreeable):
    """A day further ahead than policy allows."""

    code = "promises.too_far"
    template = N_("%(day)s is too far ahead; by policy it is %(last)s at the latest.")


class TooLittle(NotAgreeable):
    """A promise of too small a part of what is overdue."""

    code = "promises.too_little"
    template = N_(
        "%(amount)s is too little; by policy promise at least %(least)s of the %(overdue)s overdue."
    )


class DoesNotAddUp(NotAgreeable):
    """Instalments that are not the debt."""

    code = "promises.does_not_add_up"
    template = N_("The instalments add up to %(sum)s, but %(total)s is open of the chosen items.")


class TooManyInstalments(NotAgreeable):
    """More instalments than policy allows, or none."""

    code = "promises.too_many_instalments"
    template = N_("Give 2 to %(most)s instalments; these are %(count)s.")


class DaysNotRising(NotAgreeable):
    """Instalments out of order."""

    code = "promises.days_not_rising"
    template = N_("Instalment %(place)s is due on %(day)s; it has to be later than the one before it.")


class NotLater(NotAgreeable):
    """An extension to a day on which the debt is due anyway."""

    code = "promises.not_later"
    template = N_("%(day)s puts nothing off: an item is due on %(due_on)s only.")


@dataclass(frozen=True, slots=True)
class Authority:
    """Up to which amount (base currency) and how many days each level decides; the highest decides on the rest."""

    amounts: Mapping[str, Decimal]
    days: Mapping[str, int]

    @classmethod
    def from_policy(cls, values: Values, group: str) -> Self:
        """Of `plan` or `extension`. Raises InvalidPolicy."""
        amounts = table_of(values, f"{group}.authority_amount", to_decimal)
        days = table_of(values, f"{group}.authority_days", to_whole)
        _rising(f"{group}.authority_amount", amounts)
        _rising(f"{group}.authority_days", days)
        return cls(amounts, days)

    def level(self, amount: Decimal, days: int) -> str:
        """The lowest level that may decide on this."""
        return next(
            (one for one in LEVELS[:-1] if amount <= self.amounts[one] and days <= self.days[one]), LEVELS[-1]
        )

    def from_level(self, level: str) -> tuple[str, ...]:
        """This level and those above it."""
        return LEVELS[LEVELS.index(level) :]


@dataclass(frozen=True, slots=True)
class PromisePolicy:
    """How far ahead a promise may lie, how many may have been broken within which time, how small it may be, and the
    countries whose law restarts limitation when it is made in writing."""

    longest_days: int
    most_broken: int
    broken_days: int
    smallest_share: Decimal
    interrupting: frozenset[str]

    @classmethod
    def from_policy(cls, values: Values) -> Self:
        """The policy in force. Raises InvalidPolicy."""
        share = decimal_of(values, "promise.smallest_share")
        if not 0 <= share <= 1:
            raise InvalidPolicy(key="promise.smallest_share", problem=N_("not a share from 0 up to 1"))
        return cls(
            _least(values, "promise.longest_days", 1),
            _least(values, "promise.most_broken", 1),
            _least(values, "promise.broken_within_days", 1),
            share,
            countries_of(values, "promise.interrupts_limitation"),
        )

    def check_day(self, day: date, today: date) -> None:
        """The promised day lies ahead, and not too far. Raises NotAgreeable."""
        _ahead(day, today)
        last = today + timedelta(days=self.longest_days)
        if day > last:
            raise TooFar(day=day, last=last)

    def check_amount(self, amount: Decimal, overdue: Decimal) -> None:
        """Not too small a part of what is overdue, unless it is all that is chosen. Raises NotAgreeable."""
        least = (overdue * self.smallest_share).quantize(CENT)
        if amount < least:
            raise TooLittle(amount=amount, least=least, overdue=overdue)


@dataclass(frozen=True, slots=True)
class PlanPolicy:
    """What a plan may be: instalments, days to the last one; when it is reminded of and when it is broken."""

    most_instalments: int
    longest_days: int
    interrupting: frozenset[str]
    authority: Authority

    @classmethod
    def from_policy(cls, values: Values) -> Self:
        """The policy in force. Raises InvalidPolicy."""
        most = whole_of(values, "plan.most_instalments")
        if not 2 <= most <= MOST_INSTALMENTS:
            raise InvalidPolicy(
                key="plan.most_instalments", problem=N_("not from 2 to %(most)s"), most=MOST_INSTALMENTS
            )
        for key in ("plan.remind_days", "plan.late_days"):
            _least(values, key, 1)
        return cls(
            most,
            _least(values, "plan.longest_days", 1),
            countries_of(values, "plan.interrupts_limitation"),
            Authority.from_policy(values, "plan"),
        )

    def check(self, instalments: Sequence[tuple[date, Decimal]], total: Decimal, today: date) -> None:
        """Days rise, lie ahead and within policy, and the amounts are the debt exactly. Raises NotAgreeable."""
        if not 2 <= len(instalments) <= self.most_instalments:
            raise TooManyInstalments(most=self.most_instalments, count=len(instalments))
        before = None
        for place, (day, _amount) in enumerate(instalments, 1):
            _ahead(day, today)
            if before is not None and day <= before:
                raise DaysNotRising(place=place, day=day)
            before = day
        last = today + timedelta(days=self.longest_days)
        if instalments[-1][0] > last:
            raise TooFar(day=instalments[-1][0], last=last)
        added = sum((amount for _day, amount in instalments), Decimal(0))
        if added != total:
            raise DoesNotAddUp(sum=added, total=total)


@dataclass(frozen=True, slots=True)
class ExtensionPolicy:
    """By how many days a payment may be put off, and who decides."""

    longest_days: int
    authority: Authority

    @classmethod
    def from_policy(cls, values: Values) -> Self:
        """The policy in force. Raises InvalidPolicy."""
        return cls(_least(values, "extension.longest_days", 1), Authority.from_policy(values, "extension"))

    def days(self, new_on: date, due: Sequence[date], today: date) -> int:
        """By how many days the payment is put off, the most of these due dates. Raises NotAgreeable."""
        _ahead(new_on, today)
        latest = max(due)
        if new_on <= latest:
            raise NotLater(day=new_on, due_on=latest)
        first = max(min(due), today)
        if (new_on - first).days > self.longest_days:
            raise TooFar(day=new_on, last=first + timedelta(days=self.longest_days))
        return (new_on - first).days


def settled(
    amount: Decimal, open_before: Decimal, open_now: Decimal, paid_before: Decimal, paid_now: Decimal
) -> Decimal:
    """What came of the promised `amount` of an item: what was allocated since, or what is open less than before.

    A credit note counts as a payment does; a later correction that asks more takes nothing away from what was paid.
    """
    return min(amount, max(open_before - open_now, paid_now - paid_before, Decimal(0)))


def spread(total: Decimal, free: Sequence[Decimal]) -> list[Decimal]:
    """`total` over debts in this order, each as far as it is free; what is over stays out."""
    parts = []
    for one in free:
        part = min(one, total)
        parts.append(part)
        total -= part
    return parts


def paid_parts(amounts: Sequence[Decimal], paid: Decimal) -> list[Decimal]:
    """What is paid of each instalment when `paid` came in all: the first are paid first."""
    return spread(max(paid, Decimal(0)), amounts)


def trimmed(amounts: Sequence[Decimal], total: Decimal) -> list[Decimal]:
    """Instalments that add up to a smaller total: the last ones become smaller, or fall away."""
    return [part for part in spread(total, amounts) if part > 0]


def equal_parts(total: Decimal, count: int) -> list[Decimal]:
    """So many instalments, equal to the cent; the last takes what is over."""
    part = (total / count).quantize(CENT, rounding="ROUND_DOWN")
    return [part] * (count - 1) + [total - part * (count - 1)]


def kept_rate(kept: int, broken: int) -> Decimal | None:
    """Share of the promises that were kept; None where none has come to its end."""
    return Decimal(kept) / (kept + broken) if kept + broken else None


def countries_of(values: Values, key: str) -> frozenset[str]:
    """ISO 3166 alpha-2 codes. Raises InvalidPolicy."""
    codes = list_of(values, key, to_text)
    wrong = next((one for one in codes if not (len(one) == 2 and one.isascii() and one.isupper())), None)
    if wrong is not None:
        raise InvalidPolicy(key=key, problem=N_("no country of two letters: “%(value)s”"), value=wrong)
    return frozenset(codes)


def _ahead(day: date, today: date) -> None:
    if day <= today:
        raise PastDay(day=day, today=today)


def _least(values: Values, key: str, least: int) -> int:
    number = whole_of(values, key)
    if number < least:
        raise InvalidPolicy(key=key, problem=N_("below %(least)s"), least=least)
    return number


def _rising(key: str, table: Mapping[str, Decimal] | Mapping[str, int]) -> None:
    bounds = [table.get(level) for level in LEVELS[:-1]]
    known = [bound for bound in bounds if bound is not None]
    if set(table) != set(LEVELS[:-1]) or known != sorted(known) or min(known, default=0) < 0:
        raise InvalidPolicy(key=key, problem=N_("not a bound for each level, never falling"))
