"""Orders of customers as the order system tells them, what each check said, and the releases of orders on hold."""

from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from credit_app.domain.order_check import OUTCOMES
from credit_app.models.base import CreatedAt, Day, Id, Instant, Model, Money, one_of, refers_to
from credit_app.models.customer import Customer
from credit_app.models.customer_case import CustomerCase
from credit_app.models.organisation import Person
from credit_app.models.security import Security

# closed: delivered and invoiced, nothing more is expected of it.
ORDER_STATUSES = ("open", "cancelled", "closed")
# What made somebody or something check: a message of the order system, a person, the regular look at what is held,
# a release that was given or has ended.
CHECK_CAUSES = ("message", "screen", "recheck", "release")
RELEASE_KINDS = ("once", "until", "up_to")
# revoked: something happened after which nobody would have released; lifted: the order passes without it; withdrawn:
# sales has given the request up before it was decided.
RELEASE_STATUSES = (
    "asked", "awaiting_security", "in_approval", "active", "used", "expired", "revoked", "refused", "lifted",
    "withdrawn",
)  # fmt: skip
# Waiting for an answer; at most one of these for an order, and one for a customer as a whole.
WAITING_RELEASES = ("asked", "awaiting_security", "in_approval")
RUNNING_RELEASES = (*WAITING_RELEASES, "active")
_WAITING = ", ".join(f"'{status}'" for status in WAITING_RELEASES)
_RUNNING = ", ".join(f"'{status}'" for status in RUNNING_RELEASES)


class SalesOrder(Model):
    """An order as its last message left it, and as the last check judged it.

    `external_id` is its number in the order system `source`; `sequence` the number of the last message, `content_hash`
    what that one said. `amount`, `delivered_amount` and `invoiced_amount` are in `currency`, all with taxes.
    `entered_on` is the day of its first message, `told_on` that of the last one. `outcome` is what the last check said
    of what is not delivered, of a cancelled order what was said before; `release_id` the release under which it is
    delivered all the same, its outcome is then 'warn'. `is_held`: what is not delivered of it waits. `checked_on` is
    the day of that check, `looked_at` when it was last looked at again while on hold, whether or not that changed
    anything. A cancelled order delivers nothing more; what it had delivered is still invoiced.
    """

    __tablename__ = "sales_order"
    __table_args__ = (
        UniqueConstraint("source", "external_id", name="uq_sales_order"),
        one_of("status", ORDER_STATUSES),
        one_of("outcome", OUTCOMES),
        CheckConstraint("btrim(external_id) <> ''", name="external_id_given"),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("delivered_amount >= 0", name="delivered_not_negative"),
        CheckConstraint("invoiced_amount >= 0", name="invoiced_not_negative"),
        CheckConstraint("payment_days BETWEEN 0 AND 3650", name="payment_days_in_range"),
        CheckConstraint("payment_method ~ '^[a-z_]+$'", name="payment_method_word"),
        CheckConstraint("sequence >= 0", name="sequence_counted"),
        CheckConstraint("content_hash ~ '^[0-9a-f]{64}$'", name="content_hash_hex"),
        CheckConstraint("told_on >= entered_on", name="told_after_entered"),
        CheckConstraint("release_id IS NULL OR outcome <> 'hold'", name="released_is_no_hold"),
        CheckConstraint("is_held = (status = 'open' AND outcome = 'hold')", name="held_as_checked"),
        Index("ix_sales_order_customer", "customer_id", text("id DESC")),
        Index("ix_sales_order_external", "external_id"),  # people look for it without its system
        Index("ix_sales_order_entered", "customer_id", "entered_on"),
        Index("ix_sales_order_counting", "customer_id", postgresql_where=text("status <> 'closed'")),
        Index(
            "ix_sales_order_held",
            "looked_at",
            "id",
            postgresql_where=text("is_held"),
        ),
        # The list: what is on hold first, then the newest.
        Index("ix_sales_order_list", text("is_held DESC"), text("id DESC")),
        Index("ix_sales_order_release", "release_id", postgresql_where=text("release_id IS NOT NULL")),
    )

    id: Mapped[Id]
    source: Mapped[str] = mapped_column(String(60))
    external_id: Mapped[str] = mapped_column(String(100))
    customer_id: Mapped[int] = refers_to("customer.id")
    amount: Mapped[Money]
    currency: Mapped[str] = mapped_column(String(3), ForeignKey("currency.code"))
    payment_days: Mapped[int] = mapped_column(Integer)
    payment_method: Mapped[str] = mapped_column(String(20))
    ordered_on: Mapped[Day]
    deliver_on: Mapped[Day | None]
    delivered_amount: Mapped[Money] = mapped_column(default=0, server_default="0")
    invoiced_amount: Mapped[Money] = mapped_column(default=0, server_default="0")
    status: Mapped[str] = mapped_column(String(10), default="open", server_default="open")
    sequence: Mapped[int] = mapped_column(BigInteger)
    content_hash: Mapped[str] = mapped_column(String(64))
    entered_on: Mapped[Day]
    told_on: Mapped[Day]
    outcome: Mapped[str] = mapped_column(String(10))
    is_held: Mapped[bool]
    checked_at: Mapped[Instant]
    checked_on: Mapped[Day]
    looked_at: Mapped[Instant]
    release_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("order_release.id", name="sales_order_release_id_fkey", use_alter=True)
    )
    created_at: Mapped[CreatedAt]

    customer: Mapped[Customer] = relationship()
    release: Mapped["OrderRelease | None"] = relationship(foreign_keys="SalesOrder.release_id")
    checks: Mapped[list["OrderCheck"]] = relationship(back_populates="order", order_by="OrderCheck.id")


