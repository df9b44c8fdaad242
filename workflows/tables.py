"""The platform's tables. Hot writes go through `store`; the classes serve lists and migrations."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

Instant = DateTime(timezone=True)


class Base(DeclarativeBase):
    """Owns the metadata that the credit tables share."""


def _id() -> Mapped[int]:
    return mapped_column(BigInteger, Identity(), primary_key=True)


class Definition(Base):
    """One immutable version of a process: its files (JSON text) and the hash over them all."""

    __tablename__ = "definition"
    __table_args__ = (UniqueConstraint("key", "version"),)

    id: Mapped[int] = _id()
    key: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[str] = mapped_column(Text)
    files: Mapped[str] = mapped_column(Text)
    deployed_by: Mapped[int | None] = mapped_column(BigInteger)
    deployed_at: Mapped[datetime] = mapped_column(Instant, server_default=func.now())


class Instance(Base):
    """One running or ended process: its state bytes (none once ended) and the head of its history chain."""

    __tablename__ = "instance"
    __table_args__ = (
        CheckConstraint("(state IS NULL) = (ended_at IS NOT NULL)", name="state_while_open"),
        Index("ix_instance_subject", "process", "subject_id"),
    )

    id: Mapped[int] = _id()
    definition_id: Mapped[int] = mapped_column(ForeignKey("definition.id"))
    process: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column(Integer)
    codec: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[bytes | None] = mapped_column(LargeBinary)
    outcome: Mapped[str | None] = mapped_column(Text)
    history_seq: Mapped[int] = mapped_column(Integer)
    history_hash: Mapped[bytes] = mapped_column(LargeBinary)
    started_by: Mapped[int | None] = mapped_column(BigInteger)
    started_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class OpenTask(Base):
    """A user task that waits for a person: whose lane (role resolved), which branch (scope), who may not."""

    __tablename__ = "open_task"
    __table_args__ = (
        UniqueConstraint("instance_id", "task_no"),
        Index(
            "ix_open_task_inbox",
            "role",
            text("(coalesce(scope, 0))"),
            "opened_at",
            "id",
            postgresql_where=text("claimed_by IS NULL"),
        ),
        Index(
            "ix_open_task_due",
            "role",
            text("(coalesce(scope, 0))"),
            text("(coalesce(due_at, 'infinity'::timestamptz))"),
            "id",
            postgresql_where=text("claimed_by IS NULL"),
        ),
        Index(
            "ix_open_task_held",
            "role",
            text("(coalesce(scope, 0))"),
            "claimed_by",
            postgresql_where=text("claimed_by IS NOT NULL"),
        ),
        Index("ix_open_task_subject", "subject_id"),
        Index(
            "ix_open_task_mine",
            "claimed_by",
            "opened_at",
            "id",
            postgresql_where=text("claimed_by IS NOT NULL"),
        ),
    )

    id: Mapped[int] = _id()
    instance_id: Mapped[int] = mapped_column(ForeignKey("instance.id"))
    task_no: Mapped[int] = mapped_column(Integer)
    process: Mapped[str] = mapped_column(Text)
    node: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    scope: Mapped[int | None] = mapped_column(BigInteger)
    subject_id: Mapped[int] = mapped_column(BigInteger)
    claimed_by: Mapped[int | None] = mapped_column(BigInteger)
    claimed_at: Mapped[datetime | None] = mapped_column(Instant)
    opened_at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime | None] = mapped_column(Instant)
    excluded: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default=text("'{}'"))


class Timer(Base):
    """A due instant of an instance: a timer event, or the retry of a parked service task (kind `service`)."""

    __tablename__ = "timer"
    __table_args__ = (
        UniqueConstraint("instance_id", "task_no", "kind"),
        CheckConstraint("kind IN ('event', 'service')", name="kind"),
        Index("ix_timer_due", "due_at", postgresql_where=text("NOT held")),
    )

    id: Mapped[int] = _id()
    instance_id: Mapped[int] = mapped_column(ForeignKey("instance.id"))
    task_no: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(Text)
    process: Mapped[str] = mapped_column(Text)
    node: Mapped[str] = mapped_column(Text)
    due_at: Mapped[datetime] = mapped_column(Instant)
    attempts: Mapped[int] = mapped_column(Integer, server_default="0")
    held: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    last_error: Mapped[str | None] = mapped_column(Text)


class Subscription(Base):
    """A message that an instance waits for."""

    __tablename__ = "subscription"
    __table_args__ = (
        UniqueConstraint("instance_id", "task_no", "message"),
        Index("ix_subscription_message", "message", "instance_id"),
    )

    id: Mapped[int] = _id()
    instance_id: Mapped[int] = mapped_column(ForeignKey("instance.id"))
    task_no: Mapped[int] = mapped_column(Integer)
    message: Mapped[str] = mapped_column(Text)
    process: Mapped[str] = mapped_column(Text)
    node: Mapped[str] = mapped_column(Text)


class History(Base):
    """One event of an instance, append-only, chained by hash over the header and the payload's SHA-256.

    `payload` is JSON text; it is NULL once erased by law, and the erasure columns say ground, who and when.
    """

    __tablename__ = "history"
    __table_args__ = (
        UniqueConstraint("instance_id", "seq"),
        Index("ix_history_task", "task_id", postgresql_where=text("task_id IS NOT NULL")),
        Index("ix_history_done", "actor_id", "id", postgresql_where=text("kind = 'task_completed'")),
        CheckConstraint("payload IS NOT NULL OR erased_ground IS NOT NULL", name="erased_with_ground"),
    )

    id: Mapped[int] = _id()
    instance_id: Mapped[int] = mapped_column(ForeignKey("instance.id"))
    seq: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(Instant)
    kind: Mapped[str] = mapped_column(Text)
    process: Mapped[str] = mapped_column(Text)
    node: Mapped[str | None] = mapped_column(Text)
    task_id: Mapped[int | None] = mapped_column(BigInteger)
    actor_id: Mapped[int | None] = mapped_column(BigInteger)
    on_behalf_of: Mapped[int | None] = mapped_column(BigInteger)
    source: Mapped[str] = mapped_column(Text)
    definition_id: Mapped[int] = mapped_column(BigInteger)
    payload: Mapped[str | None] = mapped_column(Text)
    payload_sha256: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    erased_ground: Mapped[str | None] = mapped_column(Text)
    erased_by: Mapped[int | None] = mapped_column(BigInteger)
    erased_at: Mapped[datetime | None] = mapped_column(Instant)


class Outbox(Base):
    """Something that leaves the house: written in the action's transaction, sent by a worker afterwards."""

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint("state IN ('queued', 'held', 'sent', 'failed', 'digest')", name="state"),
        Index("ix_outbox_due", "due_at", postgresql_where=text("state = 'queued'")),
        Index("ix_outbox_digest", "recipient", "id", postgresql_where=text("state = 'digest'")),
        Index("ix_outbox_instance", "instance_id"),
    )

    id: Mapped[int] = _id()
    key: Mapped[str] = mapped_column(Text, unique=True)
    instance_id: Mapped[int | None] = mapped_column(ForeignKey("instance.id"))
    channel: Mapped[str] = mapped_column(Text)
    recipient: Mapped[str] = mapped_column(Text)
    template: Mapped[str] = mapped_column(Text)
    params: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, server_default="queued")
    due_at: Mapped[datetime] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    attempts: Mapped[int] = mapped_column(Integer, server_default="0")
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    sent_to: Mapped[str | None] = mapped_column(Text)
    sent_text: Mapped[str | None] = mapped_column(Text)
    last_error: Mapped[str | None] = mapped_column(Text)


