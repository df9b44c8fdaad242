"""Late interest as it was claimed or waived, and the rates that were agreed with customers."""

from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from credit_app.models.base import CreatedAt, Day, Id, Model, Money, one_of, refers_to
from credit_app.models.ledger import ReceivableItem

CLAIM_OUTCOMES = ("claimed", "waived")


class InterestClaim(Model):
    """The late interest of an item for a period, claimed or waived once; the next period begins the day after.

    `amount` in the item's currency; `fee` in `fee_currency`, claimed or waived once for an item. What was claimed is
    owed by `interest_item_id` and `fee_item_id`. Rows are only added.
    """

    __tablename__ = "interest_claim"
    __table_args__ = (
        one_of("outcome", CLAIM_OUTCOMES),
        UniqueConstraint("item_id", "from_on", name="uq_interest_claim_period"),
        Index("uq_interest_claim_fee", "item_id", unique=True, postgresql_where=text("fee <> 0")),
        CheckConstraint("to_on >= from_on", name="days_in_order"),
        CheckConstraint("amount >= 0 AND fee >= 0 AND amount + fee > 0", name="something"),
        CheckConstraint("(fee = 0) = (fee_currency IS NULL)", name="fee_with_currency"),
        CheckConstraint(
            "(outcome = 'claimed' AND amount > 0) = (interest_item_id IS NOT NULL)", name="claimed_with_item"
        ),
        CheckConstraint(
            "(outcome = 'claimed' AND fee > 0) = (fee_item_id IS NOT NULL)", name="fee_with_item"
        ),
        CheckConstraint("outcome = 'claimed' OR btrim(reason) <> ''", name="waived_with_reason"),
        CheckConstraint("outcome = 'claimed' OR made_by IS NOT NULL", name="waived_by_somebody"),
    )

    id: Mapped[Id]
    item_id: Mapped[int] = refers_to("receivable_item.id")
    outcome: Mapped[str] = mapped_column(String(10))
    from_on: Mapped[Day]
    to_on: Mapped[Day]
    amount: Mapped[Money]
    fee: Mapped[Money] = mapped_column(default=Decimal(0), server_default="0")
    fee_currency: Mapped[str | None] = mapped_column(String(3), ForeignKey("currency.code"))
    interest_item_id: Mapped[int | None] = refers_to("receivable_item.id", unique=True)
    fee_item_id: Mapped[int | None] = refers_to("receivable_item.id", unique=True)
    reason: Mapped[str] = mapped_column(String(500), default="", server_default="")
    authority: Mapped[str] = mapped_column(String(30), default="", server_default="")
    made_by: Mapped[int | None] = refers_to("person.id")
    created_at: Mapped[CreatedAt]

    item: Mapped[ReceivableItem] = relationship(foreign_keys=item_id)
    interest_item: Mapped[ReceivableItem | None] = relationship(foreign_keys=interest_item_id)
    fee_item: Mapped[ReceivableItem | None] = relationship(foreign_keys=fee_item_id)


class InterestAgreement(Model):
    """What was agreed with a customer about debts that fall into default from `valid_from` on.

    `rate` is per cent a year (None: what the law gives); `small_enterprise` says that the rules apply which protect
    small enterprises. The newest row whose day has come counts. Rows are only added.
    """

    __tablename__ = "interest_agreement"
    __table_args__ = (
        CheckConstraint("rate BETWEEN 0 AND 100", name="rate_per_cent"),
        CheckConstraint("btrim(ground) <> ''", name="ground_given"),
        Index("ix_interest_agreement_customer", "customer_id", text("valid_from DESC"), text("id DESC")),
    )

    id: Mapped[Id]
    customer_id: Mapped[int] = refers_to("customer.id")
    valid_from: Mapped[Day]
    rate: Mapped[Decimal | None] = mapped_column(Numeric(7, 4))
    small_enterprise: Mapped[bool] = mapped_column(default=False, server_default=false())
    ground: Mapped[str] = mapped_column(String(500))
    made_by: Mapped[int | None] = refers_to("person.id")
    created_at: Mapped[CreatedAt]