class OrderMessage(Model):
    """What one message said of an order. Rows are only added: with them the orders of a past day can be seen again."""

    __tablename__ = "order_message"
    __table_args__ = (
        UniqueConstraint("order_id", "sequence", name="uq_order_message"),
        one_of("status", ORDER_STATUSES),
        Index("ix_order_message_day", "customer_id", "told_on"),
    )

    id: Mapped[Id]
    order_id: Mapped[int] = refers_to("sales_order.id")
    customer_id: Mapped[int] = refers_to("customer.id")
    sequence: Mapped[int] = mapped_column(BigInteger)
    told_on: Mapped[Day]
    amount: Mapped[Money]
    currency: Mapped[str] = mapped_column(String(3))
    payment_days: Mapped[int] = mapped_column(Integer)
    payment_method: Mapped[str] = mapped_column(String(20))
    deliver_on: Mapped[Day | None]
    delivered_amount: Mapped[Money]
    invoiced_amount: Mapped[Money]
    status: Mapped[str] = mapped_column(String(10))
    token_id: Mapped[int | None] = refers_to("api_token.id")
    created_at: Mapped[CreatedAt]


class OrderCheck(Model):
    """One check of an order: who or what asked, what went in, the figures, and every rule that fired.

    `inputs` are the order's own data, `figures` amounts in base currency, `findings` the rules that fired with their
    sentences, `as_of` the day whose ledger and policy counted, `release_id` the release that covers every rule that
    holds. Rows are only added.
    """

    __tablename__ = "order_check"
    __table_args__ = (
        one_of("outcome", OUTCOMES),
        one_of("cause", CHECK_CAUSES),
        CheckConstraint("release_id IS NULL OR outcome <> 'hold'", name="released_is_no_hold"),
        Index("ix_order_check_order", "order_id", "id"),
        Index("ix_order_check_customer", "customer_id", text("id DESC")),
        Index("ix_order_check_release", "release_id", postgresql_where=text("release_id IS NOT NULL")),
    )

    id: Mapped[Id]
    order_id: Mapped[int] = refers_to("sales_order.id")
    customer_id: Mapped[int] = refers_to("customer.id")
    cause: Mapped[str] = mapped_column(String(10))
    token_id: Mapped[int | None] = refers_to("api_token.id")
    person_id: Mapped[int | None] = refers_to("person.id")
    as_of: Mapped[Day]
    outcome: Mapped[str] = mapped_column(String(10))
    release_id: Mapped[int | None] = refers_to("order_release.id")
    inputs: Mapped[dict[str, Any]] = mapped_column(JSONB)
    figures: Mapped[dict[str, Any]] = mapped_column(JSONB)
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    created_at: Mapped[CreatedAt]

    order: Mapped[SalesOrder] = relationship(back_populates="checks")
    person: Mapped[Person | None] = relationship()


