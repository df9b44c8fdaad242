"""Reviews of contracts: the case, the opinions of each area, what they ask, and the signatures."""

from sqlalchemy import CheckConstraint, Index, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from credit_app.domain.contracts import (
    AREAS,
    COMMENT_KINDS,
    COMMENT_STATES,
    REVIEW_KINDS,
    REVIEW_RUNNING,
    REVIEW_STATUSES,
    SIGNATURE_DECISIONS,
    VERDICTS,
)
from credit_app.models.base import CreatedAt, Day, Id, Instant, Model, one_of, refers_to
from credit_app.models.contract import Contract, ContractVersion
from credit_app.models.customer import Customer
from credit_app.models.customer_case import CustomerCase
from credit_app.models.organisation import Person
from credit_app.models.party import Party

_RUNNING = ", ".join(f"'{status}'" for status in REVIEW_RUNNING)


class ContractReview(CustomerCase, Model):
    """One review of a contract: of a new one, of a change, or of a renewal. One runs at a time.

    `round` counts what the areas were asked; `areas` are those that look, in words parted by blanks; `changes` says
    what a change is to do and why. `version_id` is the version under review, `application_id` the credit application
    that it waits for. `amount` in `currency` is the contract's value.
    """

    __tablename__ = "contract_review"
    __table_args__ = (
        one_of("kind", REVIEW_KINDS),
        one_of("status", REVIEW_STATUSES),
        CheckConstraint("(customer_id IS NULL) <> (party_id IS NULL)", name="one_other_side"),
        CheckConstraint("round >= 0", name="round_counted"),
        CheckConstraint(f"(status IN ({_RUNNING})) = (closed_on IS NULL)", name="closed_with_day"),
        Index(
            "uq_contract_review_running",
            "contract_id",
            unique=True,
            postgresql_where=text(f"status IN ({_RUNNING})"),
        ),
        Index("ix_contract_review_contract", "contract_id", text("id DESC")),
        Index("ix_contract_review_customer", "customer_id", text("id DESC")),
    )

    customer_id: Mapped[int | None] = refers_to("customer.id")  # type: ignore[assignment] # a supplier is no customer
    party_id: Mapped[int | None] = refers_to("party.id")
    contract_id: Mapped[int] = refers_to("contract.id")
    version_id: Mapped[int | None] = refers_to("contract_version.id")
    kind: Mapped[str] = mapped_column(String(10))
    round: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    areas: Mapped[str] = mapped_column(String(60), default="", server_default="")
    changes: Mapped[str] = mapped_column(String(4000), default="", server_default="")
    application_id: Mapped[int | None] = refers_to("credit_application.id")
    outcome_note: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    closed_on: Mapped[Day | None]

    contract: Mapped[Contract] = relationship()
    party: Mapped[Party | None] = relationship()
    reviewed: Mapped[ContractVersion | None] = relationship(foreign_keys=[version_id])
    opinions: Mapped[list["ContractOpinion"]] = relationship(
        back_populates="review", order_by="ContractOpinion.id"
    )
    comments: Mapped[list["ContractComment"]] = relationship(
        back_populates="review", order_by="ContractComment.id"
    )
    signatures: Mapped[list["ContractSignature"]] = relationship(
        back_populates="review", order_by="ContractSignature.id"
    )

    @property
    def other_side(self) -> Customer | Party:
        """Whom the contract is with."""
        return self.contract.other_side


class ContractOpinion(Model):
    """What an area said of a version in a round. Only added."""

    __tablename__ = "contract_opinion"
    __table_args__ = (
        one_of("area", tuple(AREAS)),
        one_of("verdict", VERDICTS),
        UniqueConstraint("review_id", "round", "area", name="uq_contract_opinion"),
    )

    id: Mapped[Id]
    review_id: Mapped[int] = refers_to("contract_review.id")
    version_id: Mapped[int] = refers_to("contract_version.id")
    round: Mapped[int] = mapped_column(SmallInteger)
    area: Mapped[str] = mapped_column(String(20))
    verdict: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(4000), default="", server_default="")
    given_by: Mapped[int] = refers_to("person.id")
    given_at: Mapped[CreatedAt]

    review: Mapped[ContractReview] = relationship(back_populates="opinions")
    giver: Mapped[Person] = relationship()


class ContractComment(Model):
    """What a reviewer asks of a clause (or of the whole, `clause` empty), and what became of it.

    `wording` is the text proposed. `answer` is the drafter's; `decision_note` of whoever decided on what stayed open.
    """

    __tablename__ = "contract_comment"
    __table_args__ = (
        one_of("area", tuple(AREAS)),
        one_of("kind", COMMENT_KINDS),
        one_of("state", COMMENT_STATES),
        CheckConstraint("btrim(body) <> ''", name="body_given"),
        CheckConstraint("kind <> 'wording' OR btrim(wording) <> ''", name="wording_given"),
        CheckConstraint(
            "state NOT IN ('overruled', 'upheld') OR decided_by IS NOT NULL", name="decided_by_somebody"
        ),
        Index("ix_contract_comment_review", "review_id", "id"),
    )

    id: Mapped[Id]
    review_id: Mapped[int] = refers_to("contract_review.id")
    version_id: Mapped[int] = refers_to("contract_version.id")
    round: Mapped[int] = mapped_column(SmallInteger)
    area: Mapped[str] = mapped_column(String(20))
    clause: Mapped[str] = mapped_column(String(40), default="", server_default="")
    kind: Mapped[str] = mapped_column(String(20))
    body: Mapped[str] = mapped_column(String(4000))
    wording: Mapped[str] = mapped_column(String(4000), default="", server_default="")
    made_by: Mapped[int] = refers_to("person.id")
    created_at: Mapped[CreatedAt]
    state: Mapped[str] = mapped_column(String(20), default="open", server_default="open")
    answer: Mapped[str] = mapped_column(String(2000), default="", server_default="")
    answered_by: Mapped[int | None] = refers_to("person.id")
    answered_at: Mapped[Instant | None]
    level: Mapped[str | None] = mapped_column(String(30))
    decided_by: Mapped[int | None] = refers_to("person.id")
    decided_at: Mapped[Instant | None]
    decision_note: Mapped[str] = mapped_column(String(2000), default="", server_default="")

    review: Mapped[ContractReview] = relationship(back_populates="comments")
    maker: Mapped[Person] = relationship(foreign_keys=[made_by])
    decider: Mapped[Person | None] = relationship(foreign_keys=[decided_by])


class ContractSignature(Model):
    """What a level decided on a version: signed, sent back, refused. Only added.

    `sha256` is that of the version's document, or of its text where it has none.
    """

    __tablename__ = "contract_signature"
    __table_args__ = (
        one_of("decision", SIGNATURE_DECISIONS),
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256_hex"),
        CheckConstraint("decision = 'sign' OR btrim(note) <> ''", name="reason_given"),
        Index("ix_contract_signature_review", "review_id", "id"),
    )

    id: Mapped[Id]
    review_id: Mapped[int] = refers_to("contract_review.id")
    version_id: Mapped[int] = refers_to("contract_version.id")
    level: Mapped[str] = mapped_column(String(30))
    decision: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(2000), default="", server_default="")
    sha256: Mapped[str] = mapped_column(String(64))
    signed_by: Mapped[int] = refers_to("person.id")
    on_behalf_of: Mapped[int | None] = refers_to("person.id")
    signed_at: Mapped[CreatedAt]

    review: Mapped[ContractReview] = relationship(back_populates="signatures")
    signer: Mapped[Person] = relationship(foreign_keys=[signed_by])
