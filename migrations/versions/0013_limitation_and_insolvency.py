"""A restarted limitation has a case scored anew, an insolvency pauses it; the day on which a demand was received."""

import sqlalchemy as sa
from alembic import op

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.add_column("legal_document", sa.Column("received_on", sa.Date(), nullable=True))
    op.create_check_constraint(
        "demand_received", "legal_document", "received_on IS NULL OR piece = 'demands'"
    )
    op.execute("""
CREATE OR REPLACE FUNCTION signal_collection_of_limitation_interruption() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO collection_signal (customer_id, cause)
        SELECT DISTINCT c.customer_id, 'ladder' FROM added a JOIN receivable_item i ON i.id = a.item_id
        JOIN collection_case c ON c.customer_id = i.customer_id AND c.status = 'open';
    RETURN NULL;
END $$
""")
    op.execute("""
CREATE OR REPLACE TRIGGER signal_collection_of_limitation_interruption AFTER INSERT ON limitation_interruption
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION signal_collection_of_limitation_interruption()
""")
    op.execute("""
CREATE OR REPLACE FUNCTION signal_collection_of_legal_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO collection_signal (customer_id, cause)
        SELECT DISTINCT c.customer_id, 'insolvency' FROM added a
        JOIN collection_case c ON c.customer_id = a.customer_id AND a.kind = 'insolvency' AND c.status = 'open';
    RETURN NULL;
END $$
""")
    op.execute("""
CREATE OR REPLACE TRIGGER signal_collection_of_legal_record AFTER INSERT ON legal_record
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION signal_collection_of_legal_record()
""")
    op.drop_constraint("cause_known", "collection_move")
    op.create_check_constraint(
        "cause_known",
        "collection_move",
        "cause IN ('ladder', 'payment', 'correction', 'reopened', 'dispute', 'promise', 'broken_promise', 'rating', "
        "'by_hand', 'written_off', 'insolvency', 'agreed', 'dispute_over', 'promise_over', 'pause_over', "
        "'key_customer', 'figures')",
    )


def downgrade() -> None:
    raise NotImplementedError("restore the backup that was taken before the upgrade")
