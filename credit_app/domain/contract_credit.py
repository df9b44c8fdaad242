"""What a contract would let a customer owe, and whether limit and terms granted cover it."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_UP, Decimal

# Ways in which nothing comes to be owed.
WITHOUT_CREDIT = ("prepayment", "cash_on_delivery")
CENT = Decimal("0.01")
MONTH_DAYS = 30


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a contract asks for: the most that is owed at a time (base currency) and the days until it is paid."""

    amount: Decimal
    days: int


@dataclass(frozen=True, slots=True)
class Granted:
    """What the customer has: what of the limit is free (base currency, below zero: exceeded), and the longest terms."""

    available: Decimal
    days: int | None


def peak(value: Decimal, kind: str, starts_on: date | None, ends_on: date | None, days: int) -> Decimal:
    """The most that is owed at a time under a contract worth `value`.

    A delivery is owed as a whole. Under a framework contract or a service with a begin and an end, deliveries are
    spread over that time: owed is what falls into the terms and one month of delivery before them, at most all.
    """
    if kind not in ("framework", "service") or starts_on is None or ends_on is None:
        return value
    length = (ends_on - starts_on).days + 1
    spread = value * (days + MONTH_DAYS) / length
    return min(value, spread.quantize(CENT, rounding=ROUND_UP))


def is_covered(wanted: Wanted, granted: Granted) -> bool:
    """Whether limit and terms granted are enough."""
    if wanted.amount <= 0:
        return True
    return granted.available >= wanted.amount and granted.days is not None and granted.days >= wanted.days
