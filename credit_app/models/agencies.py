"""Collection agencies, and the debts that are placed with them: items, monthly reports, and what was recovered."""

from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, Numeric, SmallInteger, String, UniqueConstraint, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from credit_app.domain.agencies import NEXT_STEPS, OVER, PAID_TO
from credit_app.models.base import CreatedAt, Day, Id, Model, Money, one_of, refers_to
from credit_app.models.customer_case import CustomerCase
from credit_app.models.ledger import Receipt, ReceivableItem
from credit_app.models.organisation import Person
from credit_app.models.security import CustomerDocument

# choosing · approving · handing: the documents go over · running · returning: recalled or given back · and five ends
PLACEMENT_STATUSES = (
    "choosing", "approving", "handing", "running", "returning",
    "paid", "back", "refused", "withdrawn", "dropped",
)  # fmt: skip
RUNNING_PLACEMENTS = ("choosing", "approving", "handing", "running", "returning")
_RUNNING = ", ".join(f"'{status}'" for status in RUNNING_PLACEMENTS)


class Agency(Model):
    """A collection agency: the countries it works in (ISO 3166 alpha-2, divided by blanks; empty: all), the last day of
    its contract, and our own score of it from 0 to 100."""

    __tablename__ = "agency"
    __table_args__ = (CheckConstraint("score BETWEEN 0 AND 100", name="score_in_range"),)

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(200), unique=True)
    email: Mapped[str] = mapped_column(String(200), default="", server_default="")
    countries: Mapped[str] = mapped_column(String(300), default="", server_default="")
    contract_ends_on: Mapped[Day | None]
    score: Mapped[int | None] = mapped_column(SmallInteger)
    note: Mapped[str] = mapped_column(String(500), default="", server_default="")
    active: Mapped[bool] = mapped_column(default=True, server_default=true())
    created_at: Mapped[CreatedAt]

    fees: Mapped[list["AgencyFee"]] = relationship(order_by="AgencyFee.place", cascade="all, delete-orphan")


class AgencyFee(Model):
    """A line of an agency's fee scale, in per cent of what is recovered; the first that a debt fits counts."""

    __tablename__ = "agency_fee"
    __table_args__ = (
        UniqueConstraint("agency_id", "place", name="uq_agency_fee_place"),
        CheckConstraint("percent BETWEEN 0 AND 100", name="percent_in_range"),
    )

    id: Mapped[Id]
    agency_id: Mapped[int] = refers_to("agency.id")
    place: Mapped[int] = mapped_column(SmallInteger)
    up_to_days: Mapped[int | None]
    up_to_amount: Mapped[Money | None]
    percent: Mapped[Decimal] = mapped_column(Numeric(5, 2))


