"""Dunning letters: what each named and claimed, its text as sent, the templates, the runs, and proof of delivery."""

from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from credit_app.domain.dunning import CHANNELS, LETTER_LANGUAGES, LEVELS, PROOF_KINDS, STATUSES
from credit_app.models.base import CreatedAt, Day, Id, Instant, Model, Money, one_of, refers_to
from credit_app.models.collection import CollectionCase
from credit_app.models.customer import Contact, Customer
from credit_app.models.organisation import Person
from credit_app.models.security import CustomerDocument


class DunningTemplate(Model):
    """A version of the text of letters of a level, in a language, for a channel; the newest rules. Only added."""

    __tablename__ = "dunning_template"
    __table_args__ = (
        one_of("level", LEVELS),
        one_of("language", LETTER_LANGUAGES),
        one_of("channel", CHANNELS),
        UniqueConstraint("level", "language", "channel", "version", name="uq_dunning_template_version"),
        CheckConstraint("version > 0", name="version_counted"),
        CheckConstraint("btrim(body) <> ''", name="body_given"),
    )

    id: Mapped[Id]
    level: Mapped[str] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(20))
    channel: Mapped[str] = mapped_column(String(10))
    version: Mapped[int]
    subject: Mapped[str] = mapped_column(String(200), default="", server_default="")
    body: Mapped[str] = mapped_column(String(8000))
    made_by: Mapped[int | None] = refers_to("person.id")
    created_at: Mapped[CreatedAt]

    maker: Mapped[Person | None] = relationship()


class DunningRun(Model):
    """Letters that somebody released together; the worker sends them, and counts in `done` how far it is."""

    __tablename__ = "dunning_run"
    __table_args__ = (CheckConstraint("letters > 0 AND done BETWEEN 0 AND letters", name="counted"),)

    id: Mapped[Id]
    released_by: Mapped[int] = refers_to("person.id")
    released_at: Mapped[Instant]
    letters: Mapped[int]
    done: Mapped[int] = mapped_column(default=0, server_default="0")
    ended_at: Mapped[Instant | None]

    releaser: Mapped[Person] = relationship()


class DunningLetter(Model):
    """A letter to a customer about all its due items.

    `body` is the text as sent, with a form feed where the items stand; `totals` one object for each currency
    (currency, claimed, interest, fee, credit, to_pay), `sender` and `accounts` ours, as of its day. Once it went out
    the database lets nobody change what it says.
    """

    __tablename__ = "dunning_letter"
    __table_args__ = (
        one_of("level", LEVELS),
        one_of("language", LETTER_LANGUAGES),
        one_of("channel", CHANNELS),
        one_of("status", STATUSES),
        UniqueConstraint("id", "level", name="uq_dunning_letter_level"),
        CheckConstraint("(status = 'excluded') = (reason <> '')", name="excluded_with_reason"),
        CheckConstraint("(status = 'delivered') = (delivered_on IS NOT NULL)", name="delivered_with_day"),
        CheckConstraint("status NOT IN ('sent', 'delivered') OR sent_on IS NOT NULL", name="sent_with_day"),
        CheckConstraint("status <> 'released' OR run_id IS NOT NULL", name="released_in_a_run"),
        CheckConstraint("(level = 'reminder') = (pay_by IS NULL)", name="demand_with_day"),
        Index("ix_dunning_letter_customer", "customer_id", text("id DESC")),
        Index("ix_dunning_letter_case", "case_id", text("id DESC")),
        Index("ix_dunning_letter_status", "status", text("id DESC")),
        Index("ix_dunning_letter_released", "id", postgresql_where=text("status = 'released'")),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(30), unique=True)
    customer_id: Mapped[int] = refers_to("customer.id")
    case_id: Mapped[int | None] = refers_to("collection_case.id")
    level: Mapped[str] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(20))
    channel: Mapped[str] = mapped_column(String(10))
    status: Mapped[str] = mapped_column(String(10))
    letter_on: Mapped[Day]
    pay_by: Mapped[Day | None]
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"))
    contact_name: Mapped[str] = mapped_column(String(200), default="", server_default="")
    address: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    subject: Mapped[str] = mapped_column(String(500), default="", server_default="")
    body: Mapped[str] = mapped_column(String(20000))
    totals: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    sender: Mapped[list[str]] = mapped_column(JSONB)
    accounts: Mapped[list[list[str]]] = mapped_column(JSONB)
    template_id: Mapped[int | None] = refers_to("dunning_template.id")
    run_id: Mapped[int | None] = refers_to("dunning_run.id")
    reason: Mapped[str] = mapped_column(String(500), default="", server_default="")
    excluded_by: Mapped[int | None] = refers_to("person.id")
    sent_on: Mapped[Day | None]
    delivered_on: Mapped[Day | None]
    created_at: Mapped[CreatedAt]

    customer: Mapped[Customer] = relationship()
    case: Mapped[CollectionCase | None] = relationship()
    contact: Mapped[Contact | None] = relationship()
    run: Mapped[DunningRun | None] = relationship()
    template: Mapped[DunningTemplate | None] = relationship()
    excluder: Mapped[Person | None] = relationship()
    items: Mapped[list["DunningItem"]] = relationship(
        back_populates="letter",
        order_by="DunningItem.currency, DunningItem.due_date, DunningItem.item_id",
        viewonly=True,
    )
    proofs: Mapped[list["DunningProof"]] = relationship(
        back_populates="letter", order_by="DunningProof.id", viewonly=True
    )


