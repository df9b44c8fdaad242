"""The collector's worklist: the score of each open case, and what to watch about a customer."""

from typing import Any

from sqlalchemy import CheckConstraint, Index, SmallInteger, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from credit_app.domain.worklist import WATCH_TAGS
from credit_app.models.base import CreatedAt, Day, Id, Instant, Model, one_of, refers_to
from credit_app.models.organisation import Person


class CollectionScore(Model):
    """The score of a case as of `seen_on`, and the facts that it was computed from.

    `points` are [factor, points], the most first. Written anew by the daily run and whenever a case moves or its debtor
    is spoken with. `limitation_on` is the first limitation date of the open debts that is still to come, else the last
    that has passed.
    """

    __tablename__ = "collection_score"
    __table_args__ = (CheckConstraint("score >= 0", name="score_not_negative"),)

    case_id: Mapped[int] = refers_to("collection_case.id", primary_key=True, autoincrement=False)
    score: Mapped[int]
    points: Mapped[list[Any]] = mapped_column(JSONB, server_default="[]")
    grade: Mapped[str | None] = mapped_column(String(10))
    broken_promises: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    last_contact_on: Mapped[Day | None]
    limitation_on: Mapped[Day | None]
    seen_on: Mapped[Day]


class WatchTag(Model):
    """What collection watches about a customer: who set it, when and why, and who took it away."""

    __tablename__ = "watch_tag"
    __table_args__ = (
        one_of("tag", WATCH_TAGS),
        CheckConstraint("btrim(reason) <> ''", name="reason_given"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended_by_somebody"),
        Index(
            "uq_watch_tag_set",
            "customer_id",
            "tag",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    customer_id: Mapped[int] = refers_to("customer.id")
    tag: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(500))
    made_by: Mapped[int | None] = refers_to("person.id")
    created_at: Mapped[CreatedAt]
    ended_at: Mapped[Instant | None]
    ended_by: Mapped[int | None] = refers_to("person.id")

    maker: Mapped[Person | None] = relationship(foreign_keys="WatchTag.made_by")
