"""The receivables ledger, to which rows are only ever added; what is paid or open is derived."""

from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Numeric,
    SmallInteger,
    String,
    UniqueConstraint,
    false,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from credit_app.models.base import CreatedAt, Day, Id, Model, Money, one_of, refers_to
from credit_app.models.customer import Customer

ITEM_KINDS = ("invoice", "credit_note", "interest", "cost")
REVERSAL_KINDS = ("bounced", "reversed")
# What a person or another system may give as the reason, and what only a process of its own books.
GIVEN_REASONS = ("correction", "discount", "small_difference", "price", "goods_returned", "other")
ADJUSTMENT_REASONS = (*GIVEN_REASONS, "written_off", "recovered", "waived")
MARK_KINDS = ("disputed", "promised")
INSTALMENT_MARK = "#"  # an invoice X that is payable in parts is the items X#1, X#2 and so on


# What payers leave out or put in when they write a number (see credit_app.domain.matching).
KEY_SIGNS = " -/._#"


def plain_key(column: str) -> str:
    """SQL for a number as payments are matched by: in capitals, without the signs that payers write differently."""
    return f"upper(translate({column}, '{KEY_SIGNS}', ''))"


class ReceivableItem(Model):
    """What a customer owes, or is owed by a credit note; `amount` is positive for both.

    `external_id` is unique within `source`. An invoice payable in parts is an item for each part.
    """

    __tablename__ = "receivable_item"
    __table_args__ = (
        one_of("kind", ITEM_KINDS),
        UniqueConstraint("source", "external_id", name="uq_receivable_item_external"),
        UniqueConstraint("id", "customer_id", name="uq_receivable_item_customer"),  # what balances refer to
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("due_date >= document_date", name="due_after_document"),
        Index("ix_receivable_item_customer", "customer_id", "due_date", "id"),
        Index("ix_receivable_item_batch", "batch_id"),
        # By equality for payments, by its beginning for searches: compared by bytes, whatever the database's language.
        Index(
            "ix_receivable_item_key",
            literal_column(plain_key("number")).label("key"),
            postgresql_ops={"key": "text_pattern_ops"},
        ),
        # By what is new and may name a contract: looked through every few minutes.
        Index("ix_receivable_item_since", "created_at", postgresql_where=text("reference <> ''")),
        Index(
            "ix_receivable_item_reference",
            text(plain_key("reference")),
            postgresql_where=text("reference <> ''"),
        ),
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
    terms: Mapped[str] = mapped_column(String(300), default="", server_default="")
    instalment: Mapped[int | None] = mapped_column(SmallInteger)
    reference: Mapped[str] = mapped_column(String(200), default="", server_default="")
    created_at: Mapped[CreatedAt]
    batch_id: Mapped[int | None] = refers_to("import_batch.id")
    made_by: Mapped[int | None] = refers_to("person.id")

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
    payer: Mapped[str] = mapped_column(String(200), default="", server_default="")
    created_at: Mapped[CreatedAt]
    batch_id: Mapped[int | None] = refers_to("import_batch.id")
    made_by: Mapped[int | None] = refers_to("person.id")

    customer: Mapped[Customer] = relationship()


class ReceiptReversal(Model):
    """A receipt that the bank took back, or that was booked in error: from that day on it brought nothing."""

    __tablename__ = "receipt_reversal"
    __table_args__ = (
        one_of("kind", REVERSAL_KINDS),
        UniqueConstraint("receipt_id", name="uq_receipt_reversal_receipt"),
        CheckConstraint("btrim(reason) <> ''", name="reason_given"),
    )

    id: Mapped[Id]
    receipt_id: Mapped[int] = refers_to("receipt.id")
    kind: Mapped[str] = mapped_column(String(20))
    reversed_on: Mapped[Day]
    reason: Mapped[str] = mapped_column(String(500))
    made_by: Mapped[int | None] = refers_to("person.id")
    created_at: Mapped[CreatedAt]

    receipt: Mapped[Receipt] = relationship()


class Allocation(Model):
    """A part of a receipt, or of a credit note, that pays an item of the same customer in the same currency.

    Undone by a second row that names the first and takes its amount back. The database refuses to allocate more
    than the receipt or credit note has or the item asks, on any day (see ledger_guards).
    """

    __tablename__ = "allocation"
    __table_args__ = (
        CheckConstraint("num_nonnulls(receipt_id, credit_item_id) = 1", name="one_source"),
        CheckConstraint(
            "amount <> 0 AND (amount < 0) = (reverses_id IS NOT NULL)", name="negative_when_undone"
        ),
        UniqueConstraint("reverses_id", name="uq_allocation_reverses"),
        Index("ix_allocation_item", "item_id"),
        Index("ix_allocation_receipt", "receipt_id"),
        Index("ix_allocation_credit", "credit_item_id", postgresql_where=text("credit_item_id IS NOT NULL")),
    )

    id: Mapped[Id]
    receipt_id: Mapped[int | None] = refers_to("receipt.id")
    credit_item_id: Mapped[int | None] = refers_to("receivable_item.id")
    item_id: Mapped[int] = refers_to("receivable_item.id")
    amount: Mapped[Money]
    allocated_on: Mapped[Day]
    reverses_id: Mapped[int | None] = refers_to("allocation.id")
    made_by: Mapped[int | None] = refers_to("person.id")
    created_at: Mapped[CreatedAt]

    receipt: Mapped[Receipt | None] = relationship()
    item: Mapped[ReceivableItem] = relationship(foreign_keys=item_id)
    credit_item: Mapped[ReceivableItem | None] = relationship(foreign_keys=credit_item_id)


class Adjustment(Model):
    """A correction of what an item asks: `amount` is signed, below zero it asks less."""

    __tablename__ = "adjustment"
    __table_args__ = (
        one_of("reason", ADJUSTMENT_REASONS),
        UniqueConstraint("source", "external_id", name="uq_adjustment_external"),
        CheckConstraint("amount <> 0", name="amount_not_zero"),
        CheckConstraint("btrim(note) <> ''", name="note_given"),
        Index("ix_adjustment_item", "item_id"),
    )

    id: Mapped[Id]
    source: Mapped[str] = mapped_column(String(60))
    external_id: Mapped[str] = mapped_column(String(100))
    item_id: Mapped[int] = refers_to("receivable_item.id")
    amount: Mapped[Money]
    adjusted_on: Mapped[Day]
    reason: Mapped[str] = mapped_column(String(30))
    note: Mapped[str] = mapped_column(String(500))
    made_by: Mapped[int | None] = refers_to("person.id")
    created_at: Mapped[CreatedAt]

    item: Mapped[ReceivableItem] = relationship()


class ItemMark(Model):
    """A part of an item that is disputed, or promised for a day. A row that names `ends_id` ends an earlier one."""

    __tablename__ = "item_mark"
    __table_args__ = (
        one_of("kind", MARK_KINDS),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint(
            "(kind = 'promised' AND ends_id IS NULL) = (due_on IS NOT NULL)", name="promise_with_day"
        ),
        UniqueConstraint("ends_id", name="uq_item_mark_ends"),
        Index("ix_item_mark_item", "item_id"),
    )

    id: Mapped[Id]
    item_id: Mapped[int] = refers_to("receivable_item.id")
    kind: Mapped[str] = mapped_column(String(20))
    amount: Mapped[Money]
    marked_on: Mapped[Day]
    due_on: Mapped[Day | None]
    reason: Mapped[str] = mapped_column(String(500), default="", server_default="")
    ends_id: Mapped[int | None] = refers_to("item_mark.id")
    made_by: Mapped[int | None] = refers_to("person.id")
    created_at: Mapped[CreatedAt]

    item: Mapped[ReceivableItem] = relationship()


class ItemBalance(Model):
    """What is open of an item after all its entries, kept by the database's own triggers beside each insert.

    From `last_on`, the day of the newest entry, on `open_amount` is what is open; of an earlier day it is added up
    from the entries. Nothing but this table is ever updated, and it can be computed anew at any time.
    """

    __tablename__ = "item_balance"
    __table_args__ = (
        # One key for both: the balance is of the item's own customer, and that one exists.
        ForeignKeyConstraint(
            ["item_id", "customer_id"],
            ["receivable_item.id", "receivable_item.customer_id"],
            name="item_balance_item_fkey",
        ),
        CheckConstraint("open_amount >= 0", name="not_exceeded"),
        Index(
            "ix_item_balance_open",
            "customer_id",
            "due_date",
            "item_id",
            postgresql_where=text("open_amount <> 0"),
        ),
        Index("ix_item_balance_closed", "customer_id", "last_on", "item_id"),
        Index("ix_item_balance_last", "last_on"),
    )

    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    customer_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(20))
    currency: Mapped[str] = mapped_column(String(3))
    document_date: Mapped[Day]
    due_date: Mapped[Day]
    open_amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    last_on: Mapped[Day]
    reopened: Mapped[bool] = mapped_column(default=False, server_default=false())


class ReceiptBalance(Model):
    """What of a receipt pays nothing yet, kept as ItemBalance is."""

    __tablename__ = "receipt_balance"
    __table_args__ = (
        CheckConstraint("unallocated >= 0", name="not_exceeded"),
        Index("ix_receipt_balance_open", "customer_id", postgresql_where=text("unallocated <> 0")),
        Index("ix_receipt_balance_closed", "customer_id", "last_on"),
        Index("ix_receipt_balance_last", "last_on"),
    )

    receipt_id: Mapped[int] = refers_to("receipt.id", primary_key=True, autoincrement=False)
    customer_id: Mapped[int] = refers_to("customer.id")
    currency: Mapped[str] = mapped_column(String(3))
    received_on: Mapped[Day]
    unallocated: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    last_on: Mapped[Day]
    reopened: Mapped[bool] = mapped_column(default=False, server_default=false())
