"""Orders of customers, their messages and checks, and the releases of orders on hold."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: str | None = None
depends_on: str | None = None

APPEND_ONLY = ("order_message", "order_check")


def upgrade() -> None:
    op.execute(sa.schema.CreateSequence(sa.Sequence("number_of_order_release")))
    op.create_table(
        "sales_order",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("external_id", sa.String(length=100), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("payment_days", sa.Integer(), nullable=False),
        sa.Column("payment_method", sa.String(length=20), nullable=False),
        sa.Column("ordered_on", sa.Date(), nullable=False),
        sa.Column("deliver_on", sa.Date(), nullable=True),
        sa.Column("delivered_amount", sa.Numeric(precision=18, scale=2), server_default="0", nullable=False),
        sa.Column("invoiced_amount", sa.Numeric(precision=18, scale=2), server_default="0", nullable=False),
        sa.Column("status", sa.String(length=10), server_default="open", nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("entered_on", sa.Date(), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("is_held", sa.Boolean(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("release_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("btrim(external_id) <> ''", name="external_id_given"),
        sa.CheckConstraint("content_hash ~ '^[0-9a-f]{64}$'", name="content_hash_hex"),
        sa.CheckConstraint("outcome IN ('pass', 'warn', 'hold')", name="outcome_known"),
        sa.CheckConstraint("payment_method ~ '^[a-z_]+$'", name="payment_method_word"),
        sa.CheckConstraint("status IN ('open', 'cancelled', 'closed')", name="status_known"),
        sa.CheckConstraint("amount > 0", name="amount_positive"),
        sa.CheckConstraint("delivered_amount >= 0", name="delivered_not_negative"),
        sa.CheckConstraint("invoiced_amount >= 0", name="invoiced_not_negative"),
        sa.CheckConstraint("payment_days BETWEEN 0 AND 3650", name="payment_days_in_range"),
        sa.CheckConstraint("sequence >= 0", name="sequence_counted"),
        sa.CheckConstraint("release_id IS NULL OR outcome <> 'hold'", name="released_is_no_hold"),
        sa.CheckConstraint("is_held = (status = 'open' AND outcome = 'hold')", name="held_as_checked"),
        sa.CheckConstraint("told_on >= entered_on", name="told_after_entered"),
        sa.ForeignKeyConstraint(
            ["currency"],
            ["currency.code"],
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("source", "external_id", name="uq_sales_order"),
    )
    op.create_index(
        "ix_sales_order_customer", "sales_order", ["customer_id", sa.literal_column("id DESC")], unique=False
    )
    op.create_index(
        "ix_sales_order_held",
        "sales_order",
        ["looked_at", "id"],
        unique=False,
        postgresql_where=sa.text("is_held"),
    )
    op.create_index(
        "ix_sales_order_list",
        "sales_order",
        [sa.literal_column("is_held DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_sales_order_counting",
        "sales_order",
        ["customer_id"],
        unique=False,
        postgresql_where=sa.text("status <> 'closed'"),
    )
    op.create_index("ix_sales_order_external", "sales_order", ["external_id"], unique=False)
    op.create_index("ix_sales_order_entered", "sales_order", ["customer_id", "entered_on"], unique=False)
    op.create_index(
        "ix_sales_order_release",
        "sales_order",
        ["release_id"],
        unique=False,
        postgresql_where=sa.text("release_id IS NOT NULL"),
    )
    op.create_table(
        "order_message",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("payment_days", sa.Integer(), nullable=False),
        sa.Column("payment_method", sa.String(length=20), nullable=False),
        sa.Column("deliver_on", sa.Date(), nullable=True),
        sa.Column("delivered_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("invoiced_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("token_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("status IN ('open', 'cancelled', 'closed')", name="status_known"),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
        ),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["sales_order.id"],
        ),
        sa.ForeignKeyConstraint(
            ["token_id"],
            ["api_token.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("order_id", "sequence", name="uq_order_message"),
    )
    op.create_index("ix_order_message_day", "order_message", ["customer_id", "told_on"], unique=False)
    op.create_table(
        "order_release",
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("rules", postgresql.ARRAY(sa.String(length=30)), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("up_to_amount", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("payment_days", sa.Integer(), nullable=True),
        sa.Column("payment_method", sa.String(length=20), nullable=True),
        sa.Column("ground", sa.String(length=1000), nullable=False),
        sa.Column("assessment", sa.String(length=2000), server_default="", nullable=False),
        sa.Column("assessed_by", sa.BigInteger(), nullable=True),
        sa.Column("security_asked", sa.String(length=1000), server_default="", nullable=False),
        sa.Column("security_id", sa.BigInteger(), nullable=True),
        sa.Column("level", sa.String(length=30), nullable=True),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("decision_note", sa.String(length=1000), server_default="", nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("revoked_by", sa.String(length=30), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("instance_id", sa.BigInteger(), nullable=True),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("(kind = 'up_to') = (up_to_amount IS NOT NULL)", name="up_to_an_amount"),
        sa.CheckConstraint("btrim(ground) <> ''", name="ground_given"),
        sa.CheckConstraint("kind <> 'once' OR order_id IS NOT NULL", name="once_for_an_order"),
        sa.CheckConstraint("kind <> 'until' OR valid_until IS NOT NULL", name="until_a_day"),
        sa.CheckConstraint("kind IN ('once', 'until', 'up_to')", name="kind_known"),
        sa.CheckConstraint(
            "status IN ('asked', 'awaiting_security', 'in_approval', 'active', 'used', 'expired', 'revoked', "
            "'refused', 'lifted', 'withdrawn')",
            name="status_known",
        ),
        sa.CheckConstraint(
            "status NOT IN ('active', 'used', 'expired', 'revoked', 'refused') OR decided_on IS NOT NULL",
            name="decided_with_day",
        ),
        sa.CheckConstraint("amount IS NOT NULL AND amount > 0 AND currency IS NOT NULL", name="amount_given"),
        sa.CheckConstraint("cardinality(rules) > 0", name="for_some_rule"),
        sa.CheckConstraint("up_to_amount > 0", name="up_to_more_than_nothing"),
        sa.CheckConstraint(
            "status NOT IN ('active', 'used', 'expired', 'revoked') OR (decided_by <> made_by "
            "AND decided_by <> assessed_by)",
            name="decided_by_another",
        ),
        sa.CheckConstraint("(status = 'revoked') = (revoked_by IS NOT NULL)", name="revoked_by_something"),
        sa.CheckConstraint(
            "status NOT IN ('active', 'used', 'expired', 'revoked') OR valid_until >= decided_on",
            name="valid_after_decided",
        ),
        sa.ForeignKeyConstraint(
            ["assessed_by"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["security_id"],
            ["security.id"],
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
            ["made_by"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["sales_order.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("instance_id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index(
        "ix_order_release_customer",
        "order_release",
        ["customer_id", sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "uq_order_release_active_customer",
        "order_release",
        ["customer_id"],
        unique=True,
        postgresql_where=sa.text("kind <> 'once' AND status = 'active'"),
    )
    op.create_index(
        "ix_order_release_order", "order_release", ["order_id", sa.literal_column("id DESC")], unique=False
    )
    op.create_index(
        "ix_order_release_running",
        "order_release",
        ["id"],
        unique=False,
        postgresql_where=sa.text("status IN ('asked', 'awaiting_security', 'in_approval', 'active')"),
    )
    op.create_index(
        "uq_order_release_waiting_customer",
        "order_release",
        ["customer_id"],
        unique=True,
        postgresql_where=sa.text(
            "order_id IS NULL AND status IN ('asked', 'awaiting_security', 'in_approval')"
        ),
    )
    op.create_index(
        "uq_order_release_waiting_order",
        "order_release",
        ["order_id"],
        unique=True,
        postgresql_where=sa.text(
            "order_id IS NOT NULL AND status IN ('asked', 'awaiting_security', 'in_approval')"
        ),
    )
    op.create_table(
        "order_check",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("cause", sa.String(length=10), nullable=False),
        sa.Column("token_id", sa.BigInteger(), nullable=True),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("release_id", sa.BigInteger(), nullable=True),
        sa.Column("inputs", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("figures", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("findings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("cause IN ('message', 'screen', 'recheck', 'release')", name="cause_known"),
        sa.CheckConstraint("outcome IN ('pass', 'warn', 'hold')", name="outcome_known"),
        sa.CheckConstraint("release_id IS NULL OR outcome <> 'hold'", name="released_is_no_hold"),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
        ),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["sales_order.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["release_id"],
            ["order_release.id"],
        ),
        sa.ForeignKeyConstraint(
            ["token_id"],
            ["api_token.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_order_check_customer", "order_check", ["customer_id", sa.literal_column("id DESC")], unique=False
    )
    op.create_index("ix_order_check_order", "order_check", ["order_id", "id"], unique=False)
    op.create_index(
        "ix_order_check_release",
        "order_check",
        ["release_id"],
        unique=False,
        postgresql_where=sa.text("release_id IS NOT NULL"),
    )
    op.create_foreign_key(
        "sales_order_release_id_fkey", "sales_order", "order_release", ["release_id"], ["id"]
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