class TakeBack(Base):
    """What it takes to undo the last human step of an instance, until somebody else opens the case or time runs out.

    `state` are the bytes before that step, `events` counts the history before it; one row an instance.
    """

    __tablename__ = "take_back"

    instance_id: Mapped[int] = mapped_column(ForeignKey("instance.id"), primary_key=True)
    actor_id: Mapped[int] = mapped_column(BigInteger)
    on_behalf_of: Mapped[int | None] = mapped_column(BigInteger)
    task_id: Mapped[int] = mapped_column(BigInteger)
    process: Mapped[str] = mapped_column(Text)
    node: Mapped[str] = mapped_column(Text)
    codec: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[bytes] = mapped_column(LargeBinary)
    history_seq: Mapped[int] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer)
    until: Mapped[datetime] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)


class DecisionVersion(Base):
    """One published version of a decision table, in force from a day on until the next one; rows are only added.

    Where there is none the table of the process definition decides.
    """

    __tablename__ = "decision_version"
    __table_args__ = (
        UniqueConstraint("decision", "version"),
        Index("ix_decision_version_decision", "decision", text("valid_from DESC"), text("version DESC")),
    )

    id: Mapped[int] = _id()
    decision: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    valid_from: Mapped[date] = mapped_column(Date)
    sha256: Mapped[str] = mapped_column(Text)
    content: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text, server_default="")
    published_by: Mapped[int | None] = mapped_column(BigInteger)
    published_at: Mapped[datetime] = mapped_column(Instant)


class Incident(Base):
    """Work that failed too often and waits for an administrator: a timer, a parked service, an outbox row;
    or a regular check that found something wrong."""

    __tablename__ = "incident"
    __table_args__ = (
        CheckConstraint("kind IN ('timer', 'service', 'outbox', 'check')", name="kind"),
        Index("ix_incident_open", "opened_at", postgresql_where=text("resolved_at IS NULL")),
        Index(
            "uq_incident_open",
            "kind",
            "reference_id",
            unique=True,
            postgresql_where=text("resolved_at IS NULL"),
        ),
    )

    id: Mapped[int] = _id()
    kind: Mapped[str] = mapped_column(Text)
    reference_id: Mapped[int] = mapped_column(BigInteger)
    instance_id: Mapped[int | None] = mapped_column(ForeignKey("instance.id"))
    process: Mapped[str | None] = mapped_column(Text)
    node: Mapped[str | None] = mapped_column(Text)
    error: Mapped[str] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(Integer)
    opened_at: Mapped[datetime] = mapped_column(Instant)
    resolved_at: Mapped[datetime | None] = mapped_column(Instant)
    resolved_by: Mapped[int | None] = mapped_column(BigInteger)
