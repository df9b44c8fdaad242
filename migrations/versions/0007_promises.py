"""Promises to pay, payment plans with their instalments, payment extensions, and the items that each is about."""

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        "payment_extension",
        sa.Column("asked_by", sa.String(length=200), nullable=False),
        sa.Column("new_on", sa.Date(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("check_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("requested_on", sa.Date(), nullable=False),
        sa.Column("ground", sa.String(length=1000), nullable=False),
        sa.Column("security", sa.String(length=500), server_default="", nullable=False),
        sa.Column("with_interest", sa.Boolean(), nullable=False),
        sa.Column("level", sa.String(length=30), nullable=True),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("paid", sa.Numeric(precision=18, scale=2), server_default="0", nullable=False),
        sa.Column("decision_note", sa.String(length=500), server_default="", nullable=False),
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
            "(status IN ('in_approval', 'sent_back', 'running')) = (closed_on IS NULL)",
            name="closed_with_day",
        ),
        sa.CheckConstraint("status <> 'running' OR decided_by IS NOT NULL", name="running_by_decision"),
        sa.CheckConstraint(
            "status IN ('in_approval', 'sent_back', 'refused', 'withdrawn', 'running', 'kept', 'broken')",
            name="status_known",
        ),
        sa.CheckConstraint("amount > 0 AND currency IS NOT NULL", name="amount_positive"),
        sa.CheckConstraint("days > 0", name="days_positive"),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> made_by", name="decided_by_another"),
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
            ["made_by"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("instance_id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index(
        "ix_payment_extension_customer",
        "payment_extension",
        ["customer_id", sa.literal_column("requested_on DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_payment_extension_status",
        "payment_extension",
        ["status", sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_table(
        "payment_plan",
        sa.Column("awaited", sa.SmallInteger(), nullable=True),
        sa.Column("requested_on", sa.Date(), nullable=False),
        sa.Column("ground", sa.String(length=1000), nullable=False),
        sa.Column("security", sa.String(length=500), server_default="", nullable=False),
        sa.Column("with_interest", sa.Boolean(), nullable=False),
        sa.Column("level", sa.String(length=30), nullable=True),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("paid", sa.Numeric(precision=18, scale=2), server_default="0", nullable=False),
        sa.Column("decision_note", sa.String(length=500), server_default="", nullable=False),
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
            "(status IN ('in_approval', 'sent_back', 'running')) = (closed_on IS NULL)",
            name="closed_with_day",
        ),
        sa.CheckConstraint("status <> 'running' OR decided_by IS NOT NULL", name="running_by_decision"),
        sa.CheckConstraint(
            "status IN ('in_approval', 'sent_back', 'refused', 'withdrawn', 'running', 'completed', 'broken')",
            name="status_known",
        ),
        sa.CheckConstraint("amount > 0 AND currency IS NOT NULL", name="amount_positive"),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> made_by", name="decided_by_another"),
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
            ["made_by"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("instance_id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index(
        "ix_payment_plan_customer",
        "payment_plan",
        ["customer_id", sa.literal_column("requested_on DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_payment_plan_status", "payment_plan", ["status", sa.literal_column("id DESC")], unique=False
    )
    op.create_table(
        "plan_instalment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("reminded_on", sa.Date(), nullable=True),
        sa.Column("late_on", sa.Date(), nullable=True),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.CheckConstraint("amount > 0", name="amount_positive"),
        sa.CheckConstraint("place > 0", name="place_positive"),
        sa.ForeignKeyConstraint(
            ["plan_id"],
            ["payment_plan.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("plan_id", "place", name="uq_plan_instalment_place"),
    )
    op.create_table(
        "promise_to_pay",
        sa.Column("promised_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("first_due_on", sa.Date(), nullable=True),
        sa.Column("promised_by", sa.String(length=200), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=True),
        sa.Column("beyond", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("check_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("paid", sa.Numeric(precision=18, scale=2), server_default="0", nullable=False),
        sa.Column("note", sa.String(length=500), server_default="", nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("instance_id", sa.BigInteger(), nullable=True),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("(status IN ('open', 'in_part')) = (closed_on IS NULL)", name="closed_with_day"),
        sa.CheckConstraint(
            "channel IN ('call', 'email', 'sms', 'letter', 'visit', 'meeting')", name="channel_known"
        ),
        sa.CheckConstraint("status IN ('open', 'in_part', 'kept', 'broken')", name="status_known"),
        sa.CheckConstraint("amount > 0 AND currency IS NOT NULL", name="amount_positive"),
        sa.CheckConstraint("due_on >= promised_on", name="due_after_promised"),
        sa.CheckConstraint("first_due_on IS NULL OR first_due_on < due_on", name="new_day_later"),
        sa.ForeignKeyConstraint(
            ["currency"],
            ["currency.code"],
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
        ),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["customer_document.id"],
        ),
        sa.ForeignKeyConstraint(
            ["instance_id"],
            ["instance.id"],
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
        "ix_promise_to_pay_customer",
        "promise_to_pay",
        ["customer_id", sa.literal_column("promised_on DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index("ix_promise_to_pay_due", "promise_to_pay", ["due_on", "id"], unique=False)
    op.create_index("ix_promise_to_pay_maker", "promise_to_pay", ["made_by", "closed_on"], unique=False)
    op.create_table(
        "promised_item",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("promise_id", sa.BigInteger(), nullable=True),
        sa.Column("plan_id", sa.BigInteger(), nullable=True),
        sa.Column("extension_id", sa.BigInteger(), nullable=True),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("open_before", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("paid_before", sa.Numeric(precision=18, scale=2), server_default="0", nullable=False),
        sa.Column("mark_id", sa.BigInteger(), nullable=True),
        sa.Column("live", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.CheckConstraint("amount > 0 AND amount <= open_before", name="amount_was_open"),
        sa.CheckConstraint("num_nonnulls(promise_id, plan_id, extension_id) = 1", name="one_case"),
        sa.ForeignKeyConstraint(
            ["extension_id"],
            ["payment_extension.id"],
        ),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["receivable_item.id"],
        ),
        sa.ForeignKeyConstraint(
            ["mark_id"],
            ["item_mark.id"],
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"],
            ["payment_plan.id"],
        ),
        sa.ForeignKeyConstraint(
            ["promise_id"],
            ["promise_to_pay.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_promised_item_extension",
        "promised_item",
        ["extension_id"],
        unique=False,
        postgresql_where=sa.text("extension_id IS NOT NULL"),
    )
    op.create_index(
        "ix_promised_item_plan",
        "promised_item",
        ["plan_id"],
        unique=False,
        postgresql_where=sa.text("plan_id IS NOT NULL"),
    )
    op.create_index(
        "ix_promised_item_promise",
        "promised_item",
        ["promise_id"],
        unique=False,
        postgresql_where=sa.text("promise_id IS NOT NULL"),
    )
    op.create_index(
        "uq_promised_item_live", "promised_item", ["item_id"], unique=True, postgresql_where=sa.text("live")
    )


def downgrade() -> None:
    raise NotImplementedError(
        "What this revision keeps has no place in the one before: restore a backup instead."
    )
