"""Currencies and dated exchange rates."""

from decimal import Decimal

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Numeric,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from credit_app.models.base import Day, Id, Model


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
    """On `day` one unit of `base` cost `rate` units of `quote`."""

    __tablename__ = "exchange_rate"
    __table_args__ = (
        UniqueConstraint("base", "quote", "day", name="uq_exchange_rate"),
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