class AgencyPlacement(CustomerCase, Model):
    """Debts of one customer in one `currency` with an agency; `amount` was open when they were chosen.

    `level` is the role that approves. `over` says why it ended or ends; a recall takes effect on `recall_on`.
    """

    __tablename__ = "agency_placement"
    __table_args__ = (
        one_of("status", PLACEMENT_STATUSES),
        one_of("over", OVER),
        one_of("next_step", NEXT_STEPS),
        CheckConstraint("(over = 'recalled') = (recall_on IS NOT NULL)", name="recalled_with_day"),
        CheckConstraint(
            "status NOT IN ('running', 'returning', 'back') OR (handed_on IS NOT NULL AND document_id IS NOT NULL)",
            name="handed_over_with_proof",
        ),
        CheckConstraint("back_on >= recall_on", name="back_after_notice"),
        Index(
            "uq_agency_placement_running",
            "customer_id",
            unique=True,
            postgresql_where=text(f"status IN ({_RUNNING})"),
        ),
        Index("ix_agency_placement_customer", "customer_id", text("id DESC")),
    )

    case_id: Mapped[int | None] = refers_to("collection_case.id", index=True)
    agency_id: Mapped[int | None] = refers_to("agency.id", index=True)
    fee_estimate: Mapped[Money | None]
    level: Mapped[str | None] = mapped_column(String(30))
    chosen_by: Mapped[int | None] = refers_to("person.id")
    decided_by: Mapped[int | None] = refers_to("person.id")
    decided_on: Mapped[Day | None]
    note: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    handed_on: Mapped[Day | None]
    handed_to: Mapped[str] = mapped_column(String(200), default="", server_default="")
    handed_what: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    document_id: Mapped[int | None] = refers_to("customer_document.id")
    report_due_on: Mapped[Day | None]
    over: Mapped[str | None] = mapped_column(String(20))
    over_note: Mapped[str] = mapped_column(String(500), default="", server_default="")
    recall_on: Mapped[Day | None]
    back_on: Mapped[Day | None]
    next_step: Mapped[str | None] = mapped_column(String(20))

    agency: Mapped[Agency | None] = relationship()
    chooser: Mapped[Person | None] = relationship(foreign_keys="AgencyPlacement.chosen_by")
    decider: Mapped[Person | None] = relationship(foreign_keys="AgencyPlacement.decided_by")
    document: Mapped[CustomerDocument | None] = relationship()
    items: Mapped[list["PlacementItem"]] = relationship(
        order_by="PlacementItem.id", cascade="all, delete-orphan"
    )
    reports: Mapped[list["AgencyReport"]] = relationship(order_by="AgencyReport.id")
    recoveries: Mapped[list["AgencyRecovery"]] = relationship(order_by="AgencyRecovery.id")


class PlacementItem(Model):
    """A debt that is placed: what was open of it, and the agency's fee in per cent."""

    __tablename__ = "placement_item"
    __table_args__ = (
        UniqueConstraint("placement_id", "item_id", name="uq_placement_item"),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("percent BETWEEN 0 AND 100", name="percent_in_range"),
        Index("ix_placement_item_item", "item_id"),
    )

    id: Mapped[Id]
    placement_id: Mapped[int] = refers_to("agency_placement.id")
    item_id: Mapped[int] = refers_to("receivable_item.id")
    amount: Mapped[Money]
    percent: Mapped[Decimal] = mapped_column(Numeric(5, 2))

    item: Mapped[ReceivableItem] = relationship()


class AgencyReport(Model):
    """What an agency reported on a day, or that its report did not come. Rows are only added."""

    __tablename__ = "agency_report"
    __table_args__ = (Index("ix_agency_report_placement", "placement_id", "id"),)

    id: Mapped[Id]
    placement_id: Mapped[int] = refers_to("agency_placement.id")
    reported_on: Mapped[Day]
    came: Mapped[bool]
    note: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    made_by: Mapped[int | None] = refers_to("person.id")
    created_at: Mapped[CreatedAt]


class AgencyRecovery(Model):
    """What an agency recovered, as it says: no entry of the ledger, but tied to the receipt when the money has come.

    `fee` is ours to pay; where the debtor owes it, `cost_item_id` is the item that asks for it. Rows are only added.
    """

    __tablename__ = "agency_recovery"
    __table_args__ = (
        one_of("paid_to", PAID_TO),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("fee BETWEEN 0 AND amount", name="fee_within_amount"),
        Index("ix_agency_recovery_placement", "placement_id", "id"),
    )

    id: Mapped[Id]
    placement_id: Mapped[int] = refers_to("agency_placement.id")
    recovered_on: Mapped[Day]
    amount: Mapped[Money]
    fee: Mapped[Money]
    paid_to: Mapped[str] = mapped_column(String(10))
    receipt_id: Mapped[int | None] = refers_to("receipt.id")
    cost_item_id: Mapped[int | None] = refers_to("receivable_item.id")
    note: Mapped[str] = mapped_column(String(500), default="", server_default="")
    made_by: Mapped[int | None] = refers_to("person.id")
    created_at: Mapped[CreatedAt]

    receipt: Mapped[Receipt | None] = relationship()
    cost_item: Mapped[ReceivableItem | None] = relationship()
