"""Legal action: the case about a customer's debts with its dates, events and costs, counsel, warnings of dates."""

from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from credit_app.models.base import CreatedAt, Day, Id, Instant, Model, Money, one_of, refers_to
from credit_app.models.customer import Customer
from credit_app.models.customer_case import CustomerCase
from credit_app.models.ledger import ReceivableItem
from credit_app.models.organisation import Person
from credit_app.models.security import CustomerDocument

# Where a case stands; the process resumes there after a payment.
OPEN_LEGAL = (
    "assessment",
    "approval",
    "preparation",
    "filing",
    "hearing",
    "title",
    "execution",
    "enforcement",
    "insolvency",
)
ENDED_LEGAL = ("dropped", "refused", "paid", "withdrawn", "settled", "lost", "enforced", "uncollectable")
LEGAL_WAYS = ("payment_order", "arbitration", "suit")
TITLE_KINDS = ("payment_order", "judgment", "award", "settlement")
COUNSEL_KINDS = ("in_house", "law_firm")
PROSPECTS = ("good", "even", "poor")
SOLVENCY = ("able", "doubtful", "insolvent", "unknown")
LEGAL_DATE_KINDS = (
    "filing",
    "hearing",
    "preservation",
    "objection",
    "appeal",
    "payment",
    "enforcement",
    "insolvency",
)
# Dates that are worked out from other rows, and shown and warned of beside those.
WORKED_OUT_KINDS = ("limitation", "guarantee")
LEGAL_EVENTS = (
    "started",
    "assessed",
    "approved",
    "sent_back",
    "refused",
    "evidence",
    "counsel",
    "preservation",
    "filed",
    "hearing",
    "judgment",
    "settlement",
    "final",
    "contested",
    "enforcement",
    "enforcement_step",
    "insolvency",
    "dividend",
    "payment",
    "went_on",
    "ended",
)
# What a claim is proved by.
EVIDENCE = ("contract", "invoices", "delivery", "acknowledgement", "demands", "correspondence")
COST_KINDS = ("court_fee", "lawyer_fee", "preservation", "enforcement", "other")


class LegalCounsel(Model):
    """Who acts for the company at law: somebody of its own, or a law firm."""

    __tablename__ = "legal_counsel"
    __table_args__ = (
        one_of("kind", COUNSEL_KINDS),
        CheckConstraint("btrim(name) <> ''", name="named"),
        CheckConstraint("kind = 'in_house' OR person_id IS NULL", name="person_in_house"),
        UniqueConstraint("name", name="uq_legal_counsel_name"),
    )

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(200))
    person_id: Mapped[int | None] = refers_to("person.id")
    country: Mapped[str] = mapped_column(String(2), default="", server_default="")
    email: Mapped[str] = mapped_column(String(254), default="", server_default="")
    phone: Mapped[str] = mapped_column(String(60), default="", server_default="")
    note: Mapped[str] = mapped_column(String(500), default="", server_default="")
    active: Mapped[bool] = mapped_column(default=True, server_default=true())
    made_by: Mapped[int | None] = refers_to("person.id")
    created_at: Mapped[CreatedAt]

    person: Mapped[Person | None] = relationship(foreign_keys="LegalCounsel.person_id")


