"""Write-offs: what was proposed and decided, the claims that stay alive, and what came in for them later."""

from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, Numeric, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from credit_app.domain.write_off import GROUNDS
from credit_app.models.base import CreatedAt, Day, Id, Instant, Model, Money, one_of, refers_to
from credit_app.models.customer_case import CustomerCase
from credit_app.models.ledger import Receipt, ReceivableItem
from credit_app.models.organisation import Person
from credit_app.models.security import CustomerDocument

# proposing: being prepared, also after it was sent back · in_approval · written_off · refused · withdrawn
WRITE_OFF_STATUSES = ("proposing", "in_approval", "written_off", "refused", "withdrawn")
WRITE_OFF_DECISIONS = ("approve", "refuse", "send_back")


class WriteOff(CustomerCase, Model):
    """A proposal to write debts of a customer off. `amount` is their total in base currency, as last proposed."""

    __tablename__ = "write_off"
    __table_args__ = (
        one_of("status", WRITE_OFF_STATUSES),
        one_of("ground", GROUNDS),
        CheckConstraint("(status = 'written_off') = (written_on IS NOT NULL)", name="written_with_day"),
        CheckConstraint(
            "status NOT IN ('in_approval', 'written_off', 'refused') OR"
            " (ground IS NOT NULL AND proposed_by IS NOT NULL)",
            name="proposed_with_ground",
        ),
        Index("ix_write_off_customer", "customer_id", text("id DESC")),
        Index("ix_write_off_status", "status", text("created_at DESC"), text("id DESC")),
    )

    ground: Mapped[str | None] = mapped_column(String(30))
    note: Mapped[str] = mapped_column(String(2000), default="", server_default="")
    proposed_by: Mapped[int | None] = refers_to("person.id")
    proposed_for: Mapped[int | None] = refers_to("person.id")
    proposed_on: Mapped[Day | None]
    round: Mapped[int] = mapped_column(default=0, server_default="0")
    written_on: Mapped[Day | None]

    items: Mapped[list["WriteOffItem"]] = relationship(
        back_populates="write_off", order_by="WriteOffItem.id", cascade="all, delete-orphan"
    )
    evidence: Mapped[list["WriteOffEvidence"]] = relationship(
        order_by="WriteOffEvidence.id", cascade="all, delete-orphan"
    )
    decisions: Mapped[list["WriteOffDecision"]] = relationship(order_by="WriteOffDecision.id")
    proposer: Mapped[Person | None] = relationship(foreign_keys="WriteOff.proposed_by")


class WriteOffItem(Model):
    """A debt of a write-off: `amount` was open when it was proposed; `written` what was written off, by the adjustment.

    The claim is alive for `written` less its recoveries and less `corrected`: what the debtor did not owe after all.
    """

    __tablename__ = "write_off_item"
    __table_args__ = (
        UniqueConstraint("write_off_id", "item_id", name="uq_write_off_item"),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("(written IS NULL) = (adjustment_id IS NULL)", name="written_with_entry"),
        CheckConstraint("written > 0 AND written <= amount", name="written_as_proposed"),
        CheckConstraint(
            "corrected >= 0 AND corrected <= coalesce(written, 0)", name="corrected_within_written"
        ),
        Index("ix_write_off_item_item", "item_id"),
    )

    id: Mapped[Id]
    write_off_id: Mapped[int] = refers_to("write_off.id")
    item_id: Mapped[int] = refers_to("receivable_item.id")
    amount: Mapped[Money]
    written: Mapped[Money | None]
    adjustment_id: Mapped[int | None] = refers_to("adjustment.id", unique=True)
    corrected: Mapped[Decimal] = mapped_column(Numeric(18, 2), default=Decimal(0), server_default="0")

    write_off: Mapped[WriteOff] = relationship(back_populates="items")
    item: Mapped[ReceivableItem] = relationship()
    recoveries: Mapped[list["Recovery"]] = relationship(back_populates="claim", order_by="Recovery.id")

    @property
    def recovered(self) -> Decimal:
        """What came in for the claim since."""
        return sum((row.amount for row in self.recoveries), Decimal(0))

    @property
    def claim(self) -> Decimal:
        """What the customer still owes of what was written off."""
        return (self.written or Decimal(0)) - self.corrected - self.recovered


class WriteOffEvidence(Model):
    """A document of the customer's file that shows why its debts cannot be collected."""

    __tablename__ = "write_off_evidence"
    __table_args__ = (UniqueConstraint("write_off_id", "document_id", name="uq_write_off_evidence"),)

    id: Mapped[Id]
    write_off_id: Mapped[int] = refers_to("write_off.id")
    document_id: Mapped[int] = refers_to("customer_document.id")

    document: Mapped[CustomerDocument] = relationship()


class WriteOffDecision(Model):
    """What a level decided about a proposal, and what it was about then. Rows are only added."""

    __tablename__ = "write_off_decision"
    __table_args__ = (
        one_of("decision", WRITE_OFF_DECISIONS),
        CheckConstraint("decision = 'approve' OR btrim(reason) <> ''", name="reason_given"),
        Index("ix_write_off_decision", "write_off_id", "id"),
    )

    id: Mapped[Id]
    write_off_id: Mapped[int] = refers_to("write_off.id")
    round: Mapped[int]
    level: Mapped[str] = mapped_column(String(30))
    decision: Mapped[str] = mapped_column(String(20))
    amount: Mapped[Money]
    reason: Mapped[str] = mapped_column(String(2000), default="", server_default="")
    person_id: Mapped[int] = refers_to("person.id")
    on_behalf_of: Mapped[int | None] = refers_to("person.id")
    decided_at: Mapped[Instant]

    person: Mapped[Person] = relationship(foreign_keys="WriteOffDecision.person_id")


class Recovery(Model):
    """Money that came in for a claim after it was written off: a part of a receipt, booked by the adjustment that opens
    the debt again and the allocation that pays it. Rows are only added."""

    __tablename__ = "recovery"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        Index("ix_recovery_claim", "write_off_item_id", "id"),
        Index("ix_recovery_day", "recovered_on"),
    )

    id: Mapped[Id]
    write_off_item_id: Mapped[int] = refers_to("write_off_item.id")
    receipt_id: Mapped[int] = refers_to("receipt.id")
    amount: Mapped[Money]
    recovered_on: Mapped[Day]
    adjustment_id: Mapped[int] = refers_to("adjustment.id", unique=True)
    allocation_id: Mapped[int] = refers_to("allocation.id", unique=True)
    made_by: Mapped[int | None] = refers_to("person.id")
    created_at: Mapped[CreatedAt]

    claim: Mapped[WriteOffItem] = relationship(back_populates="recoveries")
    receipt: Mapped[Receipt] = relationship()
