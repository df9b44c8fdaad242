"""Bank statements as the bank sent them, and what became of each entry."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, String, UniqueConstraint, false, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from credit_app.domain.limitation import GROUNDS
from credit_app.models.base import CreatedAt, Day, Id, Instant, Model, Money, one_of, refers_to
from credit_app.models.customer import Customer
from credit_app.models.ledger import Receipt, ReceiptReversal, ReceivableItem
from credit_app.models.security import CustomerDocument

# waiting: nobody has looked, or only the rules have (then `rule` says what they found) · matching: a person's task is
# open · matched: booked as a receipt · set_aside: no customer's money (fees, own transfers, outgoing) ·
# returned: took an earlier receipt back
BANK_ENTRY_STATUSES = ("waiting", "matching", "matched", "set_aside", "returned")


class BankStatement(Model):
    """One statement of one of our accounts; opening + entries = closing is checked before it is kept.

    `content_sha256` is of all that it says: the same number with another content is a mistake of the bank or a forgery.
    """

    __tablename__ = "bank_statement"
    __table_args__ = (
        UniqueConstraint("account", "statement_id", name="uq_bank_statement"),
        CheckConstraint("to_on >= from_on", name="days_in_order"),
        Index("ix_bank_statement_to", text("to_on DESC"), text("id DESC")),
    )

    id: Mapped[Id]
    account: Mapped[str] = mapped_column(String(40))
    statement_id: Mapped[str] = mapped_column(String(60))
    currency: Mapped[str] = mapped_column(String(3), ForeignKey("currency.code"))
    from_on: Mapped[Day]
    to_on: Mapped[Day]
    opening: Mapped[Money]
    closing: Mapped[Money]
    content_sha256: Mapped[str] = mapped_column(String(64))
    batch_id: Mapped[int | None] = refers_to("import_batch.id")
    created_at: Mapped[CreatedAt]

    entries: Mapped[list["BankEntry"]] = relationship(back_populates="statement", order_by="BankEntry.id")


class BankEntry(Model):
    """One booked entry, known by the bank's own reference within an account; `amount` < 0 left the account."""

    __tablename__ = "bank_entry"
    __table_args__ = (
        one_of("status", BANK_ENTRY_STATUSES),
        UniqueConstraint("account", "reference", name="uq_bank_entry_reference"),
        CheckConstraint("amount <> 0", name="amount_not_zero"),
        CheckConstraint("(status = 'matched') = (receipt_id IS NOT NULL)", name="matched_with_receipt"),
        CheckConstraint("(status = 'returned') = (reversal_id IS NOT NULL)", name="returned_with_reversal"),
        Index("ix_bank_entry_statement", "statement_id", "id"),
        Index("ix_bank_entry_booked", text("booked_on DESC"), text("id DESC")),
        Index("ix_bank_entry_end_to_end", "end_to_end_id", postgresql_where=text("end_to_end_id <> ''")),
        Index("ix_bank_entry_reversal", "reversal_id", unique=True),
        Index("ix_bank_entry_waiting", "id", postgresql_where=text("status IN ('waiting', 'matching')")),
        Index("ix_bank_entry_new", "id", postgresql_where=text("status = 'waiting' AND rule = ''")),
        Index("ix_bank_entry_receipt", "receipt_id", unique=True),
        Index("ix_bank_entry_instance", "instance_id"),
    )

    id: Mapped[Id]
    statement_id: Mapped[int] = refers_to("bank_statement.id")
    account: Mapped[str] = mapped_column(String(40))
    reference: Mapped[str] = mapped_column(String(100))
    booked_on: Mapped[Day]
    value_on: Mapped[Day]
    amount: Mapped[Money]
    currency: Mapped[str] = mapped_column(String(3), ForeignKey("currency.code"))
    payer: Mapped[str] = mapped_column(String(200), default="", server_default="")
    payer_account: Mapped[str] = mapped_column(String(40), default="", server_default="")
    remittance: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    end_to_end_id: Mapped[str] = mapped_column(String(60), default="", server_default="")
    is_return: Mapped[bool] = mapped_column(default=False, server_default=false())
    return_reason: Mapped[str] = mapped_column(String(200), default="", server_default="")
    bank_code: Mapped[str] = mapped_column(String(60), default="", server_default="")
    status: Mapped[str] = mapped_column(String(20), default="waiting", server_default="waiting")
    rule: Mapped[str] = mapped_column(String(60), default="", server_default="")
    certainty: Mapped[Decimal | None] = mapped_column(Numeric(4, 3))
    receipt_id: Mapped[int | None] = refers_to("receipt.id")
    reversal_id: Mapped[int | None] = refers_to("receipt_reversal.id")
    asked_customer_id: Mapped[int | None] = refers_to("customer.id")
    instance_id: Mapped[int | None] = refers_to("instance.id")
    note: Mapped[str] = mapped_column(String(500), default="", server_default="")
    decided_by: Mapped[int | None] = refers_to("person.id")
    decided_at: Mapped[Instant | None]
    created_at: Mapped[CreatedAt]

    statement: Mapped[BankStatement] = relationship(back_populates="entries")
    receipt: Mapped[Receipt | None] = relationship()
    reversal: Mapped[ReceiptReversal | None] = relationship()


