"""Legal action: cases with their items, dates, events and costs, counsel, and warnings of legal dates."""
# ruff: noqa: E501 (written by the migration tool)

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | None = None
depends_on: str | None = None

APPEND_ONLY = ("legal_cost", "legal_document", "legal_event", "legal_notice")


def upgrade() -> None:
    op.create_table(
        "legal_counsel",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("country", sa.String(length=2), server_default="", nullable=False),
        sa.Column("email", sa.String(length=254), server_default="", nullable=False),
        sa.Column("phone", sa.String(length=60), server_default="", nullable=False),
        sa.Column("note", sa.String(length=500), server_default="", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("btrim(name) <> ''", name="named"),
        sa.CheckConstraint("kind = 'in_house' OR person_id IS NULL", name="person_in_house"),
        sa.CheckConstraint("kind IN ('in_house', 'law_firm')", name="kind_known"),
        sa.ForeignKeyConstraint(
            ["made_by"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name", name="uq_legal_counsel_name"),
    )
    op.create_table(
        "legal_case",
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("end_note", sa.String(length=500), server_default="", nullable=False),
        sa.Column("country", sa.String(length=10), nullable=False),
        sa.Column("seen_open", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column(
            "evidence", postgresql.ARRAY(sa.String(length=30)), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("prospects", sa.String(length=10), nullable=True),
        sa.Column("solvency", sa.String(length=10), nullable=True),
        sa.Column("cost_estimate", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("assessment", sa.String(length=2000), server_default="", nullable=False),
        sa.Column("proposed_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_note", sa.String(length=500), server_default="", nullable=False),
        sa.Column("pack_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "pack_missing",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'"),
            nullable=False,
        ),
        sa.Column("counsel_id", sa.BigInteger(), nullable=True),
        sa.Column("way", sa.String(length=20), nullable=True),
        sa.Column("forum", sa.String(length=200), server_default="", nullable=False),
        sa.Column("file_number", sa.String(length=80), server_default="", nullable=False),
        sa.Column("filed_on", sa.Date(), nullable=True),
        sa.Column("preserved_amount", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("preserved_on", sa.Date(), nullable=True),
        sa.Column("title_kind", sa.String(length=20), nullable=True),
        sa.Column("title_on", sa.Date(), nullable=True),
        sa.Column("awarded", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("final_on", sa.Date(), nullable=True),
        sa.Column("enforced_on", sa.Date(), nullable=True),
        sa.Column("enforcement_forum", sa.String(length=200), server_default="", nullable=False),
        sa.Column("insolvency_amount", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("administrator", sa.String(length=200), server_default="", nullable=False),
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
            "(ended_on IS NULL) = (status IN ('assessment', 'approval', 'preparation', 'filing', 'hearing', 'title', 'execution', 'enforcement', 'insolvency'))",
            name="ended_with_day",
        ),
        sa.CheckConstraint("prospects IN ('good', 'even', 'poor')", name="prospects_known"),
        sa.CheckConstraint("solvency IN ('able', 'doubtful', 'insolvent', 'unknown')", name="solvency_known"),
        sa.CheckConstraint(
            "status IN ('assessment', 'approval', 'preparation', 'filing', 'hearing', 'title', 'execution', 'enforcement', 'insolvency', 'dropped', 'refused', 'paid', 'withdrawn', 'settled', 'lost', 'enforced', 'uncollectable')",
            name="status_known",
        ),
        sa.CheckConstraint(
            "title_kind IN ('payment_order', 'judgment', 'award', 'settlement')", name="title_kind_known"
        ),
        sa.CheckConstraint("way IN ('payment_order', 'arbitration', 'suit')", name="way_known"),
        sa.CheckConstraint("(title_kind IS NULL) = (title_on IS NULL)", name="title_with_day"),
        sa.CheckConstraint("amount > 0 AND currency IS NOT NULL", name="claims_something"),
        sa.CheckConstraint(
            "awarded >= 0 AND (awarded IS NULL OR title_kind IS NOT NULL)", name="awarded_by_title"
        ),
        sa.CheckConstraint("decided_by <> proposed_by", name="four_eyes"),
        sa.CheckConstraint("enforced_on IS NULL OR title_kind IS NOT NULL", name="enforced_by_title"),
        sa.CheckConstraint("title_on >= filed_on AND final_on >= title_on", name="days_in_order"),
        sa.ForeignKeyConstraint(
            ["counsel_id"],
            ["legal_counsel.id"],
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
            ["pack_id"],
            ["customer_document.id"],
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("instance_id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index(
        "ix_legal_case_customer", "legal_case", ["customer_id", sa.literal_column("id DESC")], unique=False
    )
    op.create_index("ix_legal_case_status", "legal_case", ["status", "id"], unique=False)
    op.create_index(
        "uq_legal_case_open",
        "legal_case",
        ["customer_id"],
        unique=True,
        postgresql_where=sa.text("ended_on IS NULL"),
    )
    op.create_table(
        "legal_case_item",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.CheckConstraint("amount > 0", name="amount_positive"),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["legal_case.id"],
        ),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["receivable_item.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("case_id", "item_id", name="uq_legal_case_item"),
    )
    op.create_index("ix_legal_case_item_item", "legal_case_item", ["item_id"], unique=False)
    op.create_table(
        "legal_cost",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("incurred_on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(length=300), server_default="", nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=True),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('court_fee', 'lawyer_fee', 'preservation', 'enforcement', 'other')", name="kind_known"
        ),
        sa.CheckConstraint("amount > 0", name="amount_positive"),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["legal_case.id"],
        ),
        sa.ForeignKeyConstraint(
            ["currency"],
            ["currency.code"],
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
        sa.UniqueConstraint("item_id", name="uq_legal_cost_item"),
    )
    op.create_index("ix_legal_cost_case", "legal_cost", ["case_id", "id"], unique=False)
    op.create_table(
        "legal_date",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(length=300), server_default="", nullable=False),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('filing', 'hearing', 'preservation', 'objection', 'appeal', 'payment', 'enforcement', 'insolvency')",
            name="kind_known",
        ),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["legal_case.id"],
        ),
        sa.ForeignKeyConstraint(
            ["made_by"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_legal_date_case", "legal_date", ["case_id"], unique=False)
    op.create_index(
        "ix_legal_date_open",
        "legal_date",
        ["due_on", "id"],
        unique=False,
        postgresql_where=sa.text("settled_on IS NULL"),
    )
    op.create_table(
        "legal_document",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("piece", sa.String(length=20), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "piece IN ('contract', 'invoices', 'delivery', 'acknowledgement', 'demands', 'correspondence')",
            name="piece_known",
        ),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["legal_case.id"],
        ),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["customer_document.id"],
        ),
        sa.ForeignKeyConstraint(
            ["made_by"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("case_id", "document_id", name="uq_legal_document"),
    )
    op.create_table(
        "legal_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("note", sa.String(length=1000), server_default="", nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=True),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('started', 'assessed', 'approved', 'sent_back', 'refused', 'evidence', 'counsel', 'preservation', 'filed', 'hearing', 'judgment', 'settlement', 'final', 'contested', 'enforcement', 'enforcement_step', 'insolvency', 'dividend', 'payment', 'went_on', 'ended')",
            name="kind_known",
        ),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["legal_case.id"],
        ),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["customer_document.id"],
        ),
        sa.ForeignKeyConstraint(
            ["made_by"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_legal_event_case", "legal_event", ["case_id", "id"], unique=False)
    op.create_table(
        "legal_notice",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("step", sa.SmallInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('filing', 'hearing', 'preservation', 'objection', 'appeal', 'payment', 'enforcement', 'insolvency', 'limitation', 'guarantee')",
            name="kind_known",
        ),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["legal_case.id"],
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("kind", "subject", "due_on", "step", name="uq_legal_notice"),
    )
    op.create_index("ix_legal_notice_customer", "legal_notice", ["customer_id", "id"], unique=False)

    for table in APPEND_ONLY:
        op.execute(
            f"""CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"""
        )


def downgrade() -> None:
    raise NotImplementedError(
        "What this revision keeps has no place in the one before: restore a backup instead."
    )
