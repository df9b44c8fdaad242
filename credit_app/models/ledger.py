"""The receivables ledger, to which rows are only ever added; what is paid or open is derived."""

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    false,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from credit_app.models.base import CreatedAt, Day, Id, Model, Money, one_of, refers_to
from credit_app.models.customer import Customer

ITEM_KINDS = ("invoice", "credit_note")


class ReceivableItem(Model):
    """An invoice or credit note, `amount` positive for both; `external_id` is unique within `source`."""

    __tablename__ = "receivable_item"
    __table_args__ = (
        one_of("kind", ITEM_KINDS),
        UniqueConstraint("source", "external_id", name="uq_receivable_item_external"),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("due_date >= document_date", name="due_after_document"),
        Index("ix_receivable_item_customer", "customer_id", "due_date", "id"),
        Index("ix_receivable_item_due", "due_date", "id"),
        Index("ix_receivable_item_created", text("created_at DESC"), text("id DESC")),
        Index(
            "ix_receivable_item_number",
            literal_column("lower(number)").label("lower_number"),
            postgresql_ops={"lower_number": "text_pattern_ops"},
        ),
        Index("ix_receivable_item_batch", "batch_id"),
    )

    id: Mapped[Id]
    source: Mapped[str] = mapped_column(String(60))
    external_id: Mapped[str] = mapped_column(String(100))
    customer_id: Mapped[int] = refers_to("customer.id")
    kind: Mapped[str] = mapped_column(String(20), default="invoice", server_default="invoice")
    number: Mapped[str] = mapped_column(String(60))
    document_date: Mapped[Day]
    due_date: Mapped[Day]
    amount: Mapped[Money]
    currency: Mapped[str] = mapped_column(String(3), ForeignKey("currency.code"))
    disputed: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[CreatedAt]
    batch_id: Mapped[int | None] = refers_to("import_batch.id")

    customer: Mapped[Customer] = relationship()


class Receipt(Model):
    """Money received from a customer."""

    __tablename__ = "receipt"
    __table_args__ = (
        UniqueConstraint("source", "external_id", name="uq_receipt_external"),
        CheckConstraint("amount > 0", name="amount_positive"),
        Index("ix_receipt_customer", "customer_id", "received_on", "id"),
        Index("ix_receipt_batch", "batch_id"),
    )

    id: Mapped[Id]
    source: Mapped[str] = mapped_column(String(60))
    external_id: Mapped[str] = mapped_column(String(100))
    customer_id: Mapped[int] = refers_to("customer.id")
    received_on: Mapped[Day]
    amount: Mapped[Money]
    currency: Mapped[str] = mapped_column(String(3), ForeignKey("currency.code"))
    reference: Mapped[str] = mapped_column(String(200), default="", server_default="")
    created_at: Mapped[CreatedAt]
    batch_id: Mapped[int | None] = refers_to("import_batch.id")

    customer: Mapped[Customer] = relationship()


class Allocation(Model):
    """A part of a receipt that pays an item of the same customer in the same currency.

    The database refuses to allocate more than the receipt brought or the item asks (see ledger_guards).
    """

    __tablename__ = "allocation"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        Index("ix_allocation_item", "item_id"),
        Index("ix_allocation_receipt", "receipt_id"),
    )

    id: Mapped[Id]
    receipt_id: Mapped[int] = refers_to("receipt.id")
    item_id: Mapped[int] = refers_to("receivable_item.id")
    amount: Mapped[Money]
    allocated_on: Mapped[Day]

    receipt: Mapped[Receipt] = relationship()
    item: Mapped[ReceivableItem] = relationship()
