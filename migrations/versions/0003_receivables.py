"""Receivables: adjustments, reversals, marks, balances; bank statements, confirmations, tokens of other systems."""
# ruff: noqa: E501, PLR0915 (written by the migration tool)

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | None = None
depends_on: str | None = None

# Kept as they are at this revision; credit_app.models.ledger_guards holds today's.
GUARDS = (
    """CREATE VIEW item_entry AS
    SELECT i.id AS item_id, i.document_date AS on_date, i.amount, i.kind AS entry, i.id AS entry_id
        FROM receivable_item i
    UNION ALL SELECT item_id, adjusted_on, amount, 'adjustment', id FROM adjustment
    UNION ALL SELECT item_id, allocated_on, -amount, 'allocation', id FROM allocation
    UNION ALL SELECT credit_item_id, allocated_on, -amount, 'allocation', id FROM allocation
        WHERE credit_item_id IS NOT NULL""",
    """CREATE VIEW receipt_entry AS
    SELECT r.id AS receipt_id, r.received_on AS on_date, r.amount, 'receipt' AS entry, r.id AS entry_id FROM receipt r
    UNION ALL SELECT receipt_id, allocated_on, -amount, 'allocation', id FROM allocation WHERE receipt_id IS NOT NULL
    UNION ALL SELECT v.receipt_id, v.reversed_on, -r.amount, 'reversal', v.id
        FROM receipt_reversal v JOIN receipt r ON r.id = v.receipt_id""",
    """CREATE OR REPLACE FUNCTION open_item_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO item_balance (item_id, customer_id, kind, currency, document_date, due_date, open_amount, last_on)
        SELECT id, customer_id, kind, currency, document_date, due_date, amount, document_date FROM added
        ORDER BY customer_id, due_date;
    RETURN NULL;
END $$""",
    """CREATE OR REPLACE FUNCTION open_receipt_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO receipt_balance (receipt_id, customer_id, currency, received_on, unallocated, last_on)
        SELECT id, customer_id, currency, received_on, amount, received_on FROM added;
    RETURN NULL;
END $$""",
    """CREATE OR REPLACE FUNCTION check_ledger_days(items bigint[], receipts bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    wrong bigint;
BEGIN
    SELECT e.item_id INTO wrong FROM (
        SELECT item_id, sum(sum(amount)) OVER (PARTITION BY item_id ORDER BY on_date) AS still_open
        FROM item_entry WHERE item_id IN (SELECT item_id FROM item_balance WHERE item_id = ANY(items) AND reopened)
        GROUP BY item_id, on_date
    ) e WHERE still_open < 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'on an earlier day an entry exceeds what was open of item %', wrong
            USING ERRCODE = 'check_violation';
    END IF;
    SELECT e.receipt_id INTO wrong FROM (
        SELECT receipt_id, sum(sum(amount)) OVER (PARTITION BY receipt_id ORDER BY on_date) AS still_free
        FROM receipt_entry
        WHERE receipt_id IN (SELECT receipt_id FROM receipt_balance WHERE receipt_id = ANY(receipts) AND reopened)
        GROUP BY receipt_id, on_date
    ) e WHERE still_free < 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'on an earlier day an entry exceeds what was left of receipt %', wrong
            USING ERRCODE = 'check_violation';
    END IF;
END $$""",
    """CREATE OR REPLACE FUNCTION check_allocation() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong bigint;
    items bigint[] := ARRAY(SELECT item_id FROM added UNION SELECT credit_item_id FROM added
        WHERE credit_item_id IS NOT NULL);
    receipts bigint[] := ARRAY(SELECT DISTINCT receipt_id FROM added WHERE receipt_id IS NOT NULL);
BEGIN
    PERFORM 1 FROM item_balance WHERE item_id = ANY(items) ORDER BY item_id FOR NO KEY UPDATE;
    PERFORM 1 FROM receipt_balance WHERE receipt_id = ANY(receipts) ORDER BY receipt_id FOR NO KEY UPDATE;
    SELECT a.item_id INTO wrong FROM added a
        JOIN item_balance i ON i.item_id = a.item_id
        LEFT JOIN receipt_balance r ON r.receipt_id = a.receipt_id
        LEFT JOIN item_balance c ON c.item_id = a.credit_item_id
        LEFT JOIN allocation o ON o.id = a.reverses_id
        WHERE i.kind = 'credit_note' AND a.reverses_id IS NULL OR c.kind <> 'credit_note'
            OR coalesce(r.customer_id, c.customer_id) <> i.customer_id
            OR coalesce(r.currency, c.currency) <> i.currency
            OR a.allocated_on < greatest(i.document_date, r.received_on, c.document_date)
            OR a.reverses_id IS NOT NULL AND (
                o.amount <> -a.amount OR o.item_id <> a.item_id OR a.allocated_on < o.allocated_on
                OR o.receipt_id IS DISTINCT FROM a.receipt_id OR o.credit_item_id IS DISTINCT FROM a.credit_item_id
            )
        LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'an allocation to item % is of another customer or currency, before its documents, or undoes'
            ' none', wrong USING ERRCODE = 'check_violation';
    END IF;
    UPDATE item_balance b SET open_amount = b.open_amount - s.amount, last_on = greatest(b.last_on, s.last_on),
            reopened = b.reopened OR s.reopened
        FROM (
            SELECT item_id, sum(amount) AS amount, max(allocated_on) AS last_on, bool_or(amount < 0) AS reopened
            FROM (
                SELECT item_id, amount, allocated_on FROM added
                UNION ALL SELECT credit_item_id, amount, allocated_on FROM added WHERE credit_item_id IS NOT NULL
            ) side GROUP BY item_id
        ) s WHERE b.item_id = s.item_id;
    UPDATE receipt_balance b SET unallocated = b.unallocated - s.amount, last_on = greatest(b.last_on, s.last_on),
            reopened = b.reopened OR s.reopened
        FROM (
            SELECT receipt_id, sum(amount) AS amount, max(allocated_on) AS last_on, bool_or(amount < 0) AS reopened
            FROM added WHERE receipt_id IS NOT NULL GROUP BY receipt_id
        ) s WHERE b.receipt_id = s.receipt_id;
    PERFORM check_ledger_days(items, receipts);
    RETURN NULL;
END $$""",
    """CREATE OR REPLACE FUNCTION check_adjustment() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong bigint;
    items bigint[] := ARRAY(SELECT DISTINCT item_id FROM added);
BEGIN
    PERFORM 1 FROM item_balance WHERE item_id = ANY(items) ORDER BY item_id FOR NO KEY UPDATE;
    SELECT a.item_id INTO wrong FROM added a JOIN item_balance i ON i.item_id = a.item_id
        WHERE a.adjusted_on < i.document_date LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'an adjustment is dated before its item %', wrong USING ERRCODE = 'check_violation';
    END IF;
    UPDATE item_balance b SET open_amount = b.open_amount + s.amount, last_on = greatest(b.last_on, s.last_on),
            reopened = true
        FROM (SELECT item_id, sum(amount) AS amount, max(adjusted_on) AS last_on FROM added GROUP BY item_id) s
        WHERE b.item_id = s.item_id;
    PERFORM check_ledger_days(items, ARRAY[]::bigint[]);
    RETURN NULL;
END $$""",
    """CREATE OR REPLACE FUNCTION check_receipt_reversal() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong bigint;
    receipts bigint[] := ARRAY(SELECT DISTINCT receipt_id FROM added);
BEGIN
    PERFORM 1 FROM receipt_balance WHERE receipt_id = ANY(receipts) ORDER BY receipt_id FOR NO KEY UPDATE;
    SELECT a.receipt_id INTO wrong FROM added a JOIN receipt_balance b ON b.receipt_id = a.receipt_id
        JOIN receipt r ON r.id = a.receipt_id WHERE b.unallocated <> r.amount OR a.reversed_on < b.last_on LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'receipt % still pays something, or did after the day of its reversal', wrong
            USING ERRCODE = 'check_violation';
    END IF;
    UPDATE receipt_balance b SET unallocated = 0, last_on = a.reversed_on, reopened = true
        FROM added a WHERE b.receipt_id = a.receipt_id;
    RETURN NULL;
END $$""",
    """CREATE TRIGGER item_balance_opens AFTER INSERT ON receivable_item REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION open_item_balance()""",
    """CREATE TRIGGER receipt_balance_opens AFTER INSERT ON receipt REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION open_receipt_balance()""",
    """CREATE TRIGGER allocation_fits AFTER INSERT ON allocation REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION check_allocation()""",
    """CREATE TRIGGER adjustment_fits AFTER INSERT ON adjustment REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION check_adjustment()""",
    """CREATE TRIGGER reversal_fits AFTER INSERT ON receipt_reversal REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION check_receipt_reversal()""",
)
APPEND_ONLY = ("adjustment", "receipt_reversal", "item_mark", "limitation_interruption")
STATEMENT_STANDS = """CREATE TRIGGER statement_stands BEFORE UPDATE OF statement, customer_id, as_of ON balance_confirmation
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"""

