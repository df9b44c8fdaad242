"""The nightly run of collection: who asked for it by hand, and since when what could not be moved rests."""

import sqlalchemy as sa
from alembic import op

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.add_column("collection_run", sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("collection_run", sa.Column("asked_by", sa.BigInteger(), nullable=True))
    op.create_foreign_key(None, "collection_run", "person", ["asked_by"], ["id"])
    op.add_column("collection_signal", sa.Column("held_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE collection_signal SET held_at = now() WHERE held")
    op.create_check_constraint("held_since", "collection_signal", "held = (held_at IS NOT NULL)")
    op.create_index(
        "ix_collection_signal_held", "collection_signal", ["customer_id"], postgresql_where=sa.text("held")
    )


def downgrade() -> None:
    raise NotImplementedError(
        "What this revision keeps has no place in the one before: restore a backup instead."
    )
