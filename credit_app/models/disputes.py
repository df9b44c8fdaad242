"""Disputes: what a customer disputes of its items, what was found, what was credited, and imported flags that ended."""

from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, Numeric, String, UniqueConstraint, false, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from credit_app.domain.disputes import DISPUTE_REASONS, PROPOSALS, ROOT_CAUSES
from credit_app.models.base import CreatedAt, Day, Id, Model, Money, one_of, refers_to
from credit_app.models.collection import CONTACT_CHANNELS
from credit_app.models.customer_case import CustomerCase
from credit_app.models.ledger import ReceivableItem
from credit_app.models.organisation import Person
from credit_app.models.security import CustomerDocument

# investigating: the owner has it · in_decision: a level decides on the credit note · credited · partly: some of it was
# credited · rejected · paid: nothing of it is open any more
DISPUTE_STATUSES = ("investigating", "in_decision", "credited", "partly", "rejected", "paid")
DISPUTES_RUNNING = ("investigating", "in_decision")


class Dispute(CustomerCase, Model):
    """What a customer disputes. `made_by` is who opened it, `amount` the sum of its parts when it was opened.

    `owner_role` has it by its reason until `answer_by`; `ground` is what the customer reads of the result. One that had
    ended as paid goes on from `reopened_on`, when the payment was taken back.
    """

    __tablename__ = "dispute"
    __table_args__ = (
        one_of("status", DISPUTE_STATUSES),
        one_of("reason", DISPUTE_REASONS),
        one_of("channel", CONTACT_CHANNELS),
        one_of("cause", ROOT_CAUSES),
        one_of("proposal", PROPOSALS),
        CheckConstraint("amount > 0 AND currency IS NOT NULL", name="amount_positive"),
        CheckConstraint("answer_by >= opened_on", name="answered_after_opened"),
        CheckConstraint("credited >= 0 AND credited <= amount", name="credited_within"),
        CheckConstraint(
            "(status IN ('investigating', 'in_decision')) = (closed_on IS NULL)", name="closed_with_day"
        ),
        CheckConstraint("(cause IS NULL) = (investigated_by IS NULL)", name="cause_by_person"),
        CheckConstraint(
            "status NOT IN ('credited', 'partly') OR decided_by IS NOT NULL", name="credited_by_decision"
        ),
        CheckConstraint(
            "decided_by IS NULL OR (decided_by <> investigated_by AND decided_by <> made_by)",
            name="decided_by_another",
        ),
        Index("ix_dispute_customer", "customer_id", text("opened_on DESC"), text("id DESC")),
        Index("ix_dispute_status", "status", text("opened_on DESC"), text("id DESC")),
        Index("ix_dispute_contract", "id", postgresql_where=text("contract_review")),
    )

    reason: Mapped[str] = mapped_column(String(20))
    claim: Mapped[str] = mapped_column(String(2000))
    claimed_by: Mapped[str] = mapped_column(String(200))
    channel: Mapped[str] = mapped_column(String(20))
    opened_on: Mapped[Day]
    answer_by: Mapped[Day]
    owner_role: Mapped[str | None] = mapped_column(String(30))
    escalated_on: Mapped[Day | None]
    cause: Mapped[str | None] = mapped_column(String(30))
    finding: Mapped[str] = mapped_column(String(2000), default="", server_default="")
    proposal: Mapped[str | None] = mapped_column(String(20))
    ground: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    investigated_by: Mapped[int | None] = refers_to("person.id")
    investigated_on: Mapped[Day | None]
    level: Mapped[str | None] = mapped_column(String(30))
    decided_by: Mapped[int | None] = refers_to("person.id")
    decided_on: Mapped[Day | None]
    decision_note: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    credited: Mapped[Decimal] = mapped_column(Numeric(18, 2), default=Decimal(0), server_default="0")
    contract_review: Mapped[bool] = mapped_column(default=False, server_default=false())
    closed_on: Mapped[Day | None]
    reopened_on: Mapped[Day | None]

    items: Mapped[list["DisputeItem"]] = relationship(back_populates="dispute", order_by="DisputeItem.id")
    documents: Mapped[list[CustomerDocument]] = relationship(
        secondary="dispute_document", order_by="CustomerDocument.id"
    )
    maker: Mapped[Person | None] = relationship(foreign_keys="Dispute.made_by")
    investigator: Mapped[Person | None] = relationship(foreign_keys="Dispute.investigated_by")
    decider: Mapped[Person | None] = relationship(foreign_keys="Dispute.decided_by")


class DisputeItem(Model):
    """The part of an item that is disputed. `paid` of it was paid meanwhile, `credit` is proposed, then booked as
    `adjustment_id`; `live` while the dispute holds it by its mark."""

    __tablename__ = "dispute_item"
    __table_args__ = (
        UniqueConstraint("dispute_id", "item_id", name="uq_dispute_item_once"),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("paid >= 0 AND credit >= 0 AND paid + credit <= amount", name="within_amount"),
        Index("ix_dispute_item_item", "item_id", postgresql_where=text("live")),
    )

    id: Mapped[Id]
    dispute_id: Mapped[int] = refers_to("dispute.id")
    item_id: Mapped[int] = refers_to("receivable_item.id")
    amount: Mapped[Money]
    paid: Mapped[Decimal] = mapped_column(Numeric(18, 2), default=Decimal(0), server_default="0")
    credit: Mapped[Decimal] = mapped_column(Numeric(18, 2), default=Decimal(0), server_default="0")
    mark_id: Mapped[int | None] = refers_to("item_mark.id")
    adjustment_id: Mapped[int | None] = refers_to("adjustment.id", unique=True)
    live: Mapped[bool] = mapped_column(default=True, server_default=true())

    dispute: Mapped[Dispute] = relationship(back_populates="items")
    item: Mapped[ReceivableItem] = relationship()


class DisputeDocument(Model):
    """A document of the customer's file that belongs to a dispute."""

    __tablename__ = "dispute_document"

    dispute_id: Mapped[int] = refers_to("dispute.id", primary_key=True, autoincrement=False)
    document_id: Mapped[int] = refers_to("customer_document.id", primary_key=True, autoincrement=False)


class ImportedDisputeEnd(Model):
    """An invoice that came in as disputed is disputed no longer, from a day on: a dispute of our own took it over, or
    somebody settled it with a reason. Rows are only added."""

    __tablename__ = "imported_dispute_end"
    __table_args__ = (
        UniqueConstraint("item_id", name="uq_imported_dispute_end_item"),
        CheckConstraint("dispute_id IS NOT NULL OR btrim(reason) <> ''", name="reason_given"),
    )

    id: Mapped[Id]
    item_id: Mapped[int] = refers_to("receivable_item.id")
    ended_on: Mapped[Day]
    dispute_id: Mapped[int | None] = refers_to("dispute.id")
    reason: Mapped[str] = mapped_column(String(500), default="", server_default="")
    made_by: Mapped[int | None] = refers_to("person.id")
    created_at: Mapped[CreatedAt]
