"""Granted credit limits; per customer at most one permanent and one temporary limit are active."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ColumnElement, Index, Numeric, String, select, text
from sqlalchemy.dialects.postgresql import JSONB, distinct_on
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from credit_app.models.application import GRADES, CreditApplication
from credit_app.models.base import CreatedAt, Day, Id, Instant, Model, Money, one_of, refers_to
from credit_app.models.customer import Customer
from credit_app.models.once import once

LIMIT_KINDS = ("permanent", "temporary")
LIMIT_STATUSES = ("active", "replaced", "expired", "cancelled", "retracted")


class CreditLimit(Model):
    """A limit with its term (calendar days), payment way, validity (both days included) and review day.

    While it holds, a temporary one replaces the permanent one. The warning line was decided together with it:
    down to which score or grade, up to which utilisation, and the measures that are due when it is crossed.
    A retracted one never held: the decision that opened it was taken back.
    """

    __tablename__ = "credit_limit"
    __table_args__ = (
        one_of("status", LIMIT_STATUSES),
        one_of("kind", LIMIT_KINDS),
        one_of("warning_grade", GRADES),
        CheckConstraint("discount BETWEEN 0 AND 100", name="discount_in_range"),
        CheckConstraint("warning_score BETWEEN 0 AND 100", name="warning_score_in_range"),
        CheckConstraint("warning_utilisation BETWEEN 0 AND 10", name="warning_utilisation_in_range"),
        CheckConstraint("payment_method ~ '^[a-z_]+$'", name="payment_method_word"),
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        CheckConstraint("terms_days BETWEEN 0 AND 3650", name="terms_in_range"),
        # Cancelled on its first day it held on none: its last day is the one before.
        CheckConstraint(
            "valid_from <= valid_to OR (status = 'cancelled' AND valid_to = valid_from - 1)",
            name="dates_in_order",
        ),
        Index(
            "uq_credit_limit_active",
            "customer_id",
            "kind",
            unique=True,
            postgresql_where=text("status = 'active'"),
        ),
        Index(
            "uq_credit_limit_application",
            "application_id",
            unique=True,
            postgresql_where=text("status <> 'retracted'"),
        ),
        Index("ix_credit_limit_customer", "customer_id", text("valid_from DESC"), text("id DESC")),
        Index("ix_credit_limit_ending", "valid_to", postgresql_where=text("status = 'active'")),
        Index("ix_credit_limit_review", "review_on", postgresql_where=text("status = 'active'")),
    )

    id: Mapped[Id]
    customer_id: Mapped[int] = refers_to("customer.id")
    kind: Mapped[str] = mapped_column(String(20), default="permanent", server_default="permanent")
    amount: Mapped[Money]
    currency: Mapped[str] = mapped_column(String(3))
    terms_days: Mapped[int]
    payment_method: Mapped[str] = mapped_column(String(20))
    conditions: Mapped[str | None] = mapped_column(String(4000))
    discount: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    warning_score: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    warning_grade: Mapped[str | None] = mapped_column(String(3))
    warning_utilisation: Mapped[Decimal | None] = mapped_column(Numeric(5, 4))
    warning_indicators: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    warning_measures: Mapped[str] = mapped_column(String(4000), default="", server_default="")
    ended_at: Mapped[Instant | None]
    end_reason: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    valid_from: Mapped[Day]
    valid_to: Mapped[Day]
    review_on: Mapped[Day | None]
    status: Mapped[str] = mapped_column(String(20), default="active", server_default="active")
    application_id: Mapped[int | None] = refers_to("credit_application.id")
    created_at: Mapped[CreatedAt]

    customer: Mapped[Customer] = relationship()
    application: Mapped[CreditApplication | None] = relationship(foreign_keys=[application_id])


@once
def active_limit(session: Session, customer_id: int, day: date) -> CreditLimit | None:
    """The limit that held on `day`, also a past one: a temporary one first, else the latest granted."""
    return session.scalars(
        select(CreditLimit)
        .where(CreditLimit.customer_id == customer_id, *_held_on(day))
        .order_by(_TEMPORARY_FIRST, CreditLimit.valid_from.desc(), CreditLimit.id.desc())
        .limit(1)
    ).first()


_TEMPORARY_FIRST = (CreditLimit.kind != "temporary").asc()


def _held_on(day: date) -> tuple[ColumnElement[bool], ...]:
    return (
        CreditLimit.valid_from <= day,
        CreditLimit.valid_to >= day,
        CreditLimit.status.not_in(("retracted",)),
    )


@once
def active_limits(session: Session, customer_ids: list[int], day: date) -> dict[int, CreditLimit]:
    """`active_limit` for many customers in one query, by customer id."""
    rows = session.scalars(
        select(CreditLimit)
        .where(CreditLimit.customer_id.in_(customer_ids), *_held_on(day))
        .ext(distinct_on(CreditLimit.customer_id))
        .order_by(
            CreditLimit.customer_id, _TEMPORARY_FIRST, CreditLimit.valid_from.desc(), CreditLimit.id.desc()
        )
    )
    return {limit.customer_id: limit for limit in rows}


def end_limit(
    session: Session, limit: CreditLimit, status: str, today: date, now: datetime, reason: str
) -> None:
    """Ends an active limit as 'expired' (its last day is over) or 'cancelled' (yesterday was its last day)."""
    limit.status, limit.ended_at, limit.end_reason = status, now, reason
    if status == "cancelled":
        limit.valid_to = min(limit.valid_to, max(limit.valid_from, today) - timedelta(days=1))
    session.flush()


def permanent_limit(session: Session, customer_id: int) -> CreditLimit | None:
    """The customer's active permanent limit, whatever temporary one replaces it for a while."""
    query = select(CreditLimit).where(
        CreditLimit.customer_id == customer_id,
        CreditLimit.kind == "permanent",
        CreditLimit.status == "active",
    )
    return session.scalars(query).first()


def open_limit(session: Session, limit: CreditLimit) -> CreditLimit:
    """Adds `limit` as the customer's active one of its kind; the one before is 'replaced' and ends the day before.

    One granted on the same day keeps that day (`active_limit` takes the newer). Flushes in between, because the
    database allows one active limit at any moment.
    """
    before = session.scalars(
        select(CreditLimit)
        .where(
            CreditLimit.customer_id == limit.customer_id,
            CreditLimit.kind == (limit.kind or "permanent"),
            CreditLimit.status == "active",
        )
        .with_for_update()
    ).first()
    if before is not None:
        before.status = "replaced"
        last_day = limit.valid_from - timedelta(days=1)
        before.valid_to = max(before.valid_from, min(before.valid_to, last_day))
        session.flush()
    session.add(limit)
    session.flush()
    return limit
