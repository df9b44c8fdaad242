"""Collection: the case of a customer, the stages it went through, contacts, and the signals that move it."""
# ruff: noqa: E501 (written by the migration tool)

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | None = None
depends_on: str | None = None

APPEND_ONLY = ("collection_move", "collection_contact")
NUMBERED = (
    "collection",
    "promise",
    "payment_plan",
    "payment_extension",
    "dispute",
    "site_visit",
    "agency_placement",
    "customer_hold",
    "legal_action",
    "write_off",
    "dunning",
)
GROUNDS = (
    "balance_confirmed",
    "demand_delivered",
    "part_payment",
    "promise",
    "payment_plan",
    "security",
    "filing",
)
# Kept as they are at this revision; credit_app.models.collection_guards holds today's.
GUARDS = (
    """CREATE OR REPLACE FUNCTION signal_collection_of_receipt() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO collection_signal (customer_id, cause)
        SELECT DISTINCT c.customer_id, 'payment' FROM added a
        JOIN collection_case c ON c.customer_id = a.customer_id AND c.status = 'open';
    RETURN NULL;
END $$""",
    """CREATE OR REPLACE FUNCTION signal_collection_of_allocation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO collection_signal (customer_id, cause)
        SELECT DISTINCT c.customer_id, CASE WHEN a.amount < 0 THEN 'reopened' ELSE 'payment' END FROM added a JOIN receivable_item i ON i.id = a.item_id
        JOIN collection_case c ON c.customer_id = i.customer_id AND c.status = 'open';
    RETURN NULL;
END $$""",
    """CREATE OR REPLACE FUNCTION signal_collection_of_adjustment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO collection_signal (customer_id, cause)
        SELECT DISTINCT c.customer_id, 'correction' FROM added a JOIN receivable_item i ON i.id = a.item_id
        JOIN collection_case c ON c.customer_id = i.customer_id AND c.status = 'open';
    RETURN NULL;
END $$""",
    """CREATE OR REPLACE FUNCTION signal_collection_of_receipt_reversal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO collection_signal (customer_id, cause)
        SELECT DISTINCT c.customer_id, 'reopened' FROM added a JOIN receipt r ON r.id = a.receipt_id
        JOIN collection_case c ON c.customer_id = r.customer_id AND c.status = 'open';
    RETURN NULL;
END $$""",
    """CREATE OR REPLACE FUNCTION signal_collection_of_item_mark() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO collection_signal (customer_id, cause)
        SELECT DISTINCT c.customer_id, CASE a.kind WHEN 'disputed' THEN 'dispute' ELSE 'promise' END || CASE WHEN a.ends_id IS NULL THEN '' ELSE '_over' END FROM added a JOIN receivable_item i ON i.id = a.item_id
        JOIN collection_case c ON c.customer_id = i.customer_id AND c.status = 'open';
    RETURN NULL;
END $$""",
    """CREATE OR REPLACE FUNCTION signal_collection_of_rating() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO collection_signal (customer_id, cause)
        SELECT DISTINCT c.customer_id, 'rating' FROM added a
        JOIN collection_case c ON c.customer_id = a.customer_id AND c.status = 'open';
    RETURN NULL;
END $$""",
    """CREATE OR REPLACE FUNCTION signal_collection_of_receivable_item() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO collection_signal (customer_id, cause)
        SELECT DISTINCT c.customer_id, 'correction' FROM added a
        JOIN collection_case c ON c.customer_id = a.customer_id AND a.kind = 'credit_note' AND c.status = 'open';
    RETURN NULL;
END $$""",
    """CREATE OR REPLACE TRIGGER signal_collection_of_receivable_item AFTER INSERT ON receivable_item REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION signal_collection_of_receivable_item()""",
    """CREATE OR REPLACE TRIGGER signal_collection_of_receipt AFTER INSERT ON receipt REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION signal_collection_of_receipt()""",
    """CREATE OR REPLACE TRIGGER signal_collection_of_allocation AFTER INSERT ON allocation REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION signal_collection_of_allocation()""",
    """CREATE OR REPLACE TRIGGER signal_collection_of_adjustment AFTER INSERT ON adjustment REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION signal_collection_of_adjustment()""",
    """CREATE OR REPLACE TRIGGER signal_collection_of_receipt_reversal AFTER INSERT ON receipt_reversal REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION signal_collection_of_receipt_reversal()""",
    """CREATE OR REPLACE TRIGGER signal_collection_of_item_mark AFTER INSERT ON item_mark REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION signal_collection_of_item_mark()""",
    """CREATE OR REPLACE TRIGGER signal_collection_of_rating AFTER INSERT ON rating REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION signal_collection_of_rating()""",
)