class LegalCase(CustomerCase, Model):
    """The one open legal case of a customer. `amount` is claimed, `awarded` what a title (judgment, award, payment
    order, settlement) grants; `seen_open` what was open of the claimed items when somebody last decided on it.

    `country` is whose law applies. `proposed_by` assessed it, `decided_by` approved or refused it. `pack_missing`
    names what the evidence pack lacks.
    """

    __tablename__ = "legal_case"
    __table_args__ = (
        one_of("status", (*OPEN_LEGAL, *ENDED_LEGAL)),
        one_of("way", LEGAL_WAYS),
        one_of("title_kind", TITLE_KINDS),
        one_of("prospects", PROSPECTS),
        one_of("solvency", SOLVENCY),
        CheckConstraint("amount > 0 AND currency IS NOT NULL", name="claims_something"),
        CheckConstraint("(title_kind IS NULL) = (title_on IS NULL)", name="title_with_day"),
        CheckConstraint(
            "awarded >= 0 AND (awarded IS NULL OR title_kind IS NOT NULL)", name="awarded_by_title"
        ),
        CheckConstraint("title_on >= filed_on AND final_on >= title_on", name="days_in_order"),
        CheckConstraint("enforced_on IS NULL OR title_kind IS NOT NULL", name="enforced_by_title"),
        CheckConstraint("decided_by <> proposed_by", name="four_eyes"),
        CheckConstraint(
            "(ended_on IS NULL) = (status IN ({}))".format(", ".join(f"'{one}'" for one in OPEN_LEGAL)),
            name="ended_with_day",
        ),
        Index("uq_legal_case_open", "customer_id", unique=True, postgresql_where=text("ended_on IS NULL")),
        Index("ix_legal_case_customer", "customer_id", text("id DESC")),
        Index("ix_legal_case_status", "status", "id"),
    )

    started_on: Mapped[Day]
    ended_on: Mapped[Day | None]
    end_note: Mapped[str] = mapped_column(String(500), default="", server_default="")
    country: Mapped[str] = mapped_column(String(10))
    seen_open: Mapped[Money]
    # the assessment
    evidence: Mapped[list[str]] = mapped_column(ARRAY(String(30)), default=list, server_default=text("'{}'"))
    prospects: Mapped[str | None] = mapped_column(String(10))
    solvency: Mapped[str | None] = mapped_column(String(10))
    cost_estimate: Mapped[Money | None]
    assessment: Mapped[str] = mapped_column(String(2000), default="", server_default="")
    proposed_by: Mapped[int | None] = refers_to("person.id")
    decided_by: Mapped[int | None] = refers_to("person.id")
    decided_at: Mapped[Instant | None]
    decision_note: Mapped[str] = mapped_column(String(500), default="", server_default="")
    pack_id: Mapped[int | None] = refers_to("customer_document.id")
    pack_missing: Mapped[list[Any]] = mapped_column(JSONB, default=list, server_default=text("'[]'"))
    # the proceedings
    counsel_id: Mapped[int | None] = refers_to("legal_counsel.id")
    way: Mapped[str | None] = mapped_column(String(20))
    forum: Mapped[str] = mapped_column(String(200), default="", server_default="")
    file_number: Mapped[str] = mapped_column(String(80), default="", server_default="")
    filed_on: Mapped[Day | None]
    preserved_amount: Mapped[Money | None]
    preserved_on: Mapped[Day | None]
    # the title
    title_kind: Mapped[str | None] = mapped_column(String(20))
    title_on: Mapped[Day | None]
    awarded: Mapped[Money | None]
    final_on: Mapped[Day | None]
    enforced_on: Mapped[Day | None]
    enforcement_forum: Mapped[str] = mapped_column(String(200), default="", server_default="")
    insolvency_amount: Mapped[Money | None]
    administrator: Mapped[str] = mapped_column(String(200), default="", server_default="")

    counsel: Mapped[LegalCounsel | None] = relationship()
    proposer: Mapped[Person | None] = relationship(foreign_keys="LegalCase.proposed_by")
    decider: Mapped[Person | None] = relationship(foreign_keys="LegalCase.decided_by")
    pack: Mapped[CustomerDocument | None] = relationship()
    items: Mapped[list["LegalCaseItem"]] = relationship(back_populates="case", order_by="LegalCaseItem.id")
    dates: Mapped[list["LegalDate"]] = relationship(
        back_populates="case", order_by="[LegalDate.due_on, LegalDate.id]"
    )
    events: Mapped[list["LegalEvent"]] = relationship(order_by="LegalEvent.id")
    papers: Mapped[list["LegalDocument"]] = relationship(order_by="LegalDocument.id")
    costs: Mapped[list["LegalCost"]] = relationship(order_by="LegalCost.id")


