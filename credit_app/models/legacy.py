"""Old debts found at take-over: the class of each debtor, and the campaigns that clean them up."""

from decimal import Decimal
from typing import Any

from sqlalchemy import CheckConstraint, Index, Numeric, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from credit_app.domain.legacy import LEGACY_CLASSES
from credit_app.models.base import CreatedAt, Day, Id, Instant, Model, Money, one_of, refers_to
from credit_app.models.customer import Customer
from credit_app.models.organisation import Branch, Person

CAMPAIGN_STATUSES = ("open", "closed")


class LegacyDebt(Model):
    """A customer with old debts: `amount` of them in base currency as of `seen_on`, the class that is suggested by the
    `facts` named in `leads`, and the one that a person confirmed or chose, with a reason where it differs."""

    __tablename__ = "legacy_debt"
    __table_args__ = (
        one_of("suggested", LEGACY_CLASSES),
        one_of("chosen", LEGACY_CLASSES),
        UniqueConstraint("customer_id", name="uq_legacy_debt_customer"),
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        CheckConstraint(
            "(chosen IS NULL) = (decided_by IS NULL) AND (chosen IS NULL) = (decided_at IS NULL)",
            name="chosen_by_somebody",
        ),
        CheckConstraint(
            "chosen IS NULL OR chosen = suggested OR btrim(reason) <> ''", name="change_with_reason"
        ),
        Index("ix_legacy_debt_oldest", "oldest_due", "id"),
    )

    id: Mapped[Id]
    customer_id: Mapped[int] = refers_to("customer.id")
    amount: Mapped[Decimal] = mapped_column(Numeric(18, 2))
    items: Mapped[int]
    oldest_due: Mapped[Day]
    seen_on: Mapped[Day]
    batch_id: Mapped[int | None] = refers_to("import_batch.id")
    suggested: Mapped[str] = mapped_column(String(20))
    leads: Mapped[list[Any]] = mapped_column(JSONB)
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    chosen: Mapped[str | None] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(500), default="", server_default="")
    decided_by: Mapped[int | None] = refers_to("person.id")
    decided_at: Mapped[Instant | None]
    created_at: Mapped[CreatedAt]

    customer: Mapped[Customer] = relationship()
    decider: Mapped[Person | None] = relationship(foreign_keys="LegacyDebt.decided_by")


class LegacyCampaign(Model):
    """A clean-up of old debts in some branches, from `starts_on` to `ends_on`; closed with a result in words."""

    __tablename__ = "legacy_campaign"
    __table_args__ = (
        one_of("status", CAMPAIGN_STATUSES),
        CheckConstraint("btrim(name) <> ''", name="name_given"),
        CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
        CheckConstraint(
            "(status = 'closed') = (closed_on IS NOT NULL) AND (status = 'open' OR btrim(result) <> '')",
            name="closed_with_result",
        ),
    )

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(10), default="open", server_default="open")
    starts_on: Mapped[Day]
    ends_on: Mapped[Day]
    result: Mapped[str] = mapped_column(String(2000), default="", server_default="")
    closed_on: Mapped[Day | None]
    closed_by: Mapped[int | None] = refers_to("person.id")
    made_by: Mapped[int | None] = refers_to("person.id")
    created_at: Mapped[CreatedAt]

    targets: Mapped[list["LegacyTarget"]] = relationship(order_by="LegacyTarget.id")
    closer: Mapped[Person | None] = relationship(foreign_keys="LegacyCampaign.closed_by")


class LegacyTarget(Model):
    """What a branch is to recover in a campaign, in base currency, by a day."""

    __tablename__ = "legacy_target"
    __table_args__ = (
        UniqueConstraint("campaign_id", "branch_id", name="uq_legacy_target_branch"),
        CheckConstraint("amount > 0", name="amount_positive"),
    )

    id: Mapped[Id]
    campaign_id: Mapped[int] = refers_to("legacy_campaign.id")
    branch_id: Mapped[int] = refers_to("branch.id")
    amount: Mapped[Money]
    due_on: Mapped[Day]

    branch: Mapped[Branch] = relationship()


class LegacyCampaignItem(Model):
    """An old debt that a campaign is about: what was open of it when it began, and what receipts had paid and what had
    been written off by then, so that what came since follows from the ledger. Rows are only added."""

    __tablename__ = "legacy_campaign_item"
    __table_args__ = (
        UniqueConstraint("campaign_id", "item_id", name="uq_legacy_campaign_item"),
        CheckConstraint("open_amount > 0", name="amount_positive"),
        Index("ix_legacy_campaign_item_item", "item_id"),
    )

    id: Mapped[Id]
    campaign_id: Mapped[int] = refers_to("legacy_campaign.id")
    item_id: Mapped[int] = refers_to("receivable_item.id")
    customer_id: Mapped[int] = refers_to("customer.id")
    branch_id: Mapped[int] = refers_to("branch.id")
    open_amount: Mapped[Money]
    paid_before: Mapped[Decimal] = mapped_column(Numeric(18, 2), default=Decimal(0), server_default="0")
    written_before: Mapped[Decimal] = mapped_column(Numeric(18, 2), default=Decimal(0), server_default="0")
