"""Contracts with their versions, reviews, performance, and the parties that are no customers."""
# ruff: noqa: E501, PLR0915 (written by the migration tool)

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: str | None = None
depends_on: str | None = None

APPEND_ONLY = (
    "contract_template",
    "contract_document",
    "contract_event",
    "contract_opinion",
    "contract_signature",
    "contract_warning",
)
# A version of a contract stands from the moment it is put under review, with the checklist that was made of it.
STANDING = (
    """
CREATE OR REPLACE FUNCTION keep_contract_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.frozen_at IS NOT NULL AND (TG_OP = 'DELETE' OR to_jsonb(NEW) - 'words' <> to_jsonb(OLD) - 'words') THEN
        RAISE EXCEPTION 'version % of contract % stands', OLD.no, OLD.contract_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$
""",
    """
CREATE TRIGGER version_stands BEFORE UPDATE OR DELETE ON contract_version
    FOR EACH ROW EXECUTE FUNCTION keep_contract_version()
""",
    """
CREATE OR REPLACE FUNCTION keep_contract_clauses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM contract_version v WHERE v.id = OLD.version_id AND v.frozen_at IS NOT NULL) THEN
        RAISE EXCEPTION 'the checklist of version % stands', OLD.version_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$
""",
    """
CREATE TRIGGER clauses_stand BEFORE UPDATE OR DELETE ON contract_clause
    FOR EACH ROW EXECUTE FUNCTION keep_contract_clauses()
""",
)
# The register finds a contract by the names that its other side has and had; the program adds the rest of its words
# (credit_app.domain.search_words, which tells words apart as words_of_name does).
FOUND_BY_NAME = (
    """
CREATE OR REPLACE FUNCTION words_of_name(given text) RETURNS tsvector LANGUAGE sql STABLE AS $$
    WITH plain AS (SELECT lower(normalize(given, NFKC)) AS name)
    SELECT array_to_tsvector(ARRAY(
        SELECT word FROM plain, regexp_split_to_table(plain.name, '[^[:alnum:]]+') word
        WHERE word <> '' AND ascii(word) < 12288
        UNION
        SELECT substr(plain.name, place, 2) FROM plain, generate_series(1, length(plain.name)) place
        WHERE ascii(substr(plain.name, place, 1)) >= 12288
    ))
$$
""",
    """
CREATE OR REPLACE FUNCTION find_contracts_by_new_name() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'customer' THEN
        UPDATE contract SET words = coalesce(words, '') || words_of_name(NEW.name) WHERE customer_id = NEW.id;
    ELSE
        UPDATE contract SET words = coalesce(words, '') || words_of_name(NEW.name) WHERE party_id = NEW.id;
    END IF;
    RETURN NULL;
END $$
""",
    """
CREATE TRIGGER contracts_found_by_name AFTER UPDATE OF name ON customer
    FOR EACH ROW WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION find_contracts_by_new_name()
""",
    """
CREATE TRIGGER contracts_found_by_name AFTER UPDATE OF name ON party
    FOR EACH ROW WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION find_contracts_by_new_name()
""",
)


