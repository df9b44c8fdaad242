"""Granted credit limits; at most one is active per customer."""

from datetime import date, timedelta

from sqlalchemy import CheckConstraint, Index, String, select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from credit_app.models.application import CreditApplication
from credit_app.models.base import CreatedAt, Day, Id, Model, Money, one_of, refers_to
from credit_app.models.customer import Customer

LIMIT_STATUSES = ("active", "replaced", "expired")


class CreditLimit(Model):
    """A limit with its term (calendar days), payment way, validity (both days included) and review day."""

    __tablename__ = "credit_limit"
    __table_args__ = (
        one_of("status", LIMIT_STATUSES),
        CheckConstraint("payment_method ~ '^[a-z_]+$'", name="payment_method_word"),
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        CheckConstraint("terms_days BETWEEN 0 AND 3650", name="terms_in_range"),
        CheckConstraint("valid_from <= valid_to", name="dates_in_order"),
        Index(
            "uq_credit_limit_active", "customer_id", unique=True, postgresql_where=text("status = 'active'")
        ),
        Index("ix_credit_limit_customer", "customer_id", text("valid_from DESC"), text("id DESC")),
        Index("ix_credit_limit_ending", "valid_to", postgresql_where=text("status = 'active'")),
        Index("ix_credit_limit_review", "review_on", postgresql_where=text("status = 'active'")),
    )

    id: Mapped[Id]
    customer_id: Mapped[int] = refers_to("customer.id")
    amount: Mapped[Money]
    currency: Mapped[str] = mapped_column(String(3))
    terms_days: Mapped[int]
    payment_method: Mapped[str] = mapped_column(String(20))
    conditions: Mapped[str | None] = mapped_column(String(4000))
    valid_from: Mapped[Day]
    valid_to: Mapped[Day]
    review_on: Mapped[Day | None]
    status: Mapped[str] = mapped_column(String(20), default="active", server_default="active")
    application_id: Mapped[int | None] = refers_to("credit_application.id", unique=True)
    created_at: Mapped[CreatedAt]

    customer: Mapped[Customer] = relationship()
    application: Mapped[CreditApplication | None] = relationship()


def active_limit(session: Session, customer_id: int, day: date) -> CreditLimit | None:
    """The limit that held on `day`, also a past one: the latest granted whose validity covers the day."""
    return session.scalars(
        select(CreditLimit)
        .where(
            CreditLimit.customer_id == customer_id, CreditLimit.valid_from <= day, CreditLimit.valid_to >= day
        )
        .order_by(CreditLimit.valid_from.desc(), CreditLimit.id.desc())
        .limit(1)
    ).first()


def active_limits(session: Session, customer_ids: list[int], day: date) -> dict[int, CreditLimit]:
    """`active_limit` for many customers in one query, by customer id."""
    rows = session.scalars(
        select(CreditLimit)
        .where(
            CreditLimit.customer_id.in_(customer_ids),
            CreditLimit.valid_from <= day,
            CreditLimit.valid_to >= day,
        )
        .ext(distinct_on(CreditLimit.customer_id))
        .order_by(CreditLimit.customer_id, CreditLimit.valid_from.desc(), CreditLimit.id.desc())
    )
    return {limit.customer_id: limit for limit in rows}


def open_limit(session: Session, limit: CreditLimit) -> CreditLimit:
    """Adds `limit` as the customer's active one; the one before becomes 'replaced' and ends the day before it.

    One granted on the same day keeps that day (`active_limit` takes the newer). Flushes in between, because the
    database allows one active limit at any moment.
    """
    before = session.scalars(
        select(CreditLimit)
        .where(CreditLimit.customer_id == limit.customer_id, CreditLimit.status == "active")
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
