"""Late interest and fees by jurisdiction: from the day after the due date, simple, by days ÷ 365, on what was open.

A payment of a day counts from the next day on, so that an item paid n days after its due date bore interest n days.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby, pairwise

from credit_app.domain.interest_policy import InterestPolicy, Rate, Rule
from credit_app.domain.money import minor_units, round_money

DAYS_OF_YEAR = 365
PER_CENT = 100
DAY = timedelta(days=1)
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Agreed:
    """What was agreed with the customer: a rate in per cent a year, or none; `small` where the rules that protect
    small enterprises apply to what it owes."""

    rate: Decimal | None = None
    small: bool = False


@dataclass(frozen=True, slots=True)
class Segment:
    """Days from `from_on` to `to_on`, both counted, with one rate and one open amount."""

    from_on: date
    to_on: date
    open_amount: Decimal
    why: Rate

    @property
    def days(self) -> int:
        """How many days bore interest."""
        return (self.to_on - self.from_on).days + 1

    @property
    def rate(self) -> Decimal:
        """Per cent a year."""
        return self.why.annual

    @property
    def product(self) -> Decimal:
        """Amount × rate × days, exact: the division comes once, at the end."""
        return self.open_amount * self.rate * self.days

    @property
    def amount(self) -> Decimal:
        """The interest of these days, not rounded."""
        return self.product / (DAYS_OF_YEAR * PER_CENT)


@dataclass(frozen=True, slots=True)
class Interest:
    """The interest of an item in its currency, rounded once, with the days that it is made of; and the fee that the law
    gives for the invoice, in a currency of its own (zero and None: none)."""

    amount: Decimal
    currency: str
    from_on: date
    to_on: date
    segments: Sequence[Segment] = ()
    fee: Decimal = ZERO
    fee_currency: str | None = None

    @property
    def days(self) -> int:
        """Days on which something was open."""
        return sum(segment.days for segment in self.segments)


@dataclass(frozen=True, slots=True)
class Item:
    """An invoice with all its entries as (day, signed amount), in any order.

    `begins` is the first day to compute from, where the days before were claimed or waived already.
    """

    due_date: date
    currency: str
    entries: Sequence[tuple[date, Decimal]]
    agreed: Agreed = field(default_factory=Agreed)
    begins: date | None = None

    @property
    def first_day(self) -> date:
        """The first day in default: the one after the due date."""
        return self.due_date + DAY


def interest(policy: InterestPolicy, jurisdiction: str, item: Item, as_of: date) -> Interest:
    """The interest of `item` up to and with `as_of`, without a fee. Raises NoRate, NoRule.

    Amount = Σ open amount × rate × days ÷ 365, rounded half up to the currency's smallest unit at the end.
    """
    begins = max(item.first_day, item.begins or item.first_day)
    spans = list(open_spans(item.entries, begins, as_of))
    segments: list[Segment] = []
    if spans:
        rule = policy.rule(jurisdiction, item.first_day)
        for span in spans:
            segments += _rated(policy, rule, item, span)
    total = sum((segment.product for segment in segments), ZERO) / (DAYS_OF_YEAR * PER_CENT)
    amount = round_money(total, minor_units(item.currency))
    return Interest(amount, item.currency, begins, max(as_of, begins - DAY), _joined(segments))


Span = tuple[date, date, Decimal]
"""First and last day, and what was open on each of them."""


def open_spans(entries: Iterable[tuple[date, Decimal]], begins: date, ends: date) -> Iterator[Span]:
    """The days from `begins` to `ends` with something open, by open amount: an entry counts from its next day on."""
    by_day = sorted(entries)
    changes = [
        (day, sum((amount for _day, amount in rows), ZERO))
        for day, rows in groupby(by_day, key=lambda entry: entry[0])
    ]
    still_open = ZERO
    for (day, amount), (until, _next) in pairwise([*changes, (ends, ZERO)]):
        still_open += amount
        first, last = max(day + DAY, begins), min(until, ends)
        if still_open > 0 and first <= last:
            yield first, last, still_open


def _rated(policy: InterestPolicy, rule: Rule, item: Item, span: Span) -> Iterator[Segment]:
    """The days of a span, by rate."""
    first, last, still_open = span
    agreed = item.agreed
    starts = [first, *policy.changes(rule, first, last)]
    for begin, next_one in pairwise([*starts, last + DAY]):
        rate = policy.rate(rule, item.first_day, begin, agreed.rate, small=agreed.small)
        yield Segment(begin, next_one - DAY, still_open, rate)


def _joined(segments: Sequence[Segment]) -> list[Segment]:
    """Segments that follow each other without any change are one."""
    found: list[Segment] = []
    for one in segments:
        before = found[-1] if found else None
        if (
            before is not None
            and before.to_on + DAY == one.from_on
            and (before.open_amount, before.why) == (one.open_amount, one.why)
        ):
            found[-1] = replace(before, to_on=one.to_on)
        else:
            found.append(one)
    return found
