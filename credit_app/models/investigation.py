"""What was found out about a customer: investigations, owners, court and penalty records, reports, statements."""

from decimal import Decimal
from typing import Any

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
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from credit_app.models.base import CreatedAt, Day, Id, Instant, Model, Money, one_of, refers_to
from credit_app.models.customer import Customer
from credit_app.models.organisation import Person
from credit_app.models.security import CustomerDocument

TEMPLATES = ("new_customer", "existing_customer")
CHANNELS = (
    "registration",
    "industry_association",
    "credit_platform",
    "market",
    "references",
    "site_visit",
    "customer_statement",
)
ASSESSMENTS = ("positive", "neutral", "negative")
OWNER_KINDS = ("person", "company")
LEGAL_RECORD_KINDS = ("litigation", "administrative_penalty", "insolvency", "dishonesty_list")
REPORT_STATUSES = ("ordered", "received", "not_needed")
INFORMATION_KINDS = ("basic", "operation", "history")
REFERENCE_KINDS = ("bank", "trade")


class Investigation(Model):
    """One investigation of a customer in one round of an application, by the template for new or existing ones.

    `searched` says where litigation and penalties were looked for when none was found, `asked_again`
    what has to be looked into once more. `drafts` holds what was typed
    into its long forms and is not complete yet: node, field, text.
    """

    __tablename__ = "investigation"
    __table_args__ = (
        one_of("template", TEMPLATES),
        Index("ix_investigation_customer", "customer_id", text("id DESC")),
        Index("ix_investigation_application", "application_id"),
        CheckConstraint("(done_at IS NULL) = (done_by IS NULL)", name="done_by_somebody"),
    )

    id: Mapped[Id]
    customer_id: Mapped[int] = refers_to("customer.id")
    application_id: Mapped[int | None] = refers_to("credit_application.id")
    round: Mapped[int] = mapped_column(default=1, server_default="1")
    template: Mapped[str] = mapped_column(String(20))
    summary: Mapped[str] = mapped_column(String(4000), default="", server_default="")
    searched: Mapped[str] = mapped_column(String(300), default="", server_default="")
    asked_again: Mapped[str] = mapped_column(String(4000), default="", server_default="")
    drafts: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    started_at: Mapped[CreatedAt]
    done_at: Mapped[Instant | None]
    done_by: Mapped[int | None] = refers_to("person.id")

    customer: Mapped[Customer] = relationship()
    investigator: Mapped[Person | None] = relationship()
    findings: Mapped[list["Finding"]] = relationship(
        back_populates="investigation", order_by="Finding.id", cascade="all, delete-orphan"
    )


class Finding(Model):
    """What one channel said: from which source, of which day, what it means, and the document that shows it."""

    __tablename__ = "finding"
    __table_args__ = (
        one_of("channel", CHANNELS),
        one_of("assessment", ASSESSMENTS),
        CheckConstraint("btrim(source) <> '' AND btrim(finding) <> ''", name="said_something"),
    )

    id: Mapped[Id]
    investigation_id: Mapped[int] = refers_to("investigation.id", index=True)
    channel: Mapped[str] = mapped_column(String(30))
    source: Mapped[str] = mapped_column(String(300))
    found_on: Mapped[Day]
    finding: Mapped[str] = mapped_column(String(4000))
    assessment: Mapped[str] = mapped_column(String(10))
    document_id: Mapped[int | None] = refers_to("customer_document.id")
    recorded_by: Mapped[int | None] = refers_to("person.id")
    recorded_at: Mapped[CreatedAt]

    investigation: Mapped[Investigation] = relationship(back_populates="findings")
    document: Mapped[CustomerDocument | None] = relationship()
    recorder: Mapped[Person | None] = relationship()


class Owner(Model):
    """Who owns a customer: a person or a company (perhaps a customer too), with its share (0 to 1) as of a day."""

    __tablename__ = "owner"
    __table_args__ = (
        one_of("kind", OWNER_KINDS),
        CheckConstraint("share > 0 AND share <= 1", name="share_known"),
        CheckConstraint("btrim(name) <> ''", name="name_given"),
        CheckConstraint("ended_on >= as_of", name="dates_in_order"),
        Index("ix_owner_customer", "customer_id", text("as_of DESC")),
    )

    id: Mapped[Id]
    customer_id: Mapped[int] = refers_to("customer.id")
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(300))
    country: Mapped[str | None] = mapped_column(String(2))
    share: Mapped[Decimal | None] = mapped_column(Numeric(5, 4))
    owner_customer_id: Mapped[int | None] = refers_to("customer.id")
    source: Mapped[str] = mapped_column(String(300))
    as_of: Mapped[Day]
    ended_on: Mapped[Day | None]
    recorded_by: Mapped[int | None] = refers_to("person.id")
    recorded_at: Mapped[CreatedAt]


