"""Provisions for expected losses: one run for each month end, its lines and its movement, and specific reserves."""

from decimal import Decimal

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Numeric,
    SmallInteger,
    String,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from credit_app.models.base import CreatedAt, Day, Id, Model, Money, refers_to
from credit_app.models.ledger import ReceivableItem
from credit_app.models.organisation import Person


class ProvisionRun(Model):
    """The provision of a month end in base currency; run once, in the order of months. Rows are only added."""

    __tablename__ = "provision_run"
    __table_args__ = (
        UniqueConstraint("month_end", name="uq_provision_run_month"),
        CheckConstraint(
            "month_end = (date_trunc('month', month_end) + interval '1 month' - interval '1 day')::date",
            name="last_of_month",
        ),
    )

    id: Mapped[Id]
    month_end: Mapped[Day]
    currency: Mapped[str] = mapped_column(String(3), ForeignKey("currency.code"))
    made_by: Mapped[int | None] = refers_to("person.id")
    created_at: Mapped[CreatedAt]

    lines: Mapped[list["ProvisionLine"]] = relationship(order_by="ProvisionLine.id")
    movements: Mapped[list["ProvisionMovement"]] = relationship(order_by="ProvisionMovement.id")
    maker: Mapped[Person | None] = relationship()


class ProvisionLine(Model):
    """A part of a run: balance × rate × factor of a segment's bucket in a currency, or the reserve for one item.

    `balance` and `amount` are in `currency`, `base_amount` is in base currency at the rate of the month end. `bucket`
    is None for a specific reserve, which names its item. Rows are only added.
    """

    __tablename__ = "provision_line"
    __table_args__ = (
        CheckConstraint("balance >= 0 AND amount >= 0 AND amount <= balance", name="within_balance"),
        CheckConstraint("(bucket IS NULL) = (item_id IS NOT NULL)", name="bucket_or_item"),
        Index("ix_provision_line_run", "run_id", "id"),
    )

    id: Mapped[Id]
    run_id: Mapped[int] = refers_to("provision_run.id")
    segment: Mapped[str] = mapped_column(String(20))
    bucket: Mapped[int | None] = mapped_column(SmallInteger)
    item_id: Mapped[int | None] = refers_to("receivable_item.id")
    currency: Mapped[str] = mapped_column(String(3), ForeignKey("currency.code"))
    balance: Mapped[Money]
    rate: Mapped[Decimal] = mapped_column(Numeric(9, 6))
    factor: Mapped[Decimal] = mapped_column(Numeric(9, 6))
    amount: Mapped[Money]
    base_amount: Mapped[Money]

    item: Mapped[ReceivableItem | None] = relationship()


class ProvisionMovement(Model):
    """How a segment's provision came from one month end to the next, in base currency. Rows are only added.

    The database refuses one that does not tie: opening + charge − reversal − write-off + recovery + FX = closing.
    """

    __tablename__ = "provision_movement"
    __table_args__ = (
        UniqueConstraint("run_id", "segment", name="uq_provision_movement"),
        CheckConstraint(
            "opening + charge - reversal - write_off + recovery + fx = closing", name="movement_ties"
        ),
        CheckConstraint("charge >= 0 AND reversal >= 0 AND (charge = 0 OR reversal = 0)", name="one_way"),
    )

    id: Mapped[Id]
    run_id: Mapped[int] = refers_to("provision_run.id")
    segment: Mapped[str] = mapped_column(String(20))
    opening: Mapped[Money]
    charge: Mapped[Money]
    reversal: Mapped[Money]
    write_off: Mapped[Money]
    recovery: Mapped[Money]
    fx: Mapped[Money]
    closing: Mapped[Money]


class SpecificReserve(Model):
    """What is reserved for one debt by itself, which then leaves the matrix; `released` puts it back.

    `amount` is in the item's currency. The newest row whose day has come counts. Rows are only added.
    """

    __tablename__ = "specific_reserve"
    __table_args__ = (
        CheckConstraint("amount >= 0 AND (NOT released OR amount = 0)", name="amount_or_released"),
        CheckConstraint("btrim(reason) <> ''", name="reason_given"),
        Index("ix_specific_reserve_item", "item_id", text("from_on DESC"), text("id DESC")),
    )

    id: Mapped[Id]
    item_id: Mapped[int] = refers_to("receivable_item.id")
    from_on: Mapped[Day]
    amount: Mapped[Money]
    released: Mapped[bool] = mapped_column(default=False, server_default=false())
    reason: Mapped[str] = mapped_column(String(500))
    made_by: Mapped[int | None] = refers_to("person.id")
    created_at: Mapped[CreatedAt]

    item: Mapped[ReceivableItem] = relationship()
