"""What a debtor agreed to: promises to pay, payment plans with their instalments, extensions, and their items."""

from decimal import Decimal

from sqlalchemy import (
    CheckConstraint,
    Index,
    Numeric,
    SmallInteger,
    String,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from credit_app.models.base import Day, Id, Instant, Model, Money, one_of, refers_to
from credit_app.models.collection import CONTACT_CHANNELS
from credit_app.models.customer_case import CustomerCase
from credit_app.models.ledger import ReceivableItem
from credit_app.models.organisation import Person

# open: its day is waited for · in_part: a person decides about what was paid of it · kept · broken
PROMISE_STATUSES = ("open", "in_part", "kept", "broken")
# in_approval · sent_back: whoever asked has it · refused · withdrawn · running: its instalments are waited for ·
# completed: all of it is paid · broken: an instalment was missed
PLAN_STATUSES = ("in_approval", "sent_back", "refused", "withdrawn", "running", "completed", "broken")
EXTENSION_STATUSES = ("in_approval", "sent_back", "refused", "withdrawn", "running", "kept", "broken")
# Where the items of each are held: nothing else may be agreed about them meanwhile.
PROMISE_RUNNING = ("open", "in_part")
AGREEMENT_RUNNING = ("in_approval", "sent_back", "running")


class PromiseToPay(CustomerCase, Model):
    """What a debtor promised to pay by a day. `made_by` is who took it down; `first_due_on` the day before a new one
    was accepted, once; `beyond`: a credit manager took it although too many had been broken. `paid` is what had come
    of `amount` when it was last looked at; `reopened_on` when a payment was taken back after it had been kept."""

    __tablename__ = "promise_to_pay"
    __table_args__ = (
        one_of("status", PROMISE_STATUSES),
        one_of("channel", CONTACT_CHANNELS),
        CheckConstraint("amount > 0 AND currency IS NOT NULL", name="amount_positive"),
        CheckConstraint("due_on >= promised_on", name="due_after_promised"),
        CheckConstraint("first_due_on IS NULL OR first_due_on < due_on", name="new_day_later"),
        CheckConstraint("(status IN ('open', 'in_part')) = (closed_on IS NULL)", name="closed_with_day"),
        Index("ix_promise_to_pay_customer", "customer_id", text("promised_on DESC"), text("id DESC")),
        Index("ix_promise_to_pay_due", "due_on", "id"),
        Index("ix_promise_to_pay_maker", "made_by", "closed_on"),
    )

    promised_on: Mapped[Day]
    due_on: Mapped[Day]
    first_due_on: Mapped[Day | None]
    promised_by: Mapped[str] = mapped_column(String(200))
    channel: Mapped[str] = mapped_column(String(20))
    document_id: Mapped[int | None] = refers_to("customer_document.id")
    beyond: Mapped[bool] = mapped_column(default=False, server_default=false())
    check_at: Mapped[Instant | None]
    closed_on: Mapped[Day | None]
    reopened_on: Mapped[Day | None]
    paid: Mapped[Decimal] = mapped_column(Numeric(18, 2), default=Decimal(0), server_default="0")
    note: Mapped[str] = mapped_column(String(500), default="", server_default="")

    items: Mapped[list["PromisedItem"]] = relationship(order_by="PromisedItem.id")
    maker: Mapped[Person | None] = relationship(foreign_keys="PromiseToPay.made_by")


class Agreement:
    """What a plan and an extension have in common: asked for, decided by a level, running, over.

    `paid` is what had come when it ended; `reopened_on` when a payment was taken back after it had ended as paid.
    """

    requested_on: Mapped[Day]
    ground: Mapped[str] = mapped_column(String(1000))
    security: Mapped[str] = mapped_column(String(500), default="", server_default="")
    with_interest: Mapped[bool]
    level: Mapped[str | None] = mapped_column(String(30))
    decided_by: Mapped[int | None] = refers_to("person.id")
    decided_on: Mapped[Day | None]
    paid: Mapped[Decimal] = mapped_column(Numeric(18, 2), default=Decimal(0), server_default="0")
    decision_note: Mapped[str] = mapped_column(String(500), default="", server_default="")
    closed_on: Mapped[Day | None]
    reopened_on: Mapped[Day | None]


class PaymentPlan(Agreement, CustomerCase, Model):
    """A debt paid in instalments that add up to `amount` exactly; `awaited` is the place of the one waited for."""

    __tablename__ = "payment_plan"
    __table_args__ = (
        one_of("status", PLAN_STATUSES),
        CheckConstraint("amount > 0 AND currency IS NOT NULL", name="amount_positive"),
        CheckConstraint(
            "(status IN ('in_approval', 'sent_back', 'running')) = (closed_on IS NULL)",
            name="closed_with_day",
        ),
        CheckConstraint("status <> 'running' OR decided_by IS NOT NULL", name="running_by_decision"),
        CheckConstraint("decided_by IS NULL OR decided_by <> made_by", name="decided_by_another"),
        Index("ix_payment_plan_customer", "customer_id", text("requested_on DESC"), text("id DESC")),
        Index("ix_payment_plan_status", "status", text("id DESC")),
    )

    awaited: Mapped[int | None] = mapped_column(SmallInteger)

    items: Mapped[list["PromisedItem"]] = relationship(order_by="PromisedItem.id")
    instalments: Mapped[list["PlanInstalment"]] = relationship(
        order_by="PlanInstalment.place", cascade="all, delete-orphan"
    )
    maker: Mapped[Person | None] = relationship(foreign_keys="PaymentPlan.made_by")
    decider: Mapped[Person | None] = relationship(foreign_keys="PaymentPlan.decided_by")


class PlanInstalment(Model):
    """One instalment of a plan, by its place from 1 on; what was paid of it follows from what its items were paid."""

    __tablename__ = "plan_instalment"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("place > 0", name="place_positive"),
        UniqueConstraint("plan_id", "place", name="uq_plan_instalment_place"),
    )

    id: Mapped[Id]
    plan_id: Mapped[int] = refers_to("payment_plan.id")
    place: Mapped[int] = mapped_column(SmallInteger)
    due_on: Mapped[Day]
    amount: Mapped[Money]
    reminded_on: Mapped[Day | None]
    late_on: Mapped[Day | None]
    paid_on: Mapped[Day | None]


