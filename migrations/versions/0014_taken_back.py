"""Promises, plans, extensions and disputes that were reopened; reviews that a final demand begins."""
# ruff: noqa: E501 (written by the migration tool)

import sqlalchemy as sa
from alembic import op

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    for table in ("promise_to_pay", "payment_plan", "payment_extension", "dispute"):
        op.add_column(table, sa.Column("reopened_on", sa.Date(), nullable=True))
    op.drop_constraint("review_trigger_known", "credit_application", type_="check")
    op.create_check_constraint(
        "review_trigger_known",
        "credit_application",
        "review_trigger IN ('final_demand', 'review_date', 'expiry', 'overdue', 'downgrade', 'warning_line', 'security', 'by_hand')",
    )


def downgrade() -> None:
    raise NotImplementedError(
        "What this revision keeps has no place in the one before: restore a backup instead."
    )
