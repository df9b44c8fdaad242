"""Holds of customers: deliveries stopped after notice, and every step from the proposal to the release."""

from sqlalchemy import CheckConstraint, Index, SmallInteger, String, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from credit_app.domain.holds import SCOPES
from credit_app.models.base import CreatedAt, Day, Id, Model, Money, one_of, refers_to
from credit_app.models.customer_case import CustomerCase
from credit_app.models.organisation import Person
from credit_app.models.security import CustomerDocument

# proposed: the harm is assessed · assessed: waits for approval · approved: the notice is under way
# announced: it was delivered, its days run · active · releasing: the release waits to be decided · and four ends
HOLD_STATUSES = (
    "proposed", "assessed", "approved", "announced", "active", "releasing",
    "released", "refused", "withdrawn", "dropped",
)  # fmt: skip
BEFORE_THE_STOP = ("proposed", "assessed", "approved", "announced")
RUNNING_HOLDS = (*BEFORE_THE_STOP, "active", "releasing")
HOLD_STEPS = (
    "proposed", "assessed", "withdrawn", "approved", "refused", "sent_back", "noticed", "not_delivered",
    "delivered", "sales_told", "begun", "release_asked", "kept", "released", "dropped",
)  # fmt: skip
_RUNNING = ", ".join(f"'{status}'" for status in RUNNING_HOLDS)


class CustomerHold(CustomerCase, Model):
    """A stop of deliveries: all orders, or those from `from_amount` (in `currency`) on.

    `harm_…` is what a stop would hurt. `notice_days` are calendar days from `delivered_on`, on which the customer has
    received the notice; `held_from` and `held_until` are the first and the last day of the stop. `amount` was overdue.
    """

    __tablename__ = "customer_hold"
    __table_args__ = (
        one_of("status", HOLD_STATUSES),
        one_of("scope", SCOPES),
        CheckConstraint("(scope = 'above') = (from_amount IS NOT NULL)", name="from_an_amount"),
        CheckConstraint("from_amount > 0", name="from_more_than_nothing"),
        CheckConstraint("notice_days >= 0", name="notice_counted"),
        CheckConstraint("delivered_on >= noticed_on", name="noticed_before_delivered"),
        CheckConstraint(
            "held_from IS NULL OR held_from >= delivered_on + notice_days", name="held_after_notice"
        ),
        CheckConstraint(
            "status NOT IN ('active', 'releasing', 'released') OR (held_from IS NOT NULL AND document_id IS NOT NULL)",
            name="held_after_proof",
        ),
        CheckConstraint("(status = 'released') = (held_until IS NOT NULL)", name="released_with_day"),
        Index(
            "uq_customer_hold_running",
            "customer_id",
            unique=True,
            postgresql_where=text(f"status IN ({_RUNNING})"),
        ),
        Index("ix_customer_hold_customer", "customer_id", text("id DESC")),
    )

    case_id: Mapped[int | None] = refers_to("collection_case.id", index=True)
    scope: Mapped[str] = mapped_column(String(10), default="all", server_default="all")
    from_amount: Mapped[Money | None]
    ground: Mapped[str] = mapped_column(String(500), default="", server_default="")
    harm_life: Mapped[bool] = mapped_column(default=False, server_default=false())
    harm_property: Mapped[bool] = mapped_column(default=False, server_default=false())
    harm_contract: Mapped[bool] = mapped_column(default=False, server_default=false())
    harm_note: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    sales_view: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    alternative: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    assessed_by: Mapped[int | None] = refers_to("person.id")
    notice_days: Mapped[int | None] = mapped_column(SmallInteger)
    noticed_on: Mapped[Day | None]
    delivered_on: Mapped[Day | None]
    received_by: Mapped[str] = mapped_column(String(200), default="", server_default="")
    document_id: Mapped[int | None] = refers_to("customer_document.id")
    stop_on: Mapped[Day | None]
    held_from: Mapped[Day | None]
    held_until: Mapped[Day | None]

    document: Mapped[CustomerDocument | None] = relationship()
    proposer: Mapped[Person | None] = relationship(foreign_keys="CustomerHold.made_by")
    steps: Mapped[list["HoldStep"]] = relationship(back_populates="hold", order_by="HoldStep.id")


class HoldStep(Model):
    """What happened to a hold, by whom (None: the system) and why. Rows are only added."""

    __tablename__ = "hold_step"
    __table_args__ = (one_of("kind", HOLD_STEPS), Index("ix_hold_step_hold", "hold_id", "id"))

    id: Mapped[Id]
    hold_id: Mapped[int] = refers_to("customer_hold.id")
    kind: Mapped[str] = mapped_column(String(20))
    done_on: Mapped[Day]
    note: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    made_by: Mapped[int | None] = refers_to("person.id")
    created_at: Mapped[CreatedAt]

    hold: Mapped[CustomerHold] = relationship(back_populates="steps")
    maker: Mapped[Person | None] = relationship(foreign_keys="HoldStep.made_by")