def upgrade() -> None:
    op.create_table(
        "collection_run",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("found", sa.Integer(), server_default="0", nullable=False),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("found >= 0 AND done >= 0", name="counted"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("uq_collection_run_day", "collection_run", ["day"], unique=True)
    op.create_table(
        "collection_case",
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("stage_on", sa.Date(), nullable=False),
        sa.Column("proposed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("ladder", sa.String(length=10), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("close_note", sa.String(length=500), server_default="", nullable=False),
        sa.Column("seen_on", sa.Date(), nullable=False),
        sa.Column("oldest_due", sa.Date(), nullable=True),
        sa.Column("floor_stage", sa.String(length=20), nullable=True),
        sa.Column("floor_due", sa.Date(), nullable=True),
        sa.Column("paused_until", sa.Date(), nullable=True),
        sa.Column("pause_ground", sa.String(length=500), server_default="", nullable=False),
        sa.Column("reason_code", sa.String(length=20), nullable=True),
        sa.Column("collector_id", sa.BigInteger(), nullable=True),
        sa.Column("follow_up_on", sa.Date(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("instance_id", sa.BigInteger(), nullable=True),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("(paused_until IS NULL) = (pause_ground = '')", name="pause_with_ground"),
        sa.CheckConstraint("(status = 'open') = (closed_on IS NULL)", name="closed_with_day"),
        sa.CheckConstraint("ladder IN ('low', 'medium', 'high', 'key')", name="ladder_known"),
        sa.CheckConstraint(
            "stage IN ('paused', 'friendly_notice', 'call', 'letter_1', 'letter_2', 'visit', 'final_demand', 'lawyer_letter', 'agency', 'legal_action')",
            name="stage_known",
        ),
        sa.CheckConstraint("status IN ('open', 'cleared', 'given_up')", name="status_known"),
        sa.CheckConstraint("(floor_stage IS NULL) = (floor_due IS NULL)", name="floor_with_day"),
        sa.ForeignKeyConstraint(
            ["collector_id"],
            ["person.id"],
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
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("instance_id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index(
        "ix_collection_case_collector",
        "collection_case",
        ["collector_id", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_index(
        "ix_collection_case_customer",
        "collection_case",
        ["customer_id", sa.literal_column("opened_on DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_collection_case_stage",
        "collection_case",
        ["stage", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_index(
        "uq_collection_case_open",
        "collection_case",
        ["customer_id"],
        unique=True,
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_table(
        "collection_signal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("cause", sa.String(length=20), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=True),
        sa.Column("is_key", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("held", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("last_error", sa.String(length=500), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
        ),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["collection_run.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_collection_signal_customer", "collection_signal", ["customer_id"], unique=False)
    op.create_index(
        "ix_collection_signal_due",
        "collection_signal",
        ["id"],
        unique=False,
        postgresql_where=sa.text("NOT held"),
    )
    op.create_index(
        "ix_collection_signal_run",
        "collection_signal",
        ["run_id"],
        unique=False,
        postgresql_where=sa.text("run_id IS NOT NULL"),
    )
    op.create_table(
        "collection_move",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("from_stage", sa.String(length=20), nullable=True),
        sa.Column("to_stage", sa.String(length=20), nullable=True),
        sa.Column("proposed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("moved_on", sa.Date(), nullable=False),
        sa.Column("cause", sa.String(length=20), nullable=False),
        sa.Column("days_overdue", sa.Integer(), nullable=True),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("note", sa.String(length=500), server_default="", nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "cause IN ('ladder', 'payment', 'correction', 'reopened', 'dispute', 'promise', 'broken_promise', 'rating', 'by_hand', 'written_off')",
            name="cause_known",
        ),
        sa.CheckConstraint("from_stage IS NOT NULL OR to_stage IS NOT NULL", name="somewhere"),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["collection_case.id"],
        ),
        sa.ForeignKeyConstraint(
            ["made_by"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_collection_move_case", "collection_move", ["case_id", "id"], unique=False)
    op.create_index("ix_collection_move_day", "collection_move", ["moved_on", "id"], unique=False)
    op.create_table(
        "collection_contact",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("direction", sa.String(length=10), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("reason_code", sa.String(length=20), nullable=True),
        sa.Column("reached", sa.String(length=200), server_default="", nullable=False),
        sa.Column("note", sa.String(length=2000), server_default="", nullable=False),
        sa.Column("follow_up_on", sa.Date(), nullable=True),
        sa.Column("document_id", sa.BigInteger(), nullable=True),
        sa.Column("outbox_key", sa.Text(), nullable=True),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "channel IN ('call', 'email', 'sms', 'letter', 'visit', 'meeting')", name="channel_known"
        ),
        sa.CheckConstraint("direction IN ('out', 'in')", name="direction_known"),
        sa.CheckConstraint(
            "outcome IN ('not_reached', 'reached', 'promise', 'plan', 'dispute', 'refused', 'paid', 'sent', 'delivered', 'failed', 'noted')",
            name="outcome_known",
        ),
        sa.CheckConstraint(
            "reason_code IN ('cannot_pay', 'will_not_pay', 'dispute', 'administrative')",
            name="reason_code_known",
        ),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["collection_case.id"],
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
            ["made_by"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_collection_contact_customer",
        "collection_contact",
        ["customer_id", sa.literal_column("made_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_collection_contact_person",
        "collection_contact",
        ["made_by", sa.literal_column("made_at DESC")],
        unique=False,
    )
    op.add_column(
        "limitation_interruption",
        sa.Column("evidence", sa.String(length=80), server_default="", nullable=False),
    )
    op.drop_constraint("ground_known", "limitation_interruption", type_="check")
    listed = ", ".join(f"'{ground}'" for ground in GROUNDS)
    op.create_check_constraint("ground_known", "limitation_interruption", f"ground IN ({listed})")
    for kind in NUMBERED:
        op.execute(sa.schema.CreateSequence(sa.Sequence(f"number_of_{kind}")))
    for statement in GUARDS:
        op.execute(statement)
    for table in APPEND_ONLY:
        op.execute(
            f"""CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"""
        )


def downgrade() -> None:
    raise NotImplementedError(
        "What this revision keeps has no place in the one before: restore a backup instead."
    )
