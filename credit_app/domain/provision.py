"""Provisions by the simplified model of IFRS 9 and CAS 22: loss rates by age, and the movement from month to month."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Self

from credit_app.domain.errors import DomainError, InvalidPolicy
from credit_app.domain.money import round_money
from credit_app.domain.policy_values import Values, table_of, text_of, to_decimal
from credit_app.domain.sentences import N_

ZERO = Decimal(0)
OTHER = "other"
SEGMENTS = ("risk", "country")
PLACES = 6
DAY = timedelta(days=1)


class MonthNotOver(DomainError):
    """A provision of a month that has not ended."""

    code = "provision.not_over"
    template = N_("%(day)s has not passed yet; the latest month that can be run ends on %(last)s.")


class NoMonthEnd(DomainError):
    """A day that no month ends on."""

    code = "provision.no_month_end"
    template = N_("%(day)s is not the last day of a month.")


@dataclass(frozen=True, slots=True)
class ProvisionPolicy:
    """What customers are grouped by, and by segment the loss rate of each ageing bucket and the forward-looking factor;
    the segment “other” serves all that are not named."""

    segment: str
    rates: Mapping[str, Sequence[Decimal]]
    factors: Mapping[str, Decimal]

    @classmethod
    def from_policy(cls, values: Values) -> Self:
        """The policy in force. Raises InvalidPolicy."""
        segment = text_of(values, "provision.segment")
        if segment not in SEGMENTS:
            raise InvalidPolicy(key="provision.segment", problem=N_("neither “risk” nor “country”"))
        rates = table_of(values, "provision.loss_rates", _rates)
        if OTHER not in rates:
            raise InvalidPolicy(key="provision.loss_rates", problem=N_("without “other”"))
        factors = table_of(values, "provision.factors", to_decimal)
        if OTHER not in factors or any(factor < 0 for factor in factors.values()):
            raise InvalidPolicy(key="provision.factors", problem=N_("below zero, or without “other”"))
        return cls(segment, rates, factors)

    def rate(self, segment: str, bucket: int) -> tuple[Decimal, Decimal]:
        """(loss rate, forward-looking factor) of a bucket; one without a rate of its own has that of the last."""
        rates = self.rates.get(segment, self.rates[OTHER])
        return rates[min(bucket, len(rates) - 1)], self.factors.get(segment, self.factors[OTHER])


def expected_loss(balance: Decimal, rate: Decimal, factor: Decimal) -> Decimal:
    """balance × rate × factor, rounded, never above the balance."""
    return min(round_money(balance * rate * factor), balance)


def historic_rates(unpaid: Sequence[Decimal], loss: Decimal) -> list[Decimal | None]:
    """The loss rate of each bucket from a past cohort: final loss ÷ what was still unpaid on entering the bucket.

    `unpaid` holds those amounts, the first one what was sold; None where nothing entered a bucket.
    """
    return [round_money(loss / amount, PLACES) if amount > 0 else None for amount in unpaid]


@dataclass(frozen=True, slots=True)
class Movement:
    """From one month end to the next, in base currency: opening + charge − reversal − write-off + recovery + FX =
    closing. `charge` and `reversal` are what profit and loss bear; one of them is zero."""

    opening: Decimal
    charge: Decimal
    reversal: Decimal
    write_off: Decimal
    recovery: Decimal
    fx: Decimal
    closing: Decimal

    @property
    def ties(self) -> bool:
        """Whether it adds up."""
        sum_of_all = self.opening + self.charge - self.reversal - self.write_off + self.recovery + self.fx
        return sum_of_all == self.closing


def movement(
    opening: Decimal,
    closing: Decimal,
    write_off: Decimal = ZERO,
    recovery: Decimal = ZERO,
    fx: Decimal = ZERO,
) -> Movement:
    """What has to be charged or reversed so that the provision comes from `opening` to `closing`.

    All are rounded first, so that what is shown adds up to the cent.
    """
    opening, closing, write_off, recovery, fx = (
        round_money(one) for one in (opening, closing, write_off, recovery, fx)
    )
    net = closing - opening + write_off - recovery - fx
    return Movement(opening, max(net, ZERO), max(-net, ZERO), write_off, recovery, fx, closing)


def total_of(movements: Iterable[Any]) -> Movement:
    """The movement of all segments together; charge and reversal stay apart."""
    rows = list(movements)
    sums = [
        sum((getattr(row, name) for row in rows), ZERO)
        for name in ("opening", "charge", "reversal", "write_off", "recovery", "fx", "closing")
    ]
    return Movement(*sums)


def month_end(day: date) -> date:
    """The last day of the month of `day`."""
    first = day.replace(day=1)
    following = (first + 32 * DAY).replace(day=1)
    return following - DAY


def last_month_end(today: date) -> date:
    """The end of the last month that is over: its last day lies before today."""
    return today.replace(day=1) - DAY


def check_month(day: date, today: date) -> None:
    """Raises NoMonthEnd, MonthNotOver."""
    if month_end(day) != day:
        raise NoMonthEnd(day=day)
    if day >= today:
        raise MonthNotOver(day=day, last=last_month_end(today))


def months_between(last_run: date | None, until: date) -> list[date]:
    """The month ends after the last run up to `until`, the first one first; without a run only `until` itself."""
    if last_run is None:
        return [until]
    found, day = [], month_end(last_run + DAY)
    while day <= until:
        found.append(day)
        day = month_end(day + DAY)
    return found


def _rates(key: str, value: Any) -> list[Decimal]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise InvalidPolicy(key=key, problem=N_("not a list of rates"))
    rates = [to_decimal(key, one) for one in value]
    if not rates or any(not 0 <= rate <= 1 for rate in rates) or rates != sorted(rates):
        raise InvalidPolicy(key=key, problem=N_("not rates from 0 to 1 that never fall"))
    return rates