class DunningItem(Model):
    """A debt as a letter names it. `demands`: this letter is the one that demands it at this level.

    An item is demanded at a level at most once: the database refuses a second row that demands.
    """

    __tablename__ = "dunning_item"
    __table_args__ = (
        ForeignKeyConstraint(["letter_id", "level"], ["dunning_letter.id", "dunning_letter.level"]),
        CheckConstraint(
            "disputed >= 0 AND promised >= 0 AND claimed >= 0 AND interest >= 0 AND fee >= 0",
            name="not_negative",
        ),
        CheckConstraint("(fee = 0) = (fee_currency IS NULL)", name="fee_with_currency"),
        CheckConstraint("claimed <= open_amount", name="claimed_of_open"),
        CheckConstraint("NOT demands OR claimed > 0", name="demands_something"),
        Index("uq_dunning_item_demand", "item_id", "level", unique=True, postgresql_where=text("demands")),
        Index("ix_dunning_item_item", "item_id"),
    )

    letter_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    item_id: Mapped[int] = refers_to("receivable_item.id", primary_key=True, autoincrement=False)
    level: Mapped[str] = mapped_column(String(20))
    demands: Mapped[bool]
    number: Mapped[str] = mapped_column(String(60))
    document_date: Mapped[Day]
    due_date: Mapped[Day]
    days_overdue: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3), ForeignKey("currency.code"))
    open_amount: Mapped[Money]
    disputed: Mapped[Money]
    promised: Mapped[Money]
    claimed: Mapped[Money]
    interest: Mapped[Money]
    fee: Mapped[Money]
    fee_currency: Mapped[str | None] = mapped_column(String(3), ForeignKey("currency.code"))

    letter: Mapped[DunningLetter] = relationship(back_populates="items", viewonly=True)


class DunningProof(Model):
    """What shows that a letter arrived, or did not: a receipt handed in, a report of the SMS network. Only added."""

    __tablename__ = "dunning_proof"
    __table_args__ = (
        one_of("kind", PROOF_KINDS),
        Index(
            "uq_dunning_proof_delivered",
            "letter_id",
            unique=True,
            postgresql_where=text("kind = 'delivered'"),
        ),
        Index("ix_dunning_proof_letter", "letter_id", "id"),
    )

    id: Mapped[Id]
    letter_id: Mapped[int] = refers_to("dunning_letter.id")
    kind: Mapped[str] = mapped_column(String(10))
    happened_on: Mapped[Day]
    received_by: Mapped[str] = mapped_column(String(200), default="", server_default="")
    reference: Mapped[str] = mapped_column(String(100), default="", server_default="")
    note: Mapped[str] = mapped_column(String(500), default="", server_default="")
    document_id: Mapped[int | None] = refers_to("customer_document.id")
    reported_by: Mapped[str] = mapped_column(String(100), default="", server_default="")
    made_by: Mapped[int | None] = refers_to("person.id")
    created_at: Mapped[CreatedAt]

    letter: Mapped[DunningLetter] = relationship(back_populates="proofs", viewonly=True)
    document: Mapped[CustomerDocument | None] = relationship()
    maker: Mapped[Person | None] = relationship()