class LegalCaseItem(Model):
    """An item that a legal case claims, and how much of it was open then."""

    __tablename__ = "legal_case_item"
    __table_args__ = (
        UniqueConstraint("case_id", "item_id", name="uq_legal_case_item"),
        CheckConstraint("amount > 0", name="amount_positive"),
        Index("ix_legal_case_item_item", "item_id"),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = refers_to("legal_case.id")
    item_id: Mapped[int] = refers_to("receivable_item.id")
    amount: Mapped[Money]

    case: Mapped[LegalCase] = relationship(back_populates="items")
    item: Mapped[ReceivableItem] = relationship()


class LegalDocument(Model):
    """A paper that was handed in as a piece of evidence of a legal case. Rows are only added.

    `received_on`: of a demand, the day on which the debtor received it.
    """

    __tablename__ = "legal_document"
    __table_args__ = (
        one_of("piece", EVIDENCE),
        UniqueConstraint("case_id", "document_id", name="uq_legal_document"),
        CheckConstraint("received_on IS NULL OR piece = 'demands'", name="demand_received"),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = refers_to("legal_case.id")
    piece: Mapped[str] = mapped_column(String(20))
    document_id: Mapped[int] = refers_to("customer_document.id")
    received_on: Mapped[Day | None]
    made_by: Mapped[int | None] = refers_to("person.id")
    created_at: Mapped[CreatedAt]

    document: Mapped[CustomerDocument] = relationship()


class LegalDate(Model):
    """A date of a legal case on or before which something is due. `settled_on`: it was met, or no longer matters."""

    __tablename__ = "legal_date"
    __table_args__ = (
        one_of("kind", LEGAL_DATE_KINDS),
        Index("ix_legal_date_case", "case_id"),
        Index("ix_legal_date_open", "due_on", "id", postgresql_where=text("settled_on IS NULL")),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = refers_to("legal_case.id")
    kind: Mapped[str] = mapped_column(String(20))
    due_on: Mapped[Day]
    note: Mapped[str] = mapped_column(String(300), default="", server_default="")
    settled_on: Mapped[Day | None]
    made_by: Mapped[int | None] = refers_to("person.id")
    created_at: Mapped[CreatedAt]

    case: Mapped[LegalCase] = relationship(back_populates="dates")


class LegalEvent(Model):
    """What happened in a legal case, in the order in which it was written down. Rows are only added."""

    __tablename__ = "legal_event"
    __table_args__ = (
        one_of("kind", LEGAL_EVENTS),
        Index("ix_legal_event_case", "case_id", "id"),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = refers_to("legal_case.id")
    kind: Mapped[str] = mapped_column(String(20))
    happened_on: Mapped[Day]
    amount: Mapped[Money | None]
    note: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    document_id: Mapped[int | None] = refers_to("customer_document.id")
    made_by: Mapped[int | None] = refers_to("person.id")
    created_at: Mapped[CreatedAt]

    document: Mapped[CustomerDocument | None] = relationship()
    maker: Mapped[Person | None] = relationship(foreign_keys="LegalEvent.made_by")


class LegalCost(Model):
    """What a legal case cost; `item_id` is the entry of the ledger by which it is claimed from the debtor.

    Rows are only added.
    """

    __tablename__ = "legal_cost"
    __table_args__ = (
        one_of("kind", COST_KINDS),
        CheckConstraint("amount > 0", name="amount_positive"),
        UniqueConstraint("item_id", name="uq_legal_cost_item"),
        Index("ix_legal_cost_case", "case_id", "id"),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = refers_to("legal_case.id")
    kind: Mapped[str] = mapped_column(String(20))
    amount: Mapped[Money]
    currency: Mapped[str] = mapped_column(String(3), ForeignKey("currency.code"))
    incurred_on: Mapped[Day]
    note: Mapped[str] = mapped_column(String(300), default="", server_default="")
    item_id: Mapped[int | None] = refers_to("receivable_item.id")
    made_by: Mapped[int | None] = refers_to("person.id")
    created_at: Mapped[CreatedAt]

    item: Mapped[ReceivableItem | None] = relationship()


class LegalNotice(Model):
    """That people were warned of a legal date `step` days ahead: once for each date and step. Rows are only added.

    `subject` names the row that the date belongs to, written table:id.
    """

    __tablename__ = "legal_notice"
    __table_args__ = (
        one_of("kind", (*LEGAL_DATE_KINDS, *WORKED_OUT_KINDS)),
        UniqueConstraint("kind", "subject", "due_on", "step", name="uq_legal_notice"),
        Index("ix_legal_notice_customer", "customer_id", "id"),
    )

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(80))
    customer_id: Mapped[int] = refers_to("customer.id")
    case_id: Mapped[int | None] = refers_to("legal_case.id")
    due_on: Mapped[Day]
    step: Mapped[int] = mapped_column(SmallInteger)
    created_at: Mapped[CreatedAt]

    customer: Mapped[Customer] = relationship()