class LegalRecord(Model):
    """A court case, an administrative penalty, an insolvency or an entry on a list of dishonest debtors."""

    __tablename__ = "legal_record"
    __table_args__ = (
        one_of("kind", LEGAL_RECORD_KINDS),
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        CheckConstraint("(amount IS NULL) = (currency IS NULL)", name="amount_with_currency"),
        CheckConstraint("closed_on >= opened_on", name="dates_in_order"),
        Index("ix_legal_record_customer", "customer_id", text("opened_on DESC")),
    )

    id: Mapped[Id]
    customer_id: Mapped[int] = refers_to("customer.id")
    kind: Mapped[str] = mapped_column(String(30))
    opened_on: Mapped[Day]
    closed_on: Mapped[Day | None]
    authority: Mapped[str] = mapped_column(String(300), default="", server_default="")
    subject: Mapped[str] = mapped_column(String(1000))
    amount: Mapped[Money | None]
    currency: Mapped[str | None] = mapped_column(String(3))
    source: Mapped[str] = mapped_column(String(300))
    document_id: Mapped[int | None] = refers_to("customer_document.id")
    recorded_by: Mapped[int | None] = refers_to("person.id")
    recorded_at: Mapped[CreatedAt]


class CreditReport(Model):
    """A report by a third party: ordered, then received; or the reason why none was needed."""

    __tablename__ = "credit_report"
    __table_args__ = (
        one_of("status", REPORT_STATUSES),
        CheckConstraint("cost >= 0", name="cost_not_negative"),
        CheckConstraint("(cost IS NULL) = (currency IS NULL)", name="cost_with_currency"),
        CheckConstraint("status <> 'received' OR reported_on IS NOT NULL", name="received_on_a_day"),
        CheckConstraint("status <> 'not_needed' OR btrim(note) <> ''", name="not_needed_with_reason"),
        Index("ix_credit_report_customer", "customer_id", text("id DESC")),
    )

    id: Mapped[Id]
    customer_id: Mapped[int] = refers_to("customer.id")
    application_id: Mapped[int | None] = refers_to("credit_application.id", index=True)
    provider: Mapped[str] = mapped_column(String(200), default="", server_default="")
    status: Mapped[str] = mapped_column(String(20))
    ordered_on: Mapped[Day | None]
    reported_on: Mapped[Day | None]
    valid_until: Mapped[Day | None]
    cost: Mapped[Money | None]
    currency: Mapped[str | None] = mapped_column(String(3))
    provider_grade: Mapped[str] = mapped_column(String(60), default="", server_default="")
    recommended_limit: Mapped[Money | None]
    recommended_currency: Mapped[str | None] = mapped_column(String(3))
    note: Mapped[str] = mapped_column(String(4000), default="", server_default="")
    document_id: Mapped[int | None] = refers_to("customer_document.id")
    recorded_by: Mapped[int | None] = refers_to("person.id")
    recorded_at: Mapped[CreatedAt]

    document: Mapped[CustomerDocument | None] = relationship()
    recorder: Mapped[Person | None] = relationship()


class FinancialStatement(Model):
    """A year's figures: line -> amount as text (see domain.statements), in `currency` × `unit`.

    A correction is a new row for the same period; the newest one counts, the older ones stay.
    """

    __tablename__ = "financial_statement"
    __table_args__ = (
        CheckConstraint("months BETWEEN 1 AND 24", name="months_in_range"),
        CheckConstraint("unit IN (1, 1000, 1000000)", name="unit_known"),
        Index("ix_financial_statement_customer", "customer_id", text("period_end DESC"), text("id DESC")),
    )

    id: Mapped[Id]
    customer_id: Mapped[int] = refers_to("customer.id")
    application_id: Mapped[int | None] = refers_to("credit_application.id")
    period_end: Mapped[Day]
    months: Mapped[int] = mapped_column(SmallInteger, default=12, server_default="12")
    currency: Mapped[str] = mapped_column(String(3), ForeignKey("currency.code"))
    unit: Mapped[int] = mapped_column(default=1, server_default="1")
    audited: Mapped[bool] = mapped_column(default=False, server_default=false())
    consolidated: Mapped[bool] = mapped_column(default=False, server_default=false())
    source: Mapped[str] = mapped_column(String(300))
    figures: Mapped[dict[str, Any]] = mapped_column(JSONB)
    remarks: Mapped[list[Any]] = mapped_column(JSONB, default=list, server_default="[]")
    document_id: Mapped[int | None] = refers_to("customer_document.id")
    recorded_by: Mapped[int | None] = refers_to("person.id")
    recorded_at: Mapped[CreatedAt]

    document: Mapped[CustomerDocument | None] = relationship()
    recorder: Mapped[Person | None] = relationship()


