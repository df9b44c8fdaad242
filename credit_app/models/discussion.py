"""How people work together: comments, follow-ups, watching, saved filters; and who looked at which customer."""

from datetime import date
from typing import Any

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Date, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from credit_app.models.base import CreatedAt, Day, Id, Instant, Model, one_of, refers_to
from credit_app.models.interface import ApiToken
from credit_app.models.organisation import Person

ACCESS_KINDS = ("view", "export", "print", "change")


class Comment(Model):
    """A remark about an application or a customer; mentioned people are told. Never changed, never deleted."""

    __tablename__ = "comment"
    __table_args__ = (
        CheckConstraint("application_id IS NOT NULL OR customer_id IS NOT NULL", name="about_something"),
        CheckConstraint("btrim(body) <> ''", name="said_something"),
        Index("ix_comment_application", "application_id", "id"),
        Index("ix_comment_customer", "customer_id", "id"),
        Index("ix_comment_mentions", "mentions", postgresql_using="gin"),
    )

    id: Mapped[Id]
    application_id: Mapped[int | None] = refers_to("credit_application.id")
    customer_id: Mapped[int | None] = refers_to("customer.id")
    author_id: Mapped[int] = refers_to("person.id")
    body: Mapped[str] = mapped_column(String(4000))
    mentions: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), default=list, server_default=text("'{}'"))
    request_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    created_at: Mapped[CreatedAt]

    author: Mapped[Person] = relationship()


class FollowUp(Model):
    """A day on which a person wants to come back to an application."""

    __tablename__ = "follow_up"
    __table_args__ = (
        Index("ix_follow_up_person", "person_id", "on_day", postgresql_where=text("done_at IS NULL")),
        Index("ix_follow_up_application", "application_id"),
    )

    id: Mapped[Id]
    application_id: Mapped[int] = refers_to("credit_application.id")
    person_id: Mapped[int] = refers_to("person.id")
    on_day: Mapped[Day]
    note: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    created_at: Mapped[CreatedAt]
    done_at: Mapped[Instant | None]


class SavedFilter(Model):
    """A list as somebody wants to see it again: `query` is the address's query string."""

    __tablename__ = "saved_filter"
    __table_args__ = (
        UniqueConstraint("person_id", "area", "name", name="uq_saved_filter"),
        CheckConstraint("btrim(name) <> ''", name="name_given"),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = refers_to("person.id")
    area: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(100))
    query: Mapped[str] = mapped_column(String(1000))
    created_at: Mapped[CreatedAt]


class Watch(Model):
    """A person follows an application."""

    __tablename__ = "watch"
    __table_args__ = (Index("ix_watch_application", "application_id"),)

    person_id: Mapped[int] = refers_to("person.id", primary_key=True)
    application_id: Mapped[int] = refers_to("credit_application.id", primary_key=True)
    created_at: Mapped[CreatedAt]


class AccessLog(Model):
    """Who saw, exported, printed or changed something of a customer's file: a person, or another system by its token.
    Rows are only added.

    `reason` is what was given to open a file that is not one's own; `details` of a change: field -> [before, after].
    """

    __tablename__ = "access_log"
    __table_args__ = (
        one_of("kind", ACCESS_KINDS),
        CheckConstraint("num_nonnulls(person_id, token_id) = 1", name="by_one"),
        Index("ix_access_log_customer", "customer_id", text("id DESC")),
        Index("ix_access_log_person", "person_id", text("id DESC")),
    )

    id: Mapped[Id]
    customer_id: Mapped[int] = refers_to("customer.id")
    person_id: Mapped[int | None] = refers_to("person.id")
    token_id: Mapped[int | None] = refers_to("api_token.id")
    kind: Mapped[str] = mapped_column(String(10))
    area: Mapped[str] = mapped_column(String(60))
    reason: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    at: Mapped[CreatedAt]

    person: Mapped[Person | None] = relationship()
    token: Mapped[ApiToken | None] = relationship()


class AccessGrant(Model):
    """A file outside one's own branch or assignment, opened for some hours with a reason."""

    __tablename__ = "access_grant"
    __table_args__ = (
        CheckConstraint("btrim(reason) <> ''", name="reason_given"),
        Index("ix_access_grant_person", "person_id", "customer_id", text("expires_at DESC")),
    )

    id: Mapped[Id]
    customer_id: Mapped[int] = refers_to("customer.id")
    person_id: Mapped[int] = refers_to("person.id")
    reason: Mapped[str] = mapped_column(String(1000))
    granted_at: Mapped[CreatedAt]
    expires_at: Mapped[Instant]


class DigestSent(Model):
    """The digest of a day was queued for a person: it is not queued twice."""

    __tablename__ = "digest_sent"

    person_id: Mapped[int] = refers_to("person.id", primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    created_at: Mapped[CreatedAt]
