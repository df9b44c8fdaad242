"""Other systems that write to us: their tokens, and the answers kept for requests sent twice."""

from typing import Any

from sqlalchemy import CheckConstraint, Index, SmallInteger, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from credit_app.models.base import CreatedAt, Day, Id, Instant, Model, refers_to
from credit_app.models.organisation import Person

API_SCOPES = (
    "ledger.read", "ledger.write", "customers.read", "customers.write", "orders.check", "orders.write", "sms.report",
)  # fmt: skip


class ApiToken(Model):
    """The access of one other system; only the hash of the secret is kept. `source` marks what it writes."""

    __tablename__ = "api_token"
    __table_args__ = (
        UniqueConstraint("token_hash", name="uq_api_token_hash"),
        CheckConstraint("cardinality(scopes) > 0", name="scoped"),
        CheckConstraint("revoked_by IS NULL OR revoked_at IS NOT NULL", name="revoked_when"),
    )

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(100))
    source: Mapped[str] = mapped_column(String(60))
    token_hash: Mapped[str] = mapped_column(String(64))
    scopes: Mapped[list[str]] = mapped_column(ARRAY(String(40)))
    expires_on: Mapped[Day]
    made_by: Mapped[int | None] = refers_to("person.id")
    created_at: Mapped[CreatedAt]
    revoked_at: Mapped[Instant | None]
    revoked_by: Mapped[int | None] = refers_to("person.id")
    last_used_at: Mapped[Instant | None]

    maker: Mapped[Person | None] = relationship(foreign_keys=made_by)
    revoker: Mapped[Person | None] = relationship(foreign_keys=revoked_by)


class IdempotencyKey(Model):
    """A request that was answered: the same key with the same body gets the same answer, with another is refused."""

    __tablename__ = "idempotency_key"
    __table_args__ = (
        UniqueConstraint("token_id", "key", name="uq_idempotency_key"),
        Index("ix_idempotency_key_created", "created_at"),
    )

    id: Mapped[Id]
    token_id: Mapped[int] = refers_to("api_token.id")
    key: Mapped[str] = mapped_column(String(100))
    request_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int] = mapped_column(SmallInteger)
    answer: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[CreatedAt]