def upgrade() -> None:
    op.create_table(
        "contract_template",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("side", sa.String(length=10), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("note", sa.String(length=1000), server_default="", nullable=False),
        sa.Column("withdrawn", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("NOT withdrawn OR btrim(note) <> ''", name="withdrawn_with_reason"),
        sa.CheckConstraint("btrim(body) <> '' AND btrim(title) <> ''", name="body_given"),
        sa.CheckConstraint("language IN ('en', 'zh')", name="language_known"),
        sa.CheckConstraint("side IN ('sales', 'purchase')", name="side_known"),
        sa.CheckConstraint("version > 0", name="version_counted"),
        sa.ForeignKeyConstraint(
            ["made_by"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code", "language", "version", name="uq_contract_template_version"),
    )
    op.create_table(
        "contract_template_draft",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("side", sa.String(length=10), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("note", sa.String(length=1000), server_default="", nullable=False),
        sa.Column("saved_by", sa.BigInteger(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("btrim(body) <> '' AND btrim(title) <> ''", name="body_given"),
        sa.CheckConstraint("code ~ '^[a-z][a-z0-9_]{1,39}$'", name="code_plain"),
        sa.CheckConstraint("language IN ('en', 'zh')", name="language_known"),
        sa.CheckConstraint("side IN ('sales', 'purchase')", name="side_known"),
        sa.ForeignKeyConstraint(
            ["saved_by"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code", "language", name="uq_contract_template_draft"),
    )
    op.create_table(
        "party",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("registration_number", sa.String(length=60), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("city", sa.String(length=200), server_default="", nullable=False),
        sa.Column("address", sa.String(length=500), server_default="", nullable=False),
        sa.Column("contact_name", sa.String(length=200), server_default="", nullable=False),
        sa.Column("email", sa.String(length=254), server_default="", nullable=False),
        sa.Column("phone", sa.String(length=60), server_default="", nullable=False),
        sa.Column("note", sa.String(length=4000), server_default="", nullable=False),
        sa.Column("branch_id", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.String(length=20), server_default="active", nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("btrim(name) <> ''", name="name_given"),
        sa.CheckConstraint("country ~ '^[A-Z]{2}$'", name="country_iso"),
        sa.CheckConstraint("kind IN ('supplier', 'partner')", name="kind_known"),
        sa.CheckConstraint("status IN ('active', 'closed')", name="status_known"),
        sa.CheckConstraint("registration_number IS NULL OR country IS NOT NULL", name="registered_somewhere"),
        sa.ForeignKeyConstraint(
            ["branch_id"],
            ["branch.id"],
        ),
        sa.ForeignKeyConstraint(
            ["made_by"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index("ix_party_branch", "party", ["branch_id", "id"], unique=False)
    op.create_index(
        "ix_party_name",
        "party",
        [sa.literal_column("lower(name)").label("lower_name"), "id"],
        unique=False,
        postgresql_ops={"lower_name": "text_pattern_ops"},
    )
    op.create_index(
        "uq_party_registration",
        "party",
        ["country", sa.literal_column("upper(regexp_replace(registration_number, '[^[:alnum:]]', '', 'g'))")],
        unique=True,
    )
    op.create_table(
        "contract",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("side", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("party_id", sa.BigInteger(), nullable=True),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("branch_id", sa.BigInteger(), nullable=True),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=20), server_default="need", nullable=False),
        sa.Column("need", sa.String(length=4000), nullable=False),
        sa.Column("need_by", sa.Date(), nullable=True),
        sa.Column("why_us", sa.String(length=2000), server_default="", nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=True),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("filed_on", sa.Date(), nullable=True),
        sa.Column("terminated_on", sa.Date(), nullable=True),
        sa.Column("words", postgresql.TSVECTOR(), nullable=True),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "(status = 'terminated') = (terminated_on IS NOT NULL)", name="terminated_with_day"
        ),
        sa.CheckConstraint("btrim(need) <> ''", name="need_given"),
        sa.CheckConstraint("btrim(title) <> ''", name="title_given"),
        sa.CheckConstraint("kind IN ('goods', 'service', 'framework', 'cooperation')", name="kind_known"),
        sa.CheckConstraint("side IN ('sales', 'purchase')", name="side_known"),
        sa.CheckConstraint(
            "status IN ('need', 'draft', 'in_review', 'active', 'expired', 'terminated', 'refused', 'withdrawn')",
            name="status_known",
        ),
        sa.CheckConstraint(
            "status IN ('need', 'withdrawn') OR version_id IS NOT NULL", name="drafted_with_version"
        ),
        sa.CheckConstraint(
            "status NOT IN ('active', 'expired', 'terminated') OR filed_on IS NOT NULL",
            name="in_force_when_filed",
        ),
        sa.CheckConstraint("(customer_id IS NULL) <> (party_id IS NULL)", name="one_other_side"),
        sa.CheckConstraint("amount >= 0", name="amount_not_negative"),
        sa.CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
        sa.CheckConstraint("parent_id <> id", name="not_under_itself"),
        sa.ForeignKeyConstraint(
            ["branch_id"],
            ["branch.id"],
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
            ["made_by"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["contract.id"],
        ),
        sa.ForeignKeyConstraint(
            ["party_id"],
            ["party.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index(
        "ix_contract_branch", "contract", ["branch_id", sa.literal_column("id DESC")], unique=False
    )
    op.create_index(
        "ix_contract_customer", "contract", ["customer_id", sa.literal_column("id DESC")], unique=False
    )
    op.create_index(
        "ix_contract_ends",
        "contract",
        ["ends_on", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'active'"),
    )
    op.create_index(
        "ix_contract_end",
        "contract",
        [sa.literal_column("coalesce(ends_on, '9999-12-31'::date)"), "id"],
        unique=False,
    )
    op.create_index("ix_contract_since", "contract", ["created_at", "id"], unique=False)
    op.create_index("ix_contract_title", "contract", [sa.literal_column("lower(title)"), "id"], unique=False)
    op.create_index("ix_contract_words", "contract", ["words"], unique=False, postgresql_using="gin")
    op.create_index("ix_contract_owner", "contract", ["owner_id", sa.literal_column("id DESC")], unique=False)
    op.create_index(op.f("ix_contract_parent_id"), "contract", ["parent_id"], unique=False)
    op.create_index("ix_contract_party", "contract", ["party_id", sa.literal_column("id DESC")], unique=False)
    op.create_index("ix_contract_status", "contract", ["status", sa.literal_column("id DESC")], unique=False)
    op.create_table(
        "contract_item",
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=True),
        sa.Column("linked_by", sa.BigInteger(), nullable=True),
        sa.Column("linked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("retention_due_on", sa.Date(), nullable=True),
        sa.CheckConstraint("contract_id IS NOT NULL OR linked_by IS NOT NULL", name="taken_out_by_somebody"),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contract.id"],
        ),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["receivable_item.id"],
        ),
        sa.ForeignKeyConstraint(
            ["linked_by"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("item_id"),
    )
    op.create_index("ix_contract_item_contract", "contract_item", ["contract_id", "item_id"], unique=False)
    op.create_index(
        "ix_contract_item_retention",
        "contract_item",
        ["retention_due_on", "item_id"],
        unique=False,
        postgresql_where=sa.text("retention_due_on IS NOT NULL"),
    )
    op.create_index(
        "ix_receivable_item_since",
        "receivable_item",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("reference <> ''"),
    )
    op.create_table(
        "contract_milestone",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("status", sa.String(length=20), server_default="planned", nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("evidence", sa.String(length=1000), server_default="", nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("closed_by", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint("(status = 'done') = (done_on IS NOT NULL)", name="done_with_day"),
        sa.CheckConstraint("btrim(title) <> ''", name="title_given"),
        sa.CheckConstraint(
            "kind IN ('delivery', 'acceptance', 'invoice', 'payment', 'retention', 'warranty', 'renewal', 'expiry', "
            "'other')",
            name="kind_known",
        ),
        sa.CheckConstraint("status IN ('planned', 'done', 'cancelled')", name="status_known"),
        sa.CheckConstraint("amount >= 0", name="amount_not_negative"),
        sa.ForeignKeyConstraint(
            ["closed_by"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contract.id"],
        ),
        sa.ForeignKeyConstraint(
            ["made_by"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_contract_milestone_contract", "contract_milestone", ["contract_id", "due_on", "id"], unique=False
    )
    op.create_index(
        "ix_contract_milestone_due",
        "contract_milestone",
        ["due_on", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'planned'"),
    )
    op.create_index(op.f("ix_contract_milestone_owner_id"), "contract_milestone", ["owner_id"], unique=False)
    op.create_table(
        "contract_version",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("no", sa.SmallInteger(), nullable=False),
        sa.Column("note", sa.String(length=2000), server_default="", nullable=False),
        sa.Column("goods", sa.String(length=2000), server_default="", nullable=False),
        sa.Column("specification", sa.String(length=4000), server_default="", nullable=False),
        sa.Column("quantity", sa.Numeric(precision=18, scale=4), nullable=True),
        sa.Column("unit", sa.String(length=30), server_default="", nullable=False),
        sa.Column("quality", sa.String(length=2000), server_default="", nullable=False),
        sa.Column("delivery_terms", sa.String(length=200), server_default="", nullable=False),
        sa.Column("delivery_place", sa.String(length=300), server_default="", nullable=False),
        sa.Column("delivery_on", sa.Date(), nullable=True),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("payment_days", sa.SmallInteger(), nullable=True),
        sa.Column("payment_method", sa.String(length=20), nullable=True),
        sa.Column("payment_terms", sa.String(length=200), server_default="", nullable=False),
        sa.Column("retention_share", sa.Numeric(precision=5, scale=4), nullable=True),
        sa.Column("retention_days", sa.SmallInteger(), nullable=True),
        sa.Column("retention_from", sa.String(length=20), server_default="invoice", nullable=False),
        sa.Column("warranty_months", sa.SmallInteger(), nullable=True),
        sa.Column("breach_liability", sa.String(length=2000), server_default="", nullable=False),
        sa.Column("liability_cap", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("security", sa.String(length=2000), server_default="", nullable=False),
        sa.Column("governing_law", sa.String(length=2), nullable=True),
        sa.Column("forum", sa.String(length=300), server_default="", nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("renewal", sa.String(length=20), server_default="none", nullable=False),
        sa.Column("renewal_notice_days", sa.SmallInteger(), nullable=True),
        sa.Column("special", sa.String(length=4000), server_default="", nullable=False),
        sa.Column("language", sa.String(length=5), server_default="en", nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("template", sa.String(length=50), nullable=True),
        sa.Column("template_version", sa.Integer(), nullable=True),
        sa.Column("words", postgresql.TSVECTOR(), nullable=True),
        sa.Column("filename", sa.String(length=255), nullable=True),
        sa.Column("content_type", sa.String(length=120), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("governing_law ~ '^[A-Z]{2}$'", name="law_of_a_country"),
        sa.CheckConstraint("language IN ('en', 'zh')", name="language_known"),
        sa.CheckConstraint(
            "payment_method IN ('open_account', 'bill', 'instalments', 'cash_on_delivery', 'prepayment')",
            name="payment_method_known",
        ),
        sa.CheckConstraint("renewal IN ('none', 'automatic', 'by_agreement')", name="renewal_known"),
        sa.CheckConstraint("retention_from IN ('invoice', 'acceptance')", name="retention_from_known"),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256_hex"),
        sa.CheckConstraint(
            "(content IS NULL) = (sha256 IS NULL) AND (content IS NULL) = (filename IS NULL)",
            name="document_whole",
        ),
        sa.CheckConstraint("(template IS NULL) = (template_version IS NULL)", name="template_with_version"),
        sa.CheckConstraint("amount >= 0", name="amount_not_negative"),
        sa.CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
        sa.CheckConstraint("liability_cap >= 0", name="liability_not_negative"),
        sa.CheckConstraint("no > 0", name="counted"),
        sa.CheckConstraint("payment_days >= 0", name="payment_days_counted"),
        sa.CheckConstraint("quantity > 0", name="quantity_positive"),
        sa.CheckConstraint("renewal_notice_days >= 0", name="notice_counted"),
        sa.CheckConstraint("retention_days >= 0", name="retention_days_counted"),
        sa.CheckConstraint("retention_share BETWEEN 0 AND 1", name="retention_a_share"),
        sa.CheckConstraint("size = octet_length(content)", name="size_true"),
        sa.CheckConstraint("warranty_months >= 0", name="warranty_counted"),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contract.id"],
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
        sa.UniqueConstraint("contract_id", "no", name="uq_contract_version_no"),
    )
    op.create_table(
        "contract_warning",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("days", sa.SmallInteger(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contract.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("contract_id", "what", "due_on", "days", name="uq_contract_warning"),
    )
    op.create_table(
        "contract_breach",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("milestone_id", sa.BigInteger(), nullable=True),
        sa.Column("by_side", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("description", sa.String(length=2000), nullable=False),
        sa.Column("consequence", sa.String(length=20), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("status", sa.String(length=20), server_default="open", nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("closed_note", sa.String(length=1000), server_default="", nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("closed_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(status = 'open') = (closed_on IS NULL)", name="closed_with_day"),
        sa.CheckConstraint("btrim(description) <> ''", name="description_given"),
        sa.CheckConstraint("by_side IN ('us', 'them')", name="by_side_known"),
        sa.CheckConstraint(
            "consequence IN ('none', 'notice', 'penalty', 'damages', 'suspension', 'termination', 'claim')",
            name="consequence_known",
        ),
        sa.CheckConstraint(
            "kind IN ('late_delivery', 'not_delivered', 'quality', 'late_payment', 'not_paid', 'confidentiality', 'other')",
            name="kind_known",
        ),
        sa.CheckConstraint("status IN ('open', 'cured', 'settled', 'claimed')", name="status_known"),
        sa.CheckConstraint("amount >= 0", name="amount_not_negative"),
        sa.CheckConstraint("closed_on >= occurred_on", name="closed_after_it_happened"),
        sa.ForeignKeyConstraint(
            ["closed_by"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contract.id"],
        ),
        sa.ForeignKeyConstraint(
            ["made_by"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["milestone_id"],
            ["contract_milestone.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_contract_breach_contract", "contract_breach", ["contract_id", "id"], unique=False)
    op.create_table(
        "contract_clause",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("clause", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("area", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("quoted", sa.String(length=500), server_default="", nullable=False),
        sa.Column("policy_text", sa.String(length=4000), server_default="", nullable=False),
        sa.Column("reason", sa.String(length=1000), server_default="", nullable=False),
        sa.Column("checked_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state IN ('present', 'deviating', 'missing', 'not_applicable')", name="state_known"
        ),
        sa.ForeignKeyConstraint(
            ["checked_by"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["contract_version.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("version_id", "clause", name="uq_contract_clause"),
    )
    op.create_table(
        "contract_document",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.Column("content_type", sa.String(length=120), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("uploaded_by", sa.BigInteger(), nullable=True),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('signed', 'notice', 'delivery', 'acceptance', 'correspondence', 'other')",
            name="kind_known",
        ),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256_hex"),
        sa.CheckConstraint("size = octet_length(content)", name="size_true"),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contract.id"],
        ),
        sa.ForeignKeyConstraint(
            ["uploaded_by"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["contract_version.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_contract_document_contract", "contract_document", ["contract_id", "id"], unique=False)
    op.create_table(
        "contract_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(length=1000), server_default="", nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=True),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contract.id"],
        ),
        sa.ForeignKeyConstraint(
            ["made_by"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["contract_version.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_contract_event_contract", "contract_event", ["contract_id", "id"], unique=False)
    op.create_table(
        "contract_review",
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("party_id", sa.BigInteger(), nullable=True),
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("round", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("areas", sa.String(length=60), server_default="", nullable=False),
        sa.Column("changes", sa.String(length=4000), server_default="", nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=True),
        sa.Column("outcome_note", sa.String(length=1000), server_default="", nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("instance_id", sa.BigInteger(), nullable=True),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(status IN ('drafting', 'checking', 'in_review', 'answering', 'escalated', 'awaiting_credit', 'signing', 'countersigning')) = (closed_on IS NULL)",
            name="closed_with_day",
        ),
        sa.CheckConstraint("kind IN ('new', 'change', 'renewal')", name="kind_known"),
        sa.CheckConstraint(
            "status IN ('drafting', 'checking', 'in_review', 'answering', 'escalated', 'awaiting_credit', 'signing', 'countersigning', 'filed', 'refused', 'withdrawn')",
            name="status_known",
        ),
        sa.CheckConstraint("(customer_id IS NULL) <> (party_id IS NULL)", name="one_other_side"),
        sa.CheckConstraint("round >= 0", name="round_counted"),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["credit_application.id"],
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contract.id"],
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
            ["party_id"],
            ["party.id"],
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["contract_version.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("instance_id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index(
        "ix_contract_review_contract",
        "contract_review",
        ["contract_id", sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_contract_review_customer",
        "contract_review",
        ["customer_id", sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        "uq_contract_review_running",
        "contract_review",
        ["contract_id"],
        unique=True,
        postgresql_where=sa.text(
            "status IN ('drafting', 'checking', 'in_review', 'answering', 'escalated', 'awaiting_credit', 'signing', 'countersigning')"
        ),
    )
    op.create_table(
        "contract_comment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("review_id", sa.BigInteger(), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("area", sa.String(length=20), nullable=False),
        sa.Column("clause", sa.String(length=40), server_default="", nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("body", sa.String(length=4000), nullable=False),
        sa.Column("wording", sa.String(length=4000), server_default="", nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("state", sa.String(length=20), server_default="open", nullable=False),
        sa.Column("answer", sa.String(length=2000), server_default="", nullable=False),
        sa.Column("answered_by", sa.BigInteger(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("level", sa.String(length=30), nullable=True),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_note", sa.String(length=2000), server_default="", nullable=False),
        sa.CheckConstraint("area IN ('credit', 'finance', 'legal', 'delivery')", name="area_known"),
        sa.CheckConstraint("btrim(body) <> ''", name="body_given"),
        sa.CheckConstraint("kind <> 'wording' OR btrim(wording) <> ''", name="wording_given"),
        sa.CheckConstraint("kind IN ('object', 'wording', 'condition', 'remark')", name="kind_known"),
        sa.CheckConstraint(
            "state IN ('open', 'taken_up', 'accepted', 'taken_back', 'overruled', 'upheld', 'noted')",
            name="state_known",
        ),
        sa.CheckConstraint(
            "state NOT IN ('overruled', 'upheld') OR decided_by IS NOT NULL", name="decided_by_somebody"
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["made_by"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["review_id"],
            ["contract_review.id"],
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["contract_version.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_contract_comment_review", "contract_comment", ["review_id", "id"], unique=False)
    op.create_table(
        "contract_opinion",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("review_id", sa.BigInteger(), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=False),
        sa.Column("round", sa.SmallInteger(), nullable=False),
        sa.Column("area", sa.String(length=20), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(length=4000), server_default="", nullable=False),
        sa.Column("given_by", sa.BigInteger(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("area IN ('credit', 'finance', 'legal', 'delivery')", name="area_known"),
        sa.CheckConstraint("verdict IN ('agree', 'conditions', 'object')", name="verdict_known"),
        sa.ForeignKeyConstraint(
            ["given_by"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["review_id"],
            ["contract_review.id"],
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["contract_version.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("review_id", "round", "area", name="uq_contract_opinion"),
    )
    op.create_table(
        "contract_renewal",
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("party_id", sa.BigInteger(), nullable=True),
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("decide_by", sa.Date(), nullable=False),
        sa.Column("ground", sa.String(length=1000), server_default="", nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("noticed_on", sa.Date(), nullable=True),
        sa.Column("document_id", sa.BigInteger(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("amount", sa.Numeric(precision=18, scale=2), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("instance_id", sa.BigInteger(), nullable=True),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(status IN ('deciding', 'giving_notice')) = (closed_on IS NULL)", name="closed_with_day"
        ),
        sa.CheckConstraint(
            "status IN ('deciding', 'giving_notice', 'renewed', 'let_expire', 'notice_given', 'dropped')",
            name="status_known",
        ),
        sa.CheckConstraint("(customer_id IS NULL) <> (party_id IS NULL)", name="one_other_side"),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contract.id"],
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
            ["document_id"],
            ["contract_document.id"],
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
            ["party_id"],
            ["party.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("instance_id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index(
        "ix_contract_renewal_contract",
        "contract_renewal",
        ["contract_id", sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index(
        op.f("ix_contract_renewal_customer_id"), "contract_renewal", ["customer_id"], unique=False
    )
    op.create_index(
        "uq_contract_renewal_running",
        "contract_renewal",
        ["contract_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('deciding', 'giving_notice')"),
    )
    op.create_table(
        "contract_signature",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("review_id", sa.BigInteger(), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.String(length=30), nullable=False),
        sa.Column("decision", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(length=2000), server_default="", nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("signed_by", sa.BigInteger(), nullable=False),
        sa.Column("on_behalf_of", sa.BigInteger(), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("decision = 'sign' OR btrim(note) <> ''", name="reason_given"),
        sa.CheckConstraint("decision IN ('sign', 'send_back', 'refuse')", name="decision_known"),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256_hex"),
        sa.ForeignKeyConstraint(
            ["on_behalf_of"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["review_id"],
            ["contract_review.id"],
        ),
        sa.ForeignKeyConstraint(
            ["signed_by"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["contract_version.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_contract_signature_review", "contract_signature", ["review_id", "id"], unique=False)
    op.create_foreign_key("fk_contract_version_id", "contract", "contract_version", ["version_id"], ["id"])
    for kind in ("contract", "contract_review", "contract_renewal"):
        op.execute(sa.schema.CreateSequence(sa.Sequence(f"number_of_{kind}")))
    for table in APPEND_ONLY:
        op.execute(
            f"""CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"""
        )
    for statement in (*STANDING, *FOUND_BY_NAME):
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError(
        "What this revision keeps has no place in the one before: restore a backup instead."
    )
