"""Imports of files: what was read, what became of it, and every row that was refused."""

from typing import Any

from sqlalchemy import CheckConstraint, Index, SmallInteger, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from credit_app.models.base import CreatedAt, Id, Instant, Model, one_of, refers_to
from credit_app.models.organisation import Person

IMPORT_KINDS = ("customers", "invoices", "receipts", "bank_statement", "ubl")
IMPORT_MODES = ("all_or_nothing", "skip_bad_rows")
# waiting and running: in the hands of the worker · failed: broke for a reason of ours, nothing was written
IMPORT_STATUSES = ("waiting", "running", "done", "refused", "failed")


class ImportBatch(Model):
    """One import of one file. Counts leave out the heading; `rows_same` were known already, unchanged.

    `upload` names the kept file while the worker still needs it; `problem` (a template for `problem_values`) says why
    the file as a whole was not taken.
    """

    __tablename__ = "import_batch"
    __table_args__ = (
        one_of("kind", IMPORT_KINDS),
        one_of("mode", IMPORT_MODES),
        one_of("status", IMPORT_STATUSES),
        CheckConstraint(
            "rows_total >= 0 AND rows_new >= 0 AND rows_changed >= 0 AND rows_same >= 0 AND rows_bad >= 0",
            name="counts_not_negative",
        ),
        Index("ix_import_batch_started", text("started_at DESC"), text("id DESC")),
        Index("ix_import_batch_open", "id", postgresql_where=text("status IN ('waiting', 'running')")),
    )

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(20))
    filename: Mapped[str] = mapped_column(String(255))
    sha256: Mapped[str] = mapped_column(String(64))
    mapping: Mapped[str] = mapped_column(String(100))
    mode: Mapped[str] = mapped_column(String(20))
    dry_run: Mapped[bool]
    status: Mapped[str] = mapped_column(String(20))
    rows_total: Mapped[int] = mapped_column(default=0, server_default="0")
    rows_new: Mapped[int] = mapped_column(default=0, server_default="0")
    rows_changed: Mapped[int] = mapped_column(default=0, server_default="0")
    rows_same: Mapped[int] = mapped_column(default=0, server_default="0")
    rows_bad: Mapped[int] = mapped_column(default=0, server_default="0")
    rows_done: Mapped[int] = mapped_column(default=0, server_default="0")
    upload: Mapped[str | None] = mapped_column(String(100))
    problem: Mapped[str] = mapped_column(String(500), default="", server_default="")
    problem_values: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    made: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    started_by: Mapped[int | None] = refers_to("person.id")
    started_at: Mapped[CreatedAt]
    finished_at: Mapped[Instant | None]

    starter: Mapped[Person | None] = relationship()
    problems: Mapped[list["ImportProblem"]] = relationship(
        back_populates="batch", order_by="ImportProblem.id"
    )


class ImportProblem(Model):
    """Why a row was not taken: its number in the file (1 = the first line), the column, the value as read.

    `reason` is a template for `reason_values`, so that every reader has it in their language.
    """

    __tablename__ = "import_problem"

    id: Mapped[Id]
    batch_id: Mapped[int] = refers_to("import_batch.id", index=True)
    row: Mapped[int]
    column: Mapped[str] = mapped_column(String(200), default="", server_default="")
    value: Mapped[str] = mapped_column(String(500), default="", server_default="")
    reason: Mapped[str] = mapped_column(String(500))
    reason_values: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")

    batch: Mapped[ImportBatch] = relationship(back_populates="problems")
