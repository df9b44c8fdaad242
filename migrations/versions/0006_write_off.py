"""Late interest claimed and waived, write-offs with their recoveries, and the provision of each month end."""
# ruff: noqa: E501 (written by the migration tool)

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | None = None
depends_on: str | None = None

APPEND_ONLY = (
    "interest_claim",
    "interest_agreement",
    "write_off_decision",
    "recovery",
    "provision_run",
    "provision_line",
    "provision_movement",
    "specific_reserve",
)
REASONS = (
    "correction",
    "discount",
    "small_difference",
    "price",
    "goods_returned",
    "other",
    "written_off",
    "recovered",
    "waived",
)


def upgrade() -> None:
    op.create_table(
        "provision_run",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("month_end", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "month_end = (date_trunc('month', month_end) + interval '1 month' - interval '1 day')::date",
            name="last_of_month",
        ),
        sa.ForeignKeyConstraint(
            ["currency"],
            ["currency.code"],
        ),
        sa.ForeignKeyConstraint(
            ["made_by"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("month_end", name="uq_provision_run_month"),
    )
    op.create_table(
        "interest_agreement",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("rate", sa.Numeric(precision=7, scale=4), nullable=True),
        sa.Column("small_enterprise", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("ground", sa.String(length=500), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("btrim(ground) <> ''", name="ground_given"),
        sa.CheckConstraint("rate BETWEEN 0 AND 100", name="rate_per_cent"),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
        ),
        sa.ForeignKeyConstraint(
            ["made_by"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_interest_agreement_customer",
        "interest_agreement",
        ["customer_id", sa.literal_column("valid_from DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_table(
        "provision_movement",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("segment", sa.String(length=20), nullable=False),
        sa.Column("opening", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("charge", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("reversal", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("write_off", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("recovery", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("fx", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("closing", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.CheckConstraint("charge >= 0 AND reversal >= 0 AND (charge = 0 OR reversal = 0)", name="one_way"),
        sa.CheckConstraint(
            "opening + charge - reversal - write_off + recovery + fx = closing", name="movement_ties"
        ),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["provision_run.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("run_id", "segment", name="uq_provision_movement"),
    )
    op.create_table(
        "write_off",
        sa.Column("ground", sa.String(length=30), nullable=True),
        sa.Column("note", sa.String(length=2000), server_default="", nullable=False),
        sa.Column("proposed_by", sa.BigInteger(), nullable=True),
        sa.Column("proposed_for", sa.BigInteger(), nullable=True),
        sa.Column("proposed_on", sa.Date(), nullable=True),
        sa.Column("round", sa.Integer(), server_default="0", nullable=False),
        sa.Column("written_on", sa.Date(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("instance_id", sa.BigInteger(), nullable=True),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("(status = 'written_off') = (written_on IS NOT NULL)", name="written_with_day"),
        sa.CheckConstraint(
            "ground IN ('insolvency', 'enforcement_failed', 'untraceable', 'age', 'small_amount')",
            name="ground_known",
        ),
        sa.CheckConstraint(
            "status IN ('proposing', 'in_approval', 'written_off', 'refused', 'withdrawn')",
            name="status_known",
        ),
        sa.CheckConstraint(
            "status NOT IN ('in_approval', 'written_off', 'refused') OR (ground IS NOT NULL AND proposed_by IS NOT NULL)",
            name="proposed_with_ground",
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
            ["instance_id"],
            ["instance.id"],
        ),
        sa.ForeignKeyConstraint(
            ["made_by"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["proposed_for"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("instance_id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index(
        "ix_write_off_customer", "write_off", ["customer_id", sa.literal_column("id DESC")], unique=False
    )
    op.create_index(
        "ix_write_off_status",
        "write_off",
        ["status", sa.literal_column("created_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_table(
        "interest_claim",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("fee", sa.Numeric(precision=18, scale=2), server_default="0", nullable=False),
        sa.Column("fee_currency", sa.String(length=3), nullable=True),
        sa.Column("interest_item_id", sa.BigInteger(), nullable=True),
        sa.Column("fee_item_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=500), server_default="", nullable=False),
        sa.Column("authority", sa.String(length=30), server_default="", nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(outcome = 'claimed' AND amount > 0) = (interest_item_id IS NOT NULL)", name="claimed_with_item"
        ),
        sa.CheckConstraint(
            "(outcome = 'claimed' AND fee > 0) = (fee_item_id IS NOT NULL)", name="fee_with_item"
        ),
        sa.CheckConstraint("outcome = 'claimed' OR btrim(reason) <> ''", name="waived_with_reason"),
        sa.CheckConstraint("outcome = 'claimed' OR made_by IS NOT NULL", name="waived_by_somebody"),
        sa.CheckConstraint("outcome IN ('claimed', 'waived')", name="outcome_known"),
        sa.CheckConstraint("(fee = 0) = (fee_currency IS NULL)", name="fee_with_currency"),
        sa.CheckConstraint("amount >= 0 AND fee >= 0 AND amount + fee > 0", name="something"),
        sa.CheckConstraint("to_on >= from_on", name="days_in_order"),
        sa.ForeignKeyConstraint(
            ["fee_currency"],
            ["currency.code"],
        ),
        sa.ForeignKeyConstraint(
            ["fee_item_id"],
            ["receivable_item.id"],
        ),
        sa.ForeignKeyConstraint(
            ["interest_item_id"],
            ["receivable_item.id"],
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
        sa.UniqueConstraint("fee_item_id"),
        sa.UniqueConstraint("interest_item_id"),
        sa.UniqueConstraint("item_id", "from_on", name="uq_interest_claim_period"),
    )
    op.create_index(
        "uq_interest_claim_fee",
        "interest_claim",
        ["item_id"],
        unique=True,
        postgresql_where=sa.text("fee <> 0"),
    )
    op.create_table(
        "provision_line",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("segment", sa.String(length=20), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=True),
        sa.Column("item_id", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("balance", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("rate", sa.Numeric(precision=9, scale=6), nullable=False),
        sa.Column("factor", sa.Numeric(precision=9, scale=6), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("base_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.CheckConstraint("(bucket IS NULL) = (item_id IS NOT NULL)", name="bucket_or_item"),
        sa.CheckConstraint("balance >= 0 AND amount >= 0 AND amount <= balance", name="within_balance"),
        sa.ForeignKeyConstraint(
            ["currency"],
            ["currency.code"],
        ),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["receivable_item.id"],
        ),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["provision_run.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_provision_line_run", "provision_line", ["run_id", "id"], unique=False)
    op.create_table(
        "specific_reserve",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("released", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("btrim(reason) <> ''", name="reason_given"),
        sa.CheckConstraint("amount >= 0 AND (NOT released OR amount = 0)", name="amount_or_released"),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["receivable_item.id"],
        ),
        sa.ForeignKeyConstraint(
            ["made_by"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_specific_reserve_item",
        "specific_reserve",
        ["item_id", sa.literal_column("from_on DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_table(
        "write_off_decision",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("write_off_id", sa.BigInteger(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=30), nullable=False),
        sa.Column("decision", sa.String(length=20), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("reason", sa.String(length=2000), server_default="", nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("on_behalf_of", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("decision = 'approve' OR btrim(reason) <> ''", name="reason_given"),
        sa.CheckConstraint("decision IN ('approve', 'refuse', 'send_back')", name="decision_known"),
        sa.ForeignKeyConstraint(
            ["on_behalf_of"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["write_off_id"],
            ["write_off.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_write_off_decision", "write_off_decision", ["write_off_id", "id"], unique=False)
    op.create_table(
        "write_off_evidence",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("write_off_id", sa.BigInteger(), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["customer_document.id"],
        ),
        sa.ForeignKeyConstraint(
            ["write_off_id"],
            ["write_off.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("write_off_id", "document_id", name="uq_write_off_evidence"),
    )
    op.create_table(
        "write_off_item",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("write_off_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("written", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("adjustment_id", sa.BigInteger(), nullable=True),
        sa.Column("corrected", sa.Numeric(precision=18, scale=2), server_default="0", nullable=False),
        sa.CheckConstraint(
            "corrected >= 0 AND corrected <= coalesce(written, 0)", name="corrected_within_written"
        ),
        sa.CheckConstraint("(written IS NULL) = (adjustment_id IS NULL)", name="written_with_entry"),
        sa.CheckConstraint("amount > 0", name="amount_positive"),
        sa.CheckConstraint("written > 0 AND written <= amount", name="written_as_proposed"),
        sa.ForeignKeyConstraint(
            ["adjustment_id"],
            ["adjustment.id"],
        ),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["receivable_item.id"],
        ),
        sa.ForeignKeyConstraint(
            ["write_off_id"],
            ["write_off.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("adjustment_id"),
        sa.UniqueConstraint("write_off_id", "item_id", name="uq_write_off_item"),
    )
    op.create_index("ix_write_off_item_item", "write_off_item", ["item_id"], unique=False)
    op.create_table(
        "recovery",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("write_off_item_id", sa.BigInteger(), nullable=False),
        sa.Column("receipt_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("recovered_on", sa.Date(), nullable=False),
        sa.Column("adjustment_id", sa.BigInteger(), nullable=False),
        sa.Column("allocation_id", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("amount > 0", name="amount_positive"),
        sa.ForeignKeyConstraint(
            ["adjustment_id"],
            ["adjustment.id"],
        ),
        sa.ForeignKeyConstraint(
            ["allocation_id"],
            ["allocation.id"],
        ),
        sa.ForeignKeyConstraint(
            ["made_by"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["receipt_id"],
            ["receipt.id"],
        ),
        sa.ForeignKeyConstraint(
            ["write_off_item_id"],
            ["write_off_item.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("adjustment_id"),
        sa.UniqueConstraint("allocation_id"),
    )
    op.create_index("ix_recovery_claim", "recovery", ["write_off_item_id", "id"], unique=False)
    op.create_index("ix_recovery_day", "recovery", ["recovered_on"], unique=False)
    op.drop_constraint("reason_known", "adjustment", type_="check")
    listed = ", ".join(f"'{reason}'" for reason in REASONS)
    op.create_check_constraint("reason_known", "adjustment", f"reason IN ({listed})")
    for table in APPEND_ONLY:
        op.execute(
            f"""CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"""
        )


def downgrade() -> None:
    raise NotImplementedError(
        "What this revision keeps has no place in the one before: restore a backup instead."
    )