# Earlier releases dated what paid in advance on the day of the money; from now on it counts from the invoice's own day,
# so that items and receipts tie on every day. Who paid late is the same by both.
DATES = (
    "ALTER TABLE allocation DISABLE TRIGGER allocation_append_only",
    """UPDATE allocation a SET allocated_on = greatest(a.allocated_on, i.document_date, r.received_on)
    FROM receivable_item i, receipt r WHERE i.id = a.item_id AND r.id = a.receipt_id
        AND a.allocated_on < greatest(i.document_date, r.received_on)""",
    "ALTER TABLE allocation ENABLE TRIGGER allocation_append_only",
)
# What the triggers would have written beside the rows of earlier releases.
BALANCES = (
    """INSERT INTO item_balance (item_id, customer_id, kind, currency, document_date, due_date, open_amount, last_on)
    SELECT i.id, i.customer_id, i.kind, i.currency, i.document_date, i.due_date,
        i.amount - coalesce(p.amount, 0), greatest(i.document_date, p.last_on)
    FROM receivable_item i LEFT JOIN (
        SELECT item_id, sum(amount) AS amount, max(allocated_on) AS last_on FROM allocation GROUP BY item_id
    ) p ON p.item_id = i.id""",
    """INSERT INTO receipt_balance (receipt_id, customer_id, currency, received_on, unallocated, last_on)
    SELECT r.id, r.customer_id, r.currency, r.received_on,
        r.amount - coalesce(p.amount, 0), greatest(r.received_on, p.last_on)
    FROM receipt r LEFT JOIN (
        SELECT receipt_id, sum(amount) AS amount, max(allocated_on) AS last_on FROM allocation GROUP BY receipt_id
    ) p ON p.receipt_id = r.id""",
)
# Checks of earlier releases that say something else now.
CHECKS = (
    ("receivable_item", "kind_known", "kind IN ('invoice', 'credit_note', 'interest', 'cost')"),
    ("incident", "kind", "kind IN ('timer', 'service', 'outbox', 'check')"),
    ("import_batch", "kind_known", "kind IN ('customers', 'invoices', 'receipts', 'bank_statement', 'ubl')"),
    ("import_batch", "status_known", "status IN ('waiting', 'running', 'done', 'refused', 'failed')"),
)


