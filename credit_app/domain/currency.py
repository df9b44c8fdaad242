"""Converting between currencies with dated rates; a missing rate is an error, never one to one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from credit_app.domain.errors import DomainError
from credit_app.domain.money import minor_units, round_money
from credit_app.domain.sentences import N_


class MissingRate(DomainError):
    """No rate of that pair on or before that day."""

    code = "currency.missing_rate"
    template = N_("There is no exchange rate from %(source)s to %(target)s for %(day)s.")


class OutdatedRate(MissingRate):
    """The newest rate of that pair is older than policy allows."""

    code = "currency.outdated_rate"
    template = N_(
        "There is no exchange rate from %(source)s to %(target)s for %(day)s: "
        "the newest is of %(newest)s, more than %(max_age_days)s days old."
    )


@dataclass(frozen=True, slots=True)
class Rate:
    """On `day`, one unit of `base` costs `rate` units of `quote`."""

    base: str
    quote: str
    day: date
    rate: Decimal

    def __post_init__(self) -> None:
        if not self.rate.is_finite() or self.rate <= 0:
            raise ValueError(f"the rate {self.base}/{self.quote} of {self.day} is not above zero")


@dataclass(frozen=True, slots=True)
class UsedRate:
    """One unit of `source` is `factor` units of `target`; `day` is the older one of two crossed rates."""

    source: str
    target: str
    factor: Decimal
    day: date
    how: str  # same, direct, inverse, cross


def find_rate(
    rates: Iterable[Rate], source: str, target: str, day: date, *, max_age_days: int, via: str | None = None
) -> UsedRate:
    """The newest rate not after `day`, at most `max_age_days` old; the pair itself before a cross over `via`.

    A direct quote wins over an inverse one of the same day. Raises MissingRate or OutdatedRate.
    """
    if source == target:
        return UsedRate(source, target, Decimal(1), day, "same")
    known = tuple(rates)
    newest = _newest(known, source, target, day)
    if newest and (day - newest.day).days <= max_age_days:
        return newest
    crossed = _cross(known, source, target, day, via) if via not in (None, source, target) else None
    if crossed and (day - crossed.day).days <= max_age_days:
        return crossed
    pair = {"source": source, "target": target, "day": day.isoformat()}
    stale = max((rate for rate in (newest, crossed) if rate), key=lambda rate: rate.day, default=None)
    if stale:
        raise OutdatedRate(**pair, newest=stale.day.isoformat(), max_age_days=max_age_days)
    raise MissingRate(**pair)


def convert(
    amount: Decimal,
    rates: Iterable[Rate],
    source: str,
    target: str,
    day: date,
    max_age_days: int,
    *,
    via: str | None = None,
) -> Decimal:
    """`amount` of `source` in `target`, rounded to the target's smallest unit; `via` is the base currency.

    Same currency: the amount unchanged. Raises MissingRate naming the pair and the day.
    """
    used = find_rate(rates, source, target, day, max_age_days=max_age_days, via=via)
    return amount if used.how == "same" else round_money(amount * used.factor, minor_units(target))


def _newest(rates: Iterable[Rate], source: str, target: str, day: date) -> UsedRate | None:
    found: list[UsedRate] = []
    for rate in rates:
        if rate.day > day:
            continue
        if (rate.base, rate.quote) == (source, target):
            found.append(UsedRate(source, target, rate.rate, rate.day, "direct"))
        elif (rate.base, rate.quote) == (target, source):
            found.append(UsedRate(source, target, 1 / rate.rate, rate.day, "inverse"))
    return max(found, key=lambda used: (used.day, used.how == "direct"), default=None)


def _cross(rates: Iterable[Rate], source: str, target: str, day: date, via: str | None) -> UsedRate | None:
    known = tuple(rates)
    first, second = _newest(known, source, via or "", day), _newest(known, via or "", target, day)
    if first is None or second is None:
        return None
    return UsedRate(source, target, first.factor * second.factor, min(first.day, second.day), "cross")
