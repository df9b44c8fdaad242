"""Letters to debtors: their texts, what each names, runs, and proof of delivery."""
# ruff: noqa: E501 (written by the migration tool)

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | None = None
depends_on: str | None = None

APPEND_ONLY = ("dunning_template", "dunning_proof")
# Kept as they are at this revision; credit_app.models.guards holds today's.
GUARDS = (
    """CREATE TRIGGER letter_stands BEFORE UPDATE OF number, customer_id, level, channel, letter_on, pay_by, address, subject,
    body, totals, sender, accounts ON dunning_letter
    FOR EACH ROW WHEN (OLD.status NOT IN ('proposed', 'released')) EXECUTE FUNCTION refuse_change()""",
    """
CREATE OR REPLACE FUNCTION keep_letter_items() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM dunning_letter l WHERE l.id = OLD.letter_id
            AND l.status NOT IN ('proposed', 'released')) THEN
        RAISE EXCEPTION 'what letter % names stands', OLD.letter_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$
""",
    """CREATE TRIGGER letter_items_stand BEFORE UPDATE OR DELETE ON dunning_item
    FOR EACH ROW EXECUTE FUNCTION keep_letter_items()""",
)


def upgrade() -> None:
    op.create_table(
        "dunning_run",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("released_by", sa.BigInteger(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("letters", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("letters > 0 AND done BETWEEN 0 AND letters", name="counted"),
        sa.ForeignKeyConstraint(
            ["released_by"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "dunning_template",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=200), server_default="", nullable=False),
        sa.Column("body", sa.String(length=8000), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("btrim(body) <> ''", name="body_given"),
        sa.CheckConstraint("channel IN ('email', 'letter', 'sms')", name="channel_known"),
        sa.CheckConstraint("language IN ('en', 'zh_Hans_CN')", name="language_known"),
        sa.CheckConstraint(
            "level IN ('reminder', 'friendly_notice', 'letter_1', 'letter_2', 'final_demand', 'lawyer_letter')",
            name="level_known",
        ),
        sa.CheckConstraint("version > 0", name="version_counted"),
        sa.ForeignKeyConstraint(
            ["made_by"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("level", "language", "channel", "version", name="uq_dunning_template_version"),
    )
    op.create_table(
        "dunning_letter",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("letter_on", sa.Date(), nullable=False),
        sa.Column("pay_by", sa.Date(), nullable=True),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.Column("contact_name", sa.String(length=200), server_default="", nullable=False),
        sa.Column("address", sa.String(length=1000), server_default="", nullable=False),
        sa.Column("subject", sa.String(length=500), server_default="", nullable=False),
        sa.Column("body", sa.String(length=20000), nullable=False),
        sa.Column("totals", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sender", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("accounts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("template_id", sa.BigInteger(), nullable=True),
        sa.Column("run_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=500), server_default="", nullable=False),
        sa.Column("excluded_by", sa.BigInteger(), nullable=True),
        sa.Column("sent_on", sa.Date(), nullable=True),
        sa.Column("delivered_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("(level = 'reminder') = (pay_by IS NULL)", name="demand_with_day"),
        sa.CheckConstraint("(status = 'delivered') = (delivered_on IS NOT NULL)", name="delivered_with_day"),
        sa.CheckConstraint("(status = 'excluded') = (reason <> '')", name="excluded_with_reason"),
        sa.CheckConstraint("channel IN ('email', 'letter', 'sms')", name="channel_known"),
        sa.CheckConstraint("language IN ('en', 'zh_Hans_CN')", name="language_known"),
        sa.CheckConstraint(
            "level IN ('reminder', 'friendly_notice', 'letter_1', 'letter_2', 'final_demand', 'lawyer_letter')",
            name="level_known",
        ),
        sa.CheckConstraint("status <> 'released' OR run_id IS NOT NULL", name="released_in_a_run"),
        sa.CheckConstraint(
            "status IN ('proposed', 'released', 'queued', 'to_print', 'sent', 'held', 'delivered', 'failed', 'excluded')",
            name="status_known",
        ),
        sa.CheckConstraint(
            "status NOT IN ('sent', 'delivered') OR sent_on IS NOT NULL", name="sent_with_day"
        ),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["collection_case.id"],
        ),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
        ),
        sa.ForeignKeyConstraint(
            ["excluded_by"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["dunning_run.id"],
        ),
        sa.ForeignKeyConstraint(
            ["template_id"],
            ["dunning_template.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("id", "level", name="uq_dunning_letter_level"),
        sa.UniqueConstraint("number"),
    )
    op.create_index(
        "ix_dunning_letter_case", "dunning_letter", ["case_id", sa.literal_column("id DESC")], unique=False
    )
    op.create_index(
        "ix_dunning_letter_customer",
        "dunning_letter",
        ["customer_id", sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_dunning_letter_released",
        "dunning_letter",
        ["id"],
        unique=False,
        postgresql_where=sa.text("status = 'released'"),
    )
    op.create_index(
        "ix_dunning_letter_status", "dunning_letter", ["status", sa.literal_column("id DESC")], unique=False
    )
    op.create_table(
        "dunning_item",
        sa.Column("letter_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("item_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.Column("demands", sa.Boolean(), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("document_date", sa.Date(), nullable=False),
        sa.Column("due_date", sa.Date(), nullable=False),
        sa.Column("days_overdue", sa.Integer(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("open_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("disputed", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("promised", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("claimed", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("interest", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("fee", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("fee_currency", sa.String(length=3), nullable=True),
        sa.CheckConstraint("(fee = 0) = (fee_currency IS NULL)", name="fee_with_currency"),
        sa.CheckConstraint("NOT demands OR claimed > 0", name="demands_something"),
        sa.CheckConstraint("claimed <= open_amount", name="claimed_of_open"),
        sa.CheckConstraint(
            "disputed >= 0 AND promised >= 0 AND claimed >= 0 AND interest >= 0 AND fee >= 0",
            name="not_negative",
        ),
        sa.ForeignKeyConstraint(
            ["currency"],
            ["currency.code"],
        ),
        sa.ForeignKeyConstraint(
            ["fee_currency"],
            ["currency.code"],
        ),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["receivable_item.id"],
        ),
        sa.ForeignKeyConstraint(
            ["letter_id", "level"],
            ["dunning_letter.id", "dunning_letter.level"],
        ),
        sa.PrimaryKeyConstraint("letter_id", "item_id"),
    )
    op.create_index("ix_dunning_item_item", "dunning_item", ["item_id"], unique=False)
    op.create_index(
        "uq_dunning_item_demand",
        "dunning_item",
        ["item_id", "level"],
        unique=True,
        postgresql_where=sa.text("demands"),
    )
    op.create_table(
        "dunning_proof",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("letter_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("received_by", sa.String(length=200), server_default="", nullable=False),
        sa.Column("reference", sa.String(length=100), server_default="", nullable=False),
        sa.Column("note", sa.String(length=500), server_default="", nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=True),
        sa.Column("reported_by", sa.String(length=100), server_default="", nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kind IN ('delivered', 'failed')", name="kind_known"),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["customer_document.id"],
        ),
        sa.ForeignKeyConstraint(
            ["letter_id"],
            ["dunning_letter.id"],
        ),
        sa.ForeignKeyConstraint(
            ["made_by"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_dunning_proof_letter", "dunning_proof", ["letter_id", "id"], unique=False)
    op.create_index(
        "uq_dunning_proof_delivered",
        "dunning_proof",
        ["letter_id"],
        unique=True,
        postgresql_where=sa.text("kind = 'delivered'"),
    )
    for table in APPEND_ONLY:
        op.execute(
            f"""CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"""
        )
    for statement in GUARDS:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError(
        "What this revision keeps has no place in the one before: restore a backup instead."
    )
