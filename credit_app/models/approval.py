"""What belongs to an approval besides its decisions: opinions, added approvers, committee meetings, receipts."""

from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Index,
    Numeric,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from credit_app.models.application import ApprovalDecision, CreditApplication
from credit_app.models.base import CreatedAt, Id, Instant, Model, one_of, refers_to
from credit_app.models.organisation import Person

OPINION_STATUSES = ("open", "answered", "expired", "cancelled")
OPINIONS = ("in_favour", "neutral", "against")
VOTES = ("for", "against", "abstain")
MEETING_RESULTS = ("approved", "refused", "no_quorum", "cancelled")


class OpinionRequest(Model):
    """An approver asks a person for an opinion before deciding; it informs and never decides."""

    __tablename__ = "opinion_request"
    __table_args__ = (
        one_of("status", OPINION_STATUSES),
        one_of("opinion", OPINIONS),
        CheckConstraint(
            "status <> 'answered' OR (opinion IS NOT NULL AND answered_at IS NOT NULL)", name="answered_with"
        ),
        CheckConstraint("person_id <> asked_by", name="asked_of_another"),
        CheckConstraint("btrim(question) <> ''", name="question_given"),
        Index("ix_opinion_request_application", "application_id", "round", "id"),
    )

    id: Mapped[Id]
    application_id: Mapped[int] = refers_to("credit_application.id")
    round: Mapped[int]
    level: Mapped[str] = mapped_column(String(40))
    person_id: Mapped[int] = refers_to("person.id")
    question: Mapped[str] = mapped_column(String(4000))
    asked_by: Mapped[int] = refers_to("person.id")
    asked_for: Mapped[int | None] = refers_to("person.id")
    asked_at: Mapped[CreatedAt]
    due_at: Mapped[Instant | None]
    status: Mapped[str] = mapped_column(String(20), default="open", server_default="open")
    opinion: Mapped[str | None] = mapped_column(String(20))
    answer: Mapped[str] = mapped_column(String(4000), default="", server_default="")
    answered_at: Mapped[Instant | None]
    answered_by: Mapped[int | None] = refers_to("person.id")

    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    asker: Mapped[Person] = relationship(foreign_keys=[asked_by])


class AddedApprover(Model):
    """Somebody who decides in addition to the levels of the matrix, added by an approver with a reason."""

    __tablename__ = "added_approver"
    __table_args__ = (
        UniqueConstraint("application_id", "round", "person_id", name="uq_added_approver"),
        CheckConstraint("person_id <> added_by", name="another_person"),
        CheckConstraint("btrim(reason) <> ''", name="reason_given"),
    )

    id: Mapped[Id]
    application_id: Mapped[int] = refers_to("credit_application.id")
    round: Mapped[int]
    person_id: Mapped[int] = refers_to("person.id")
    role: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(String(1000))
    added_by: Mapped[int] = refers_to("person.id")
    added_for: Mapped[int | None] = refers_to("person.id")
    added_at: Mapped[CreatedAt]
    decided_at: Mapped[Instant | None]

    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    adder: Mapped[Person] = relationship(foreign_keys=[added_by])


class CommitteeMeeting(Model):
    """One vote of the credit committee about one round of an application; `majority` is a share of votes cast."""

    __tablename__ = "committee_meeting"
    __table_args__ = (
        one_of("result", MEETING_RESULTS),
        CheckConstraint("quorum >= 1", name="quorum_counted"),
        CheckConstraint("majority > 0 AND majority <= 1", name="majority_share"),
        CheckConstraint("(result IS NULL) = (closed_at IS NULL)", name="closed_with_result"),
        Index("ix_committee_meeting_application", "application_id", "round", "id"),
    )

    id: Mapped[Id]
    application_id: Mapped[int] = refers_to("credit_application.id")
    round: Mapped[int]
    members: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    quorum: Mapped[int] = mapped_column(SmallInteger)
    majority: Mapped[Decimal] = mapped_column(Numeric(5, 4))
    opened_at: Mapped[CreatedAt]
    closes_at: Mapped[Instant]
    closed_at: Mapped[Instant | None]
    result: Mapped[str | None] = mapped_column(String(20))
    minutes: Mapped[list[Any]] = mapped_column(JSONB, default=list, server_default="[]")

    application: Mapped[CreditApplication] = relationship()
    votes: Mapped[list["CommitteeVote"]] = relationship(back_populates="meeting", order_by="CommitteeVote.id")


class CommitteeVote(Model):
    """One member's ballot; a member votes once."""

    __tablename__ = "committee_vote"
    __table_args__ = (
        one_of("vote", VOTES),
        UniqueConstraint("meeting_id", "person_id", name="uq_committee_vote"),
        CheckConstraint("vote <> 'against' OR btrim(reason) <> ''", name="against_with_reason"),
    )

    id: Mapped[Id]
    meeting_id: Mapped[int] = refers_to("committee_meeting.id")
    person_id: Mapped[int] = refers_to("person.id")
    cast_by: Mapped[int] = refers_to("person.id")
    vote: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(String(4000), default="", server_default="")
    cast_at: Mapped[CreatedAt]

    meeting: Mapped[CommitteeMeeting] = relationship(back_populates="votes")
    person: Mapped[Person] = relationship(foreign_keys=[person_id])


class DecisionReceipt(Model):
    """What a decision rested on, as it was then: canonical JSON text and its SHA-256. Rows are only added."""

    __tablename__ = "decision_receipt"
    __table_args__ = (
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256_hex"),
        Index("ix_decision_receipt_application", "application_id", text("id DESC")),
    )
    # The history keeps the hash: the chain then vouches for the body without holding it twice.
    __history_exclude__ = frozenset({"body"})

    id: Mapped[Id]
    application_id: Mapped[int] = refers_to("credit_application.id")
    decision_id: Mapped[int | None] = refers_to("approval_decision.id", unique=True)
    body: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[CreatedAt]

    application: Mapped[CreditApplication] = relationship()
    decision: Mapped[ApprovalDecision | None] = relationship()