def upgrade() -> None:
    op.create_unique_constraint("uq_receivable_item_customer", "receivable_item", ["id", "customer_id"])
    op.create_table(
        "api_token",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.String(length=40)), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.BigInteger(), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("cardinality(scopes) > 0", name="scoped"),
        sa.CheckConstraint("revoked_by IS NULL OR revoked_at IS NOT NULL", name="revoked_when"),
        sa.ForeignKeyConstraint(
            ["made_by"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["revoked_by"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash", name="uq_api_token_hash"),
    )
    op.create_table(
        "bank_statement",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("statement_id", sa.String(length=60), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("opening", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("closing", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("to_on >= from_on", name="days_in_order"),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["import_batch.id"],
        ),
        sa.ForeignKeyConstraint(
            ["currency"],
            ["currency.code"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("account", "statement_id", name="uq_bank_statement"),
    )
    op.create_index(
        "ix_bank_statement_to",
        "bank_statement",
        [sa.literal_column("to_on DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_table(
        "idempotency_key",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("token_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("answer", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["token_id"],
            ["api_token.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_id", "key", name="uq_idempotency_key"),
    )
    op.create_index("ix_idempotency_key_created", "idempotency_key", ["created_at"], unique=False)
    op.create_table(
        "payer_account",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("account", "customer_id", name="uq_payer_account"),
    )
    op.create_index(op.f("ix_payer_account_customer_id"), "payer_account", ["customer_id"], unique=False)
    op.create_table(
        "adjustment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("external_id", sa.String(length=100), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("adjusted_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=30), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("btrim(note) <> ''", name="note_given"),
        sa.CheckConstraint(
            "reason IN ('correction', 'discount', 'small_difference', 'price', 'goods_returned', 'other')",
            name="reason_known",
        ),
        sa.CheckConstraint("amount <> 0", name="amount_not_zero"),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["receivable_item.id"],
        ),
        sa.ForeignKeyConstraint(
            ["made_by"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("source", "external_id", name="uq_adjustment_external"),
    )
    op.create_index("ix_adjustment_item", "adjustment", ["item_id"], unique=False)
    op.create_table(
        "item_balance",
        sa.Column("item_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("document_date", sa.Date(), nullable=False),
        sa.Column("due_date", sa.Date(), nullable=False),
        sa.Column("open_amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("reopened", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint("open_amount >= 0", name="not_exceeded"),
        sa.ForeignKeyConstraint(
            ["item_id", "customer_id"],
            ["receivable_item.id", "receivable_item.customer_id"],
            name="item_balance_item_fkey",
        ),
        sa.PrimaryKeyConstraint("item_id"),
    )
    op.create_index("ix_item_balance_last", "item_balance", ["last_on"], unique=False)
    op.create_index(
        "ix_item_balance_closed", "item_balance", ["customer_id", "last_on", "item_id"], unique=False
    )
    op.create_index(
        "ix_item_balance_open",
        "item_balance",
        ["customer_id", "due_date", "item_id"],
        unique=False,
        postgresql_where=sa.text("open_amount <> 0"),
    )
    op.create_table(
        "item_mark",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("marked_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=500), server_default="", nullable=False),
        sa.Column("ends_id", sa.BigInteger(), nullable=True),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(kind = 'promised' AND ends_id IS NULL) = (due_on IS NOT NULL)", name="promise_with_day"
        ),
        sa.CheckConstraint("kind IN ('disputed', 'promised')", name="kind_known"),
        sa.CheckConstraint("amount > 0", name="amount_positive"),
        sa.ForeignKeyConstraint(
            ["ends_id"],
            ["item_mark.id"],
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
        sa.UniqueConstraint("ends_id", name="uq_item_mark_ends"),
    )
    op.create_index("ix_item_mark_item", "item_mark", ["item_id"], unique=False)
    op.create_table(
        "receipt_balance",
        sa.Column("receipt_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("unallocated", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("reopened", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint("unallocated >= 0", name="not_exceeded"),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customer.id"],
        ),
        sa.ForeignKeyConstraint(
            ["receipt_id"],
            ["receipt.id"],
        ),
        sa.PrimaryKeyConstraint("receipt_id"),
    )
    op.create_index("ix_receipt_balance_last", "receipt_balance", ["last_on"], unique=False)
    op.create_index("ix_receipt_balance_closed", "receipt_balance", ["customer_id", "last_on"], unique=False)
    op.create_index(
        "ix_receipt_balance_open",
        "receipt_balance",
        ["customer_id"],
        unique=False,
        postgresql_where=sa.text("unallocated <> 0"),
    )
    op.create_table(
        "receipt_reversal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("receipt_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("reversed_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("btrim(reason) <> ''", name="reason_given"),
        sa.CheckConstraint("kind IN ('bounced', 'reversed')", name="kind_known"),
        sa.ForeignKeyConstraint(
            ["made_by"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["receipt_id"],
            ["receipt.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("receipt_id", name="uq_receipt_reversal_receipt"),
    )
    op.create_table(
        "bank_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("statement_id", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("reference", sa.String(length=100), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("value_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("payer", sa.String(length=200), server_default="", nullable=False),
        sa.Column("payer_account", sa.String(length=40), server_default="", nullable=False),
        sa.Column("remittance", sa.String(length=1000), server_default="", nullable=False),
        sa.Column("end_to_end_id", sa.String(length=60), server_default="", nullable=False),
        sa.Column("is_return", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("return_reason", sa.String(length=200), server_default="", nullable=False),
        sa.Column("bank_code", sa.String(length=60), server_default="", nullable=False),
        sa.Column("status", sa.String(length=20), server_default="waiting", nullable=False),
        sa.Column("rule", sa.String(length=60), server_default="", nullable=False),
        sa.Column("certainty", sa.Numeric(precision=4, scale=3), nullable=True),
        sa.Column("receipt_id", sa.BigInteger(), nullable=True),
        sa.Column("reversal_id", sa.BigInteger(), nullable=True),
        sa.Column("asked_customer_id", sa.BigInteger(), nullable=True),
        sa.Column("instance_id", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.String(length=500), server_default="", nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("(status = 'matched') = (receipt_id IS NOT NULL)", name="matched_with_receipt"),
        sa.CheckConstraint(
            "(status = 'returned') = (reversal_id IS NOT NULL)", name="returned_with_reversal"
        ),
        sa.CheckConstraint(
            "status IN ('waiting', 'matching', 'matched', 'set_aside', 'returned')", name="status_known"
        ),
        sa.CheckConstraint("amount <> 0", name="amount_not_zero"),
        sa.ForeignKeyConstraint(
            ["currency"],
            ["currency.code"],
        ),
        sa.ForeignKeyConstraint(
            ["asked_customer_id"],
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
            ["receipt_id"],
            ["receipt.id"],
        ),
        sa.ForeignKeyConstraint(
            ["reversal_id"],
            ["receipt_reversal.id"],
        ),
        sa.ForeignKeyConstraint(
            ["statement_id"],
            ["bank_statement.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("account", "reference", name="uq_bank_entry_reference"),
    )
    op.create_index("ix_bank_entry_instance", "bank_entry", ["instance_id"], unique=False)
    op.create_index(
        "ix_bank_entry_booked",
        "bank_entry",
        [sa.literal_column("booked_on DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_bank_entry_end_to_end",
        "bank_entry",
        ["end_to_end_id"],
        unique=False,
        postgresql_where=sa.text("end_to_end_id <> ''"),
    )
    op.create_index(
        "ix_bank_entry_new",
        "bank_entry",
        ["id"],
        unique=False,
        postgresql_where=sa.text("status = 'waiting' AND rule = ''"),
    )
    op.create_index("ix_bank_entry_reversal", "bank_entry", ["reversal_id"], unique=True)
    op.create_index("ix_bank_entry_receipt", "bank_entry", ["receipt_id"], unique=True)
    op.create_index("ix_bank_entry_statement", "bank_entry", ["statement_id", "id"], unique=False)
    op.create_index(
        "ix_bank_entry_waiting",
        "bank_entry",
        ["id"],
        unique=False,
        postgresql_where=sa.text("status IN ('waiting', 'matching')"),
    )
    op.create_table(
        "balance_confirmation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("statement", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("status", sa.String(length=20), server_default="sent", nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sendings", sa.Integer(), server_default="0", nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("answered_by", sa.String(length=200), server_default="", nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=True),
        sa.Column("signed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("reminders", sa.Integer(), server_default="0", nullable=False),
        sa.Column("note", sa.String(length=500), server_default="", nullable=False),
        sa.Column("instance_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "status IN ('sent', 'agreed', 'differences', 'settled', 'silent', 'closed')", name="status_known"
        ),
        sa.CheckConstraint("NOT signed OR document_id IS NOT NULL", name="signed_document"),
        sa.CheckConstraint("status <> 'closed' OR note <> ''", name="closed_with_reason"),
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
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("customer_id", "as_of", name="uq_balance_confirmation"),
    )
    op.create_index(
        "ix_balance_confirmation_as_of",
        "balance_confirmation",
        [sa.literal_column("as_of DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_balance_confirmation_status",
        "balance_confirmation",
        ["status", sa.literal_column("as_of DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "uq_balance_confirmation_running",
        "balance_confirmation",
        ["customer_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('sent', 'differences', 'silent')"),
    )
    op.create_index("ix_balance_confirmation_instance", "balance_confirmation", ["instance_id"], unique=False)
    op.create_table(
        "confirmation_difference",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("confirmation_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=True),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("outcome_note", sa.String(length=500), server_default="", nullable=False),
        sa.Column("mark_id", sa.BigInteger(), nullable=True),
        sa.Column("adjustment_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("outcome IN ('dispute', 'correction', 'none')", name="outcome_known"),
        sa.CheckConstraint("(outcome = 'dispute') = (mark_id IS NOT NULL)", name="dispute_with_mark"),
        sa.CheckConstraint(
            "(outcome = 'correction') = (adjustment_id IS NOT NULL)", name="correction_with_entry"
        ),
        sa.CheckConstraint("amount > 0", name="amount_positive"),
        sa.ForeignKeyConstraint(
            ["adjustment_id"],
            ["adjustment.id"],
        ),
        sa.ForeignKeyConstraint(
            ["confirmation_id"],
            ["balance_confirmation.id"],
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
            ["mark_id"],
            ["item_mark.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_confirmation_difference", "confirmation_difference", ["confirmation_id"], unique=False
    )
    op.create_table(
        "limitation_interruption",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("interrupted_on", sa.Date(), nullable=False),
        sa.Column("ground", sa.String(length=30), nullable=False),
        sa.Column("confirmation_id", sa.BigInteger(), nullable=True),
        sa.Column("document_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("ground IN ('balance_confirmed')", name="ground_known"),
        sa.ForeignKeyConstraint(
            ["confirmation_id"],
            ["balance_confirmation.id"],
        ),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["customer_document.id"],
        ),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["receivable_item.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_limitation_interruption_item",
        "limitation_interruption",
        ["item_id", "interrupted_on"],
        unique=False,
    )
    op.add_column("allocation", sa.Column("credit_item_id", sa.BigInteger(), nullable=True))
    op.add_column("allocation", sa.Column("reverses_id", sa.BigInteger(), nullable=True))
    op.add_column("allocation", sa.Column("made_by", sa.BigInteger(), nullable=True))
    op.add_column(
        "allocation",
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
    )
    op.alter_column("allocation", "receipt_id", existing_type=sa.BIGINT(), nullable=True)
    op.create_index(
        "ix_allocation_credit",
        "allocation",
        ["credit_item_id"],
        unique=False,
        postgresql_where=sa.text("credit_item_id IS NOT NULL"),
    )
    op.create_unique_constraint("uq_allocation_reverses", "allocation", ["reverses_id"])
    op.create_foreign_key(None, "allocation", "receivable_item", ["credit_item_id"], ["id"])
    op.create_foreign_key(None, "allocation", "allocation", ["reverses_id"], ["id"])
    op.create_foreign_key(None, "allocation", "person", ["made_by"], ["id"])
    op.add_column("import_batch", sa.Column("rows_done", sa.Integer(), server_default="0", nullable=False))
    op.add_column("import_batch", sa.Column("upload", sa.String(length=100), nullable=True))
    op.add_column(
        "import_batch", sa.Column("problem", sa.String(length=500), server_default="", nullable=False)
    )
    op.add_column(
        "import_batch",
        sa.Column(
            "problem_values", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False
        ),
    )
    op.add_column(
        "import_batch", sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False)
    )
    op.create_index(
        "ix_import_batch_open",
        "import_batch",
        ["id"],
        unique=False,
        postgresql_where=sa.text("status IN ('waiting', 'running')"),
    )
    op.add_column(
        "import_problem",
        sa.Column(
            "reason_values", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False
        ),
    )
    op.add_column("receipt", sa.Column("payer", sa.String(length=200), server_default="", nullable=False))
    op.add_column("receipt", sa.Column("made_by", sa.BigInteger(), nullable=True))
    op.create_foreign_key(None, "receipt", "person", ["made_by"], ["id"])
    op.add_column(
        "receivable_item", sa.Column("terms", sa.String(length=300), server_default="", nullable=False)
    )
    op.add_column("receivable_item", sa.Column("instalment", sa.SmallInteger(), nullable=True))
    op.add_column(
        "receivable_item", sa.Column("reference", sa.String(length=200), server_default="", nullable=False)
    )
    op.create_index(
        "ix_receivable_item_key",
        "receivable_item",
        [sa.literal_column("upper(translate(number, ' -/._#', ''))").label("key")],
        unique=False,
        postgresql_ops={"key": "text_pattern_ops"},
    )
    # No page asks by these any more: open items are found by their balances, numbers by their key.
    for name in ("due", "created", "number"):
        op.drop_index(f"ix_receivable_item_{name}", table_name="receivable_item")
    op.create_index(
        "ix_receivable_item_reference",
        "receivable_item",
        [sa.text("upper(translate(reference, ' -/._#', ''))")],
        unique=False,
        postgresql_where=sa.text("reference <> ''"),
    )
    op.add_column("receivable_item", sa.Column("made_by", sa.BigInteger(), nullable=True))
    op.create_foreign_key(None, "receivable_item", "person", ["made_by"], ["id"])
    for table, name, condition in CHECKS:
        op.drop_constraint(name, table, type_="check")
        op.create_check_constraint(name, table, condition)
    op.drop_constraint("amount_positive", "allocation", type_="check")
    op.create_check_constraint("one_source", "allocation", "num_nonnulls(receipt_id, credit_item_id) = 1")
    op.create_check_constraint(
        "negative_when_undone", "allocation", "amount <> 0 AND (amount < 0) = (reverses_id IS NOT NULL)"
    )
    op.drop_constraint("uq_exchange_rate", "exchange_rate", type_="unique")
    op.create_index(
        "ix_exchange_rate_pair",
        "exchange_rate",
        ["base", "quote", sa.literal_column("day DESC"), sa.literal_column("id DESC")],
    )
    op.alter_column("access_log", "person_id", nullable=True)
    op.add_column("access_log", sa.Column("token_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(None, "access_log", "api_token", ["token_id"], ["id"])
    op.create_check_constraint("by_one", "access_log", "num_nonnulls(person_id, token_id) = 1")
    op.execute("DROP TRIGGER allocation_fits ON allocation")
    for statement in (*DATES, *BALANCES, *GUARDS):
        op.execute(statement)
    op.execute(STATEMENT_STANDS)
    for table in APPEND_ONLY:
        op.execute(
            f"""CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"""
        )


def downgrade() -> None:
    raise NotImplementedError(
        "What this revision keeps has no place in the one before: restore a backup instead."
    )