class OrderRelease(CustomerCase, Model):
    """A release of what the order check holds: one order once, or a customer until a day or up to an amount.

    `amount` in `currency` is what was asked for: of a release once the order's amount, above which it does not cover.
    `rules` are the rules that it was decided for; another one that fires later holds all the same. `valid_until` is its
    last day; `up_to_amount` what the orders delivered under it may come to (see `credit_app.facts.order_reading`).
    `payment_days` and `payment_method` are the terms of the order that it was decided for: where terms hold an order,
    it covers no longer and no riskier ones.
    `ground` is why, `assessment` what the analyst says of the risk, `security_asked` what is to be given for it and
    `security_id` what was given, `level` whose decision it is. `closed_on` is the day on which it ended, `revoked_by`
    the rule, or the grade, that revoked it.
    """

    __tablename__ = "order_release"
    __table_args__ = (
        one_of("kind", RELEASE_KINDS),
        one_of("status", RELEASE_STATUSES),
        CheckConstraint("kind <> 'once' OR order_id IS NOT NULL", name="once_for_an_order"),
        CheckConstraint("kind <> 'until' OR valid_until IS NOT NULL", name="until_a_day"),
        CheckConstraint("(kind = 'up_to') = (up_to_amount IS NOT NULL)", name="up_to_an_amount"),
        CheckConstraint("up_to_amount > 0", name="up_to_more_than_nothing"),
        CheckConstraint("amount IS NOT NULL AND amount > 0 AND currency IS NOT NULL", name="amount_given"),
        CheckConstraint("cardinality(rules) > 0", name="for_some_rule"),
        CheckConstraint("btrim(ground) <> ''", name="ground_given"),
        CheckConstraint(
            "status NOT IN ('active', 'used', 'expired', 'revoked', 'refused') OR decided_on IS NOT NULL",
            name="decided_with_day",
        ),
        CheckConstraint(
            "status NOT IN ('active', 'used', 'expired', 'revoked') OR valid_until >= decided_on",
            name="valid_after_decided",
        ),
        CheckConstraint(
            "status NOT IN ('active', 'used', 'expired', 'revoked') OR (decided_by <> made_by "
            "AND decided_by <> assessed_by)",
            name="decided_by_another",
        ),
        CheckConstraint("(status = 'revoked') = (revoked_by IS NOT NULL)", name="revoked_by_something"),
        Index(
            "uq_order_release_waiting_order",
            "order_id",
            unique=True,
            postgresql_where=text(f"order_id IS NOT NULL AND status IN ({_WAITING})"),
        ),
        Index(
            "uq_order_release_waiting_customer",
            "customer_id",
            unique=True,
            postgresql_where=text(f"order_id IS NULL AND status IN ({_WAITING})"),
        ),
        Index(
            "uq_order_release_active_customer",
            "customer_id",
            unique=True,
            postgresql_where=text("kind <> 'once' AND status = 'active'"),
        ),
        Index("ix_order_release_customer", "customer_id", text("id DESC")),
        Index("ix_order_release_order", "order_id", text("id DESC")),
        Index("ix_order_release_running", "id", postgresql_where=text(f"status IN ({_RUNNING})")),
    )

    order_id: Mapped[int | None] = refers_to("sales_order.id")
    kind: Mapped[str] = mapped_column(String(10))
    rules: Mapped[list[str]] = mapped_column(ARRAY(String(30)))
    valid_until: Mapped[Day | None]
    up_to_amount: Mapped[Money | None]
    payment_days: Mapped[int | None] = mapped_column(Integer)
    payment_method: Mapped[str | None] = mapped_column(String(20))
    ground: Mapped[str] = mapped_column(String(1000))
    assessment: Mapped[str] = mapped_column(String(2000), default="", server_default="")
    assessed_by: Mapped[int | None] = refers_to("person.id")
    security_asked: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    security_id: Mapped[int | None] = refers_to("security.id")
    level: Mapped[str | None] = mapped_column(String(30))
    decided_by: Mapped[int | None] = refers_to("person.id")
    decided_on: Mapped[Day | None]
    decision_note: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    closed_on: Mapped[Day | None]
    revoked_by: Mapped[str | None] = mapped_column(String(30))

    order: Mapped[SalesOrder | None] = relationship(foreign_keys="OrderRelease.order_id")
    asker: Mapped[Person | None] = relationship(foreign_keys="OrderRelease.made_by")
    assessor: Mapped[Person | None] = relationship(foreign_keys=[assessed_by])
    security: Mapped[Security | None] = relationship()
    decider: Mapped[Person | None] = relationship(foreign_keys=[decided_by])