class InformationItem(Model):
    """One thing known of a customer, with its source, date, validity and confidence (0 to 1); rows are only added."""

    __tablename__ = "information_item"
    __table_args__ = (
        one_of("kind", INFORMATION_KINDS),
        CheckConstraint("confidence BETWEEN 0 AND 1", name="confidence_in_range"),
        CheckConstraint("as_of <= valid_until", name="dates_in_order"),
        Index("ix_information_item_customer", "customer_id", "name", text("as_of DESC"), text("id DESC")),
    )

    id: Mapped[Id]
    customer_id: Mapped[int] = refers_to("customer.id")
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(60))
    value: Mapped[str] = mapped_column(String(2000))
    source: Mapped[str] = mapped_column(String(300))
    as_of: Mapped[Day]
    valid_until: Mapped[Day | None]
    confidence: Mapped[Decimal] = mapped_column(Numeric(4, 2))
    document_id: Mapped[int | None] = refers_to("customer_document.id")
    recorded_by: Mapped[int | None] = refers_to("person.id")
    recorded_at: Mapped[CreatedAt]

    recorder: Mapped[Person | None] = relationship()


class Reference(Model):
    """What a bank or a supplier of the customer says about it."""

    __tablename__ = "reference"
    __table_args__ = (
        one_of("kind", REFERENCE_KINDS),
        one_of("assessment", ASSESSMENTS),
        Index("ix_reference_customer", "customer_id", text("given_on DESC")),
        CheckConstraint("(amount IS NULL) = (currency IS NULL)", name="amount_with_currency"),
    )

    id: Mapped[Id]
    customer_id: Mapped[int] = refers_to("customer.id")
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(300))
    contact: Mapped[str] = mapped_column(String(300), default="", server_default="")
    given_on: Mapped[Day]
    customer_since: Mapped[Day | None]
    amount: Mapped[Money | None]
    currency: Mapped[str | None] = mapped_column(String(3))
    assessment: Mapped[str] = mapped_column(String(10))
    note: Mapped[str] = mapped_column(String(2000), default="", server_default="")
    document_id: Mapped[int | None] = refers_to("customer_document.id")
    recorded_by: Mapped[int | None] = refers_to("person.id")
    recorded_at: Mapped[CreatedAt]


class BlacklistEntry(Model):
    """A company or person with whom no credit is agreed: ground, term, source; lifted with a reason, never deleted."""

    __tablename__ = "blacklist_entry"
    __table_args__ = (
        UniqueConstraint("customer_id", "valid_from", name="uq_blacklist_entry_customer"),
        CheckConstraint("btrim(ground) <> '' AND btrim(source) <> ''", name="ground_and_source"),
        CheckConstraint("valid_from <= valid_to", name="dates_in_order"),
        CheckConstraint(
            "customer_id IS NOT NULL OR btrim(name) <> '' OR registration_number IS NOT NULL",
            name="names_somebody",
        ),
        CheckConstraint("(lifted_at IS NULL) = (lifted_by IS NULL)", name="lifted_by_somebody"),
        CheckConstraint("lifted_at IS NULL OR btrim(lift_reason) <> ''", name="lifted_with_reason"),
        Index("ix_blacklist_entry_customer", "customer_id"),
        Index("ix_blacklist_entry_name", text("lower(name)")),
    )

    id: Mapped[Id]
    customer_id: Mapped[int | None] = refers_to("customer.id")
    name: Mapped[str] = mapped_column(String(300), default="", server_default="")
    registration_number: Mapped[str | None] = mapped_column(String(60))
    country: Mapped[str | None] = mapped_column(String(2))
    ground: Mapped[str] = mapped_column(String(1000))
    source: Mapped[str] = mapped_column(String(300))
    valid_from: Mapped[Day]
    valid_to: Mapped[Day | None]
    added_by: Mapped[int] = refers_to("person.id")
    added_at: Mapped[CreatedAt]
    lifted_by: Mapped[int | None] = refers_to("person.id")
    lifted_at: Mapped[Instant | None]
    lift_reason: Mapped[str] = mapped_column(String(1000), default="", server_default="")

    customer: Mapped[Customer | None] = relationship()
    adder: Mapped[Person] = relationship(foreign_keys=[added_by])
