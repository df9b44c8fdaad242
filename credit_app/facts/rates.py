"""Which exchange rates are needed and which of them are missing or too old on a day."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select, tuple_, union
from sqlalchemy.orm import Session

from credit_app.models import (
    CreditApplication,
    CreditLimit,
    ExchangeRate,
    MissingRate,
    ReceivableItem,
    convert,
    the_company,
)


@dataclass(frozen=True, slots=True)
class Needed:
    """A currency in which something is owed, limited or asked for; `missing` says why it cannot be converted."""

    currency: str
    missing: MissingRate | None


def needed_rates(session: Session, day: date) -> list[Needed]:
    """Every foreign currency in use, with what its rate to the company's own lacks on `day`."""
    base = the_company(session).base_currency
    used: Any = union(
        select(ReceivableItem.currency),
        select(CreditLimit.currency).where(CreditLimit.status == "active"),
        select(CreditApplication.currency).where(
            CreditApplication.currency.is_not(None),
            CreditApplication.status.not_in(("granted", "refused", "withdrawn")),
        ),
    )
    foreign = sorted({code for (code,) in session.execute(used) if code and code != base})
    return [Needed(code, _missing(session, code, base, day)) for code in foreign]


def worth_of_one(session: Session, currency: str, base: str, day: date) -> Decimal:
    """What one unit of `currency` is worth in `base` on `day`, with digits below cents. Raises MissingRate."""
    # A million units keep the digits that one would lose to cents.
    return convert(session, Decimal(10**6), currency, base, day) / 10**6


def known_rate(session: Session, base: str, quote: str, day: date) -> Decimal | None:
    """What one unit of `base` costs on `day` by the newest rate of the pair, whichever way it is quoted."""
    query = (
        select(ExchangeRate)
        .where(
            ExchangeRate.day <= day,
            tuple_(ExchangeRate.base, ExchangeRate.quote).in_([(base, quote), (quote, base)]),
        )
        .order_by(ExchangeRate.day.desc(), ExchangeRate.id.desc())
        .limit(1)
    )
    found = session.scalars(query).first()
    if found is None:
        return None
    return found.rate if found.base == base else 1 / found.rate


def _missing(session: Session, currency: str, base: str, day: date) -> MissingRate | None:
    try:
        convert(session, Decimal(1), currency, base, day)
    except MissingRate as missing:
        return missing
    return None