class PayerAccount(Model):
    """The bank account from which a customer was seen to pay; a person's confirmed match teaches it."""

    __tablename__ = "payer_account"
    __table_args__ = (UniqueConstraint("account", "customer_id", name="uq_payer_account"),)

    id: Mapped[Id]
    account: Mapped[str] = mapped_column(String(40))
    customer_id: Mapped[int] = refers_to("customer.id", index=True)
    created_at: Mapped[CreatedAt]


# sent: an answer is waited for · agreed · differences: named, not settled yet · settled: each has become something ·
# silent: no answer in time, somebody follows it up · closed: given up without an answer, with the reason in `note`
CONFIRMATION_STATUSES = ("sent", "agreed", "differences", "settled", "silent", "closed")
RUNNING_CONFIRMATIONS = ("sent", "differences", "silent")


class BalanceConfirmation(Model):
    """What a customer was asked to confirm as of a day, and the answer.

    `statement` is what was sent; the database refuses to change it. `answer_by`: until when an answer was asked for;
    `signed`: the document that was handed in bears the customer's signature.
    """

    __tablename__ = "balance_confirmation"
    __table_args__ = (
        one_of("status", CONFIRMATION_STATUSES),
        UniqueConstraint("customer_id", "as_of", name="uq_balance_confirmation"),
        CheckConstraint("NOT signed OR document_id IS NOT NULL", name="signed_document"),
        CheckConstraint("status <> 'closed' OR note <> ''", name="closed_with_reason"),
        Index(
            "uq_balance_confirmation_running",
            "customer_id",
            unique=True,
            postgresql_where=text("status IN ('sent', 'differences', 'silent')"),
        ),
        Index("ix_balance_confirmation_status", "status", text("as_of DESC"), text("id DESC")),
        Index("ix_balance_confirmation_instance", "instance_id"),
        Index("ix_balance_confirmation_as_of", text("as_of DESC"), text("id DESC")),
    )

    id: Mapped[Id]
    customer_id: Mapped[int] = refers_to("customer.id")
    as_of: Mapped[Day]
    statement: Mapped[dict[str, Any]] = mapped_column(JSONB, deferred=True)
    status: Mapped[str] = mapped_column(String(20), default="sent", server_default="sent")
    sent_at: Mapped[Instant | None]
    sendings: Mapped[int] = mapped_column(default=0, server_default="0")
    answer_by: Mapped[date | None]
    answered_on: Mapped[date | None]
    answered_by: Mapped[str] = mapped_column(String(200), default="", server_default="")
    document_id: Mapped[int | None] = refers_to("customer_document.id")
    signed: Mapped[bool] = mapped_column(default=False, server_default=false())
    reminders: Mapped[int] = mapped_column(default=0, server_default="0")
    note: Mapped[str] = mapped_column(String(500), default="", server_default="")
    instance_id: Mapped[int | None] = refers_to("instance.id")
    created_at: Mapped[CreatedAt]

    customer: Mapped[Customer] = relationship()
    document: Mapped[CustomerDocument | None] = relationship()
    differences: Mapped[list["ConfirmationDifference"]] = relationship(
        back_populates="confirmation", order_by="ConfirmationDifference.id"
    )


DIFFERENCE_OUTCOMES = ("dispute", "correction", "none")


class ConfirmationDifference(Model):
    """One difference that the customer named, and what it became: a dispute, a correction, or nothing with a ground."""

    __tablename__ = "confirmation_difference"
    __table_args__ = (
        one_of("outcome", DIFFERENCE_OUTCOMES),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("(outcome = 'dispute') = (mark_id IS NOT NULL)", name="dispute_with_mark"),
        CheckConstraint(
            "(outcome = 'correction') = (adjustment_id IS NOT NULL)", name="correction_with_entry"
        ),
        Index("ix_confirmation_difference", "confirmation_id"),
    )

    id: Mapped[Id]
    confirmation_id: Mapped[int] = refers_to("balance_confirmation.id")
    item_id: Mapped[int | None] = refers_to("receivable_item.id")
    amount: Mapped[Money]
    currency: Mapped[str] = mapped_column(String(3), ForeignKey("currency.code"))
    note: Mapped[str] = mapped_column(String(500))
    outcome: Mapped[str | None] = mapped_column(String(20))
    outcome_note: Mapped[str] = mapped_column(String(500), default="", server_default="")
    mark_id: Mapped[int | None] = refers_to("item_mark.id")
    adjustment_id: Mapped[int | None] = refers_to("adjustment.id")
    created_at: Mapped[CreatedAt]

    confirmation: Mapped[BalanceConfirmation] = relationship(back_populates="differences")
    item: Mapped[ReceivableItem | None] = relationship()


class LimitationInterruption(Model):
    """An event from which limitation of an item's claim runs anew, with its evidence.

    `evidence` names the row that shows it, written table:id, where no document does.
    """

    __tablename__ = "limitation_interruption"
    __table_args__ = (
        one_of("ground", GROUNDS),
        Index("ix_limitation_interruption_item", "item_id", "interrupted_on"),
    )

    id: Mapped[Id]
    item_id: Mapped[int] = refers_to("receivable_item.id")
    interrupted_on: Mapped[Day]
    ground: Mapped[str] = mapped_column(String(30))
    confirmation_id: Mapped[int | None] = refers_to("balance_confirmation.id")
    document_id: Mapped[int | None] = refers_to("customer_document.id")
    evidence: Mapped[str] = mapped_column(String(80), default="", server_default="")
    created_at: Mapped[CreatedAt]
