"""Currencies, dated exchange rates, and converting with them."""

from datetime import date
from decimal import Decimal

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Numeric,
    SmallInteger,
    String,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Mapped, Session, mapped_column

from credit_app.domain import currency as rules
from credit_app.i18n import _
from credit_app.models.base import Day, Id, Model
from credit_app.models.organisation import Company
from credit_app.models.policy import policy_value
from workflows.errors import Refused

RATE_MAX_AGE = "currency.max_age_days"


class Currency(Model):
    """An ISO 4217 currency in use here, and how many decimals its amounts have."""

    __tablename__ = "currency"
    __table_args__ = (
        CheckConstraint("code ~ '^[A-Z]{3}$'", name="code_iso"),
        CheckConstraint("minor_units BETWEEN 0 AND 2", name="minor_units_kept"),
    )

    code: Mapped[str] = mapped_column(String(3), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    minor_units: Mapped[int] = mapped_column(SmallInteger)


class ExchangeRate(Model):
    """On `day` one unit of `base` cost `rate` units of `quote`; of a day, the newest row counts."""

    __tablename__ = "exchange_rate"
    __table_args__ = (
        Index("ix_exchange_rate_pair", "base", "quote", text("day DESC"), text("id DESC")),
        CheckConstraint("rate > 0", name="rate_positive"),
        CheckConstraint("base <> quote", name="two_currencies"),
        Index("ix_exchange_rate_day", "day", text("id DESC")),
    )

    id: Mapped[Id]
    base: Mapped[str] = mapped_column(String(3), ForeignKey("currency.code"))
    quote: Mapped[str] = mapped_column(String(3), ForeignKey("currency.code"))
    day: Mapped[Day]
    rate: Mapped[Decimal] = mapped_column(Numeric(18, 8))
    source: Mapped[str] = mapped_column(String(200), default="", server_default="")


class MissingRate(Refused):
    """No rate of a pair on or before a day, or only one older than policy allows."""


class UnknownCurrency(Refused):
    """A currency that is not in use here."""


def convert(session: Session, amount: Decimal, source: str, target: str, day: date) -> Decimal:
    """`amount` of `source` in `target` at the newest rate up to `day`, directly or over the base currency.

    Raises MissingRate, naming pair and day, when there is none or the newest is older than policy allows.
    """
    if source == target:
        return amount
    return convert_all(session, [(amount, source)], target, day)[0]


def convert_all(
    session: Session, amounts: list[tuple[Decimal, str]], target: str, day: date
) -> list[Decimal]:
    """`convert` for many (amount, currency) pairs with one look at the rates; the order is kept."""
    foreign = {currency for _amount, currency in amounts if currency != target}
    if not foreign:
        return [amount for amount, _currency in amounts]
    base = session.scalars(select(Company.base_currency)).one()
    max_age = int(policy_value(session, RATE_MAX_AGE, day))
    rates = _newest_rates(session, foreign | {target, base}, day)
    try:
        return [
            rules.convert(amount, rates, currency, target, day, max_age, via=base)
            for amount, currency in amounts
        ]
    except rules.MissingRate as error:
        raise MissingRate(error.template, **error.values) from error


def _newest_rates(session: Session, currencies: set[str], day: date) -> list[rules.Rate]:
    rows = session.execute(
        select(ExchangeRate.base, ExchangeRate.quote, ExchangeRate.day, ExchangeRate.rate)
        .where(ExchangeRate.base.in_(currencies), ExchangeRate.quote.in_(currencies), ExchangeRate.day <= day)
        .ext(distinct_on(ExchangeRate.base, ExchangeRate.quote))
        .order_by(ExchangeRate.base, ExchangeRate.quote, ExchangeRate.day.desc(), ExchangeRate.id.desc())
    )
    return [rules.Rate(row.base, row.quote, row.day, row.rate) for row in rows]


def currency_codes(session: Session) -> list[str]:
    """The codes of the currencies in use, in their order."""
    return list(session.scalars(select(Currency.code).order_by(Currency.code)))


def known_currency(session: Session, code: str) -> Currency:
    """The currency, or UnknownCurrency naming what was given."""
    found = session.get(Currency, code)
    if found is None:
        raise UnknownCurrency(_("The currency “%(code)s” is not in use here.", code=code))
    return found
