"""When a promise, plan or extension was reopened because a payment of it was taken back."""

import sqlalchemy as sa
from alembic import op

revision: str = "0013"
down_revision: str | None = "0011"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    for table in ("promise_to_pay", "payment_plan", "payment_extension"):
        op.add_column(table, sa.Column("reopened_on", sa.Date(), nullable=True))


def downgrade() -> None:
    raise NotImplementedError(
        "What this revision keeps has no place in the one before: restore a backup instead."
    )
