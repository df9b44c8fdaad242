"""Disputes of customers, imported disputes that have ended, old debts with their class, and their clean-up."""
# ruff: noqa: E501 (written by the migration tool)

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | None = None
depends_on: str | None = None

APPEND_ONLY = ("imported_dispute_end", "legacy_campaign_item")


def upgrade() -> None:
    op.create_table(
        "legacy_campaign",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(length=10), server_default="open", nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("result", sa.String(length=2000), server_default="", nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("closed_by", sa.BigInteger(), nullable=True),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(status = 'closed') = (closed_on IS NOT NULL) AND (status = 'open' OR btrim(result) <> '')",
            name="closed_with_result",
        ),
        sa.CheckConstraint("btrim(name) <> ''", name="name_given"),
        sa.CheckConstraint("status IN ('open', 'closed')", name="status_known"),
        sa.CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
        sa.ForeignKeyConstraint(
            ["closed_by"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["made_by"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "dispute",
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("claim", sa.String(length=2000), nullable=False),
        sa.Column("claimed_by", sa.String(length=200), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("owner_role", sa.String(length=30), nullable=True),
        sa.Column("escalated_on", sa.Date(), nullable=True),
        sa.Column("cause", sa.String(length=30), nullable=True),
        sa.Column("finding", sa.String(length=2000), server_default="", nullable=False),
        sa.Column("proposal", sa.String(length=20), nullable=True),
        sa.Column("ground", sa.String(length=1000), server_default="", nullable=False),
        sa.Column("investigated_by", sa.BigInteger(), nullable=True),
        sa.Column("investigated_on", sa.Date(), nullable=True),
        sa.Column("level", sa.String(length=30), nullable=True),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decision_note", sa.String(length=1000), server_default="", nullable=False),
        sa.Column("credited", sa.Numeric(precision=18, scale=2), server_default="0", nullable=False),
        sa.Column("contract_review", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("instance_id", sa.BigInteger(), nullable=True),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(status IN ('investigating', 'in_decision')) = (closed_on IS NULL)", name="closed_with_day"
        ),
        sa.CheckConstraint(
            "cause IN ('wrong_price', 'wrong_invoice', 'payment_not_booked', 'defective_goods', 'wrong_delivery', 'late_delivery', 'poor_service', 'unclear_contract', 'customer_error', 'no_fault')",
            name="cause_known",
        ),
        sa.CheckConstraint(
            "channel IN ('call', 'email', 'sms', 'letter', 'visit', 'meeting')", name="channel_known"
        ),
        sa.CheckConstraint("proposal IN ('credited', 'partly', 'rejected')", name="proposal_known"),
        sa.CheckConstraint(
            "reason IN ('amount', 'quality', 'service', 'delivery', 'terms', 'unclear_clause')",
            name="reason_known",
        ),
        sa.CheckConstraint(
            "status IN ('investigating', 'in_decision', 'credited', 'partly', 'rejected', 'paid')",
            name="status_known",
        ),
        sa.CheckConstraint(
            "status NOT IN ('credited', 'partly') OR decided_by IS NOT NULL", name="credited_by_decision"
        ),
        sa.CheckConstraint("(cause IS NULL) = (investigated_by IS NULL)", name="cause_by_person"),
        sa.CheckConstraint("amount > 0 AND currency IS NOT NULL", name="amount_positive"),
        sa.CheckConstraint("answer_by >= opened_on", name="answered_after_opened"),
        sa.CheckConstraint("credited >= 0 AND credited <= amount", name="credited_within"),
        sa.CheckConstraint(
            "decided_by IS NULL OR (decided_by <> investigated_by AND decided_by <> made_by)",
            name="decided_by_another",
        ),
        sa.ForeignKeyConstraint(
            ["currency"],
            ["currency.code"],
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["instance_id"],
            ["instance.id"],
        ),
        sa.ForeignKeyConstraint(
            ["investigated_by"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["made_by"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("instance_id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index(
        "ix_dispute_contract", "dispute", ["id"], unique=False, postgresql_where=sa.text("contract_review")
    )
    op.create_index(
        "ix_dispute_customer",
        "dispute",
        ["customer_id", sa.literal_column("opened_on DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_dispute_status",
        "dispute",
        ["status", sa.literal_column("opened_on DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_table(
        "legacy_debt",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("oldest_due", sa.Date(), nullable=False),
        sa.Column("seen_on", sa.Date(), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.Column("suggested", sa.String(length=20), nullable=False),
        sa.Column("leads", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("chosen", sa.String(length=20), nullable=True),
        sa.Column("reason", sa.String(length=500), server_default="", nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "chosen IN ('cannot_pay', 'will_not_pay', 'protected', 'heavy_old_arrears', 'highly_mobile')",
            name="chosen_known",
        ),
        sa.CheckConstraint(
            "chosen IS NULL OR chosen = suggested OR btrim(reason) <> ''", name="change_with_reason"
        ),
        sa.CheckConstraint(
            "suggested IN ('cannot_pay', 'will_not_pay', 'protected', 'heavy_old_arrears', 'highly_mobile')",
            name="suggested_known",
        ),
        sa.CheckConstraint(
            "(chosen IS NULL) = (decided_by IS NULL) AND (chosen IS NULL) = (decided_at IS NULL)",
            name="chosen_by_somebody",
        ),
        sa.CheckConstraint("amount >= 0", name="amount_not_negative"),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["import_batch.id"],
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("customer_id", name="uq_legacy_debt_customer"),
    )
    op.create_index("ix_legacy_debt_oldest", "legacy_debt", ["oldest_due", "id"], unique=False)
    op.create_table(
        "legacy_target",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("branch_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.CheckConstraint("amount > 0", name="amount_positive"),
        sa.ForeignKeyConstraint(
            ["branch_id"],
            ["branch.id"],
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["legacy_campaign.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("campaign_id", "branch_id", name="uq_legacy_target_branch"),
    )
    op.create_table(
        "imported_dispute_end",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=False),
        sa.Column("dispute_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=500), server_default="", nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("dispute_id IS NOT NULL OR btrim(reason) <> ''", name="reason_given"),
        sa.ForeignKeyConstraint(
            ["dispute_id"],
            ["dispute.id"],
        ),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["receivable_item.id"],
        ),
        sa.ForeignKeyConstraint(
            ["made_by"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("item_id", name="uq_imported_dispute_end_item"),
    )
    op.create_table(
        "legacy_campaign_item",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("branch_id", sa.BigInteger(), nullable=False),
        sa.Column("open_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("paid_before", sa.Numeric(precision=18, scale=2), server_default="0", nullable=False),
        sa.Column("written_before", sa.Numeric(precision=18, scale=2), server_default="0", nullable=False),
        sa.CheckConstraint("open_amount > 0", name="amount_positive"),
        sa.ForeignKeyConstraint(
            ["branch_id"],
            ["branch.id"],
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["legacy_campaign.id"],
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
        ),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["receivable_item.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("campaign_id", "item_id", name="uq_legacy_campaign_item"),
    )
    op.create_index("ix_legacy_campaign_item_item", "legacy_campaign_item", ["item_id"], unique=False)
    op.create_table(
        "dispute_document",
        sa.Column("dispute_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("document_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["dispute_id"],
            ["dispute.id"],
        ),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["customer_document.id"],
        ),
        sa.PrimaryKeyConstraint("dispute_id", "document_id"),
    )
    op.create_table(
        "dispute_item",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("dispute_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("paid", sa.Numeric(precision=18, scale=2), server_default="0", nullable=False),
        sa.Column("credit", sa.Numeric(precision=18, scale=2), server_default="0", nullable=False),
        sa.Column("mark_id", sa.BigInteger(), nullable=True),
        sa.Column("adjustment_id", sa.BigInteger(), nullable=True),
        sa.Column("live", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.CheckConstraint("amount > 0", name="amount_positive"),
        sa.CheckConstraint("paid >= 0 AND credit >= 0 AND paid + credit <= amount", name="within_amount"),
        sa.ForeignKeyConstraint(
            ["adjustment_id"],
            ["adjustment.id"],
        ),
        sa.ForeignKeyConstraint(
            ["dispute_id"],
            ["dispute.id"],
        ),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["receivable_item.id"],
        ),
        sa.ForeignKeyConstraint(
            ["mark_id"],
            ["item_mark.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("adjustment_id"),
        sa.UniqueConstraint("dispute_id", "item_id", name="uq_dispute_item_once"),
    )
    op.create_index(
        "ix_dispute_item_item", "dispute_item", ["item_id"], unique=False, postgresql_where=sa.text("live")
    )
    for table in APPEND_ONLY:
        op.execute(
            f"""CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"""
        )


def downgrade() -> None:
    raise NotImplementedError(
        "What this revision keeps has no place in the one before: restore a backup instead."
    )