class PaymentExtension(Agreement, CustomerCase, Model):
    """A debtor's request to pay later. `asked_by` asked at the debtor's; `days` is by how many days the payment of the
    debt that is put off the furthest would be later than it is due, or than today where it is overdue."""

    __tablename__ = "payment_extension"
    __table_args__ = (
        one_of("status", EXTENSION_STATUSES),
        CheckConstraint("amount > 0 AND currency IS NOT NULL", name="amount_positive"),
        CheckConstraint("days > 0", name="days_positive"),
        CheckConstraint(
            "(status IN ('in_approval', 'sent_back', 'running')) = (closed_on IS NULL)",
            name="closed_with_day",
        ),
        CheckConstraint("status <> 'running' OR decided_by IS NOT NULL", name="running_by_decision"),
        CheckConstraint("decided_by IS NULL OR decided_by <> made_by", name="decided_by_another"),
        Index("ix_payment_extension_customer", "customer_id", text("requested_on DESC"), text("id DESC")),
        Index("ix_payment_extension_status", "status", text("id DESC")),
    )

    asked_by: Mapped[str] = mapped_column(String(200))
    new_on: Mapped[Day]
    days: Mapped[int]
    check_at: Mapped[Instant | None]

    items: Mapped[list["PromisedItem"]] = relationship(order_by="PromisedItem.id")
    maker: Mapped[Person | None] = relationship(foreign_keys="PaymentExtension.made_by")
    decider: Mapped[Person | None] = relationship(foreign_keys="PaymentExtension.decided_by")


class PromisedItem(Model):
    """The part of an item that a promise, plan or extension is about. `open_before` and `paid_before` are what was open
    and allocated to the item then; what came since follows. An item stands in one that is `live`, no more."""

    __tablename__ = "promised_item"
    __table_args__ = (
        CheckConstraint("num_nonnulls(promise_id, plan_id, extension_id) = 1", name="one_case"),
        CheckConstraint("amount > 0 AND amount <= open_before", name="amount_was_open"),
        Index("uq_promised_item_live", "item_id", unique=True, postgresql_where=text("live")),
        Index("ix_promised_item_promise", "promise_id", postgresql_where=text("promise_id IS NOT NULL")),
        Index("ix_promised_item_plan", "plan_id", postgresql_where=text("plan_id IS NOT NULL")),
        Index(
            "ix_promised_item_extension", "extension_id", postgresql_where=text("extension_id IS NOT NULL")
        ),
    )

    id: Mapped[Id]
    promise_id: Mapped[int | None] = refers_to("promise_to_pay.id")
    plan_id: Mapped[int | None] = refers_to("payment_plan.id")
    extension_id: Mapped[int | None] = refers_to("payment_extension.id")
    item_id: Mapped[int] = refers_to("receivable_item.id")
    amount: Mapped[Money]
    open_before: Mapped[Money]
    paid_before: Mapped[Decimal] = mapped_column(Numeric(18, 2), default=Decimal(0), server_default="0")
    mark_id: Mapped[int | None] = refers_to("item_mark.id")
    live: Mapped[bool] = mapped_column(default=True, server_default=true())

    item: Mapped[ReceivableItem] = relationship()
