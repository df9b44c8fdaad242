"""What the order check looks at and what it finds: the facts of an order and its customer, the rules that fired."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from credit_app.domain.money import format_amount
from credit_app.domain.order_policy import WARN
from credit_app.domain.sentences import Sentence
from credit_app.domain.warning_line import WarningLine

ZERO = Decimal(0)
NOT_WATCHED = WarningLine()


@dataclass(frozen=True, slots=True)
class Standing:
    """A limit that holds and what is owed against it before the order, both in base currency; `whose` names it."""

    whose: str
    limit: Decimal
    net: Decimal


@dataclass(frozen=True, slots=True)
class HoldInForce:
    """A stop of deliveries: of all orders, or of those from `from_amount` (base currency) on."""

    number: str
    from_amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class OtherOrder:
    """Another order of the customer: its amount in base currency, the day it came, whether it was held unreleased.

    `as_written` is amount and currency as they were ordered, by which a copy is known.
    """

    external_id: str
    amount: Decimal
    as_written: tuple[Decimal, str]
    entered_on: date
    held: bool


@dataclass(frozen=True, slots=True)
class SecurityInForce:
    """A security that counts and ends some day: what it is good for, in base currency, and its last day."""

    worth: Decimal
    expires_on: date


@dataclass(frozen=True, slots=True)
class Release:
    """A release in force for this order: the rules it was decided for, and up to which amount (base currency) of what
    is not delivered it covers the order; None: whatever it comes to. `days` and `method` are the terms it was decided
    for, None where they did not matter."""

    release_id: int
    number: str
    rules: frozenset[str]
    covers: Decimal | None = None
    days: int | None = None
    method: str | None = None


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """Everything that the rules look at, as of `day`; amounts in base currency (`currency`), days as counts.

    `deliver_on` is the day of delivery, `day` or later: limits and releases of the customer are those of that day.
    `limit_ends_on` is the last day of the limit that holds, None where another one takes its place.
    `amount` is what is not delivered yet, `as_written` the order as it was written. `net` is the customer's exposure
    before the order, with all other confirmed orders, `group` that of its whole group. `limit_ended_on`: the last day
    of its newest limit where none holds. `granted_days` and `granted_method` come from the limit that holds;
    `grade_methods` are what the grade of today allows, None where nothing says so. `missing` and `stale` name parts of
    the customer's file. `review_on` is the day for which a review of its permanent limit is set, `securities` are those
    of its own that end some day, `broken_promises` those broken of late, `usual` the average of its last
    `usual_number` orders. `others` are the customer's other orders of late in the order in which they came: of those
    that were held, the earlier ones.
    """

    day: date
    currency: str
    amount: Decimal
    as_written: tuple[Decimal, str]
    payment_days: int
    method: str
    status: str = "active"
    blacklisted: bool = False
    hold: HoldInForce | None = None
    net: Decimal = ZERO
    group: Decimal = ZERO
    own: Standing | None = None
    groups: tuple[Standing, ...] = ()
    deliver_on: date | None = None
    limit_ended_on: date | None = None
    limit_ends_on: date | None = None
    review_on: date | None = None
    granted_days: int | None = None
    granted_method: str | None = None
    grade_methods: tuple[str, ...] | None = None
    owed: Decimal = ZERO
    overdue: Decimal = ZERO
    oldest_overdue_days: int = 0
    disputed: Decimal = ZERO
    broken_promises: int = 0
    securities: tuple[SecurityInForce, ...] = ()
    usual: Decimal | None = None
    usual_number: int = 0
    stage: str | None = None
    missing: tuple[Sentence, ...] = ()
    stale: tuple[Sentence, ...] = ()
    line: WarningLine = NOT_WATCHED
    score: Decimal | None = None
    grade: str | None = None
    others: tuple[OtherOrder, ...] = ()
    releases: tuple[Release, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that fired: warn or hold, why, its figures, and what would release the order; `released`: it does not
    hold, for a release covers it."""

    rule: str
    severity: str
    sentence: Sentence
    figures: Mapping[str, object] = field(default_factory=dict, hash=False)
    remedy: Sentence | None = None
    released: bool = False


def found(
    rule: str,
    template: str,
    figures: Mapping[str, object] | None = None,
    remedy: str | None = None,
    currency: str = "",
) -> Finding:
    """A rule that fired; amounts among its figures stand in the sentences in `currency`."""
    plain = dict(figures or {})
    said = {
        name: format_amount(value, currency) if isinstance(value, Decimal) else _day(value)
        for name, value in plain.items()
    }
    why = Sentence(f"order_check.{rule}", template, said)
    how = Sentence(f"order_check.{rule}.remedy", remedy, said) if remedy is not None else None
    return Finding(rule, WARN, why, plain, how)


def _day(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def percent(share: Decimal) -> str:
    """A share in whole per cent."""
    return f"{(share * 100).quantize(Decimal(1)):f}"
