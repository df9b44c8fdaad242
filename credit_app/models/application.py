"""A credit application with what was found, proposed and decided about it."""

from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    Numeric,
    String,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from credit_app.domain.status import REWORK_STEPS, STATUSES
from credit_app.models.base import CreatedAt, Day, Id, Instant, Model, Money, one_of, refers_to
from credit_app.models.customer import Customer
from credit_app.models.organisation import Branch, Person

APPLICATION_STATUSES = STATUSES
# Which of them are offered is policy data (application.payment_methods); these have a label.
PAYMENT_METHODS = ("open_account", "bill", "instalments", "cash_on_delivery", "prepayment")
APPLICATION_KINDS = ("limit", "review", "temporary")
# What a review does to the limit that it is about.
REVIEW_ACTIONS = ("renew", "change", "cut", "cancel")
REVIEW_TRIGGERS = (
    "final_demand",
    "review_date",
    "expiry",
    "overdue",
    "downgrade",
    "warning_line",
    "security",
    "by_hand",
)
DECISIONS = ("approve", "approve_with_changes", "send_back", "refuse", "skipped", "escalated")
GRADES = ("AAA", "AA", "A", "BBB", "BB", "B", "CCC", "CC", "C", "D")


class CreditApplication(Model):
    """A request for a limit, a review of one, or a temporary limit (`kind`).

    Amounts are in `currency`, `terms_days` calendar days from the document date, discounts in per cent.

    A draft may be incomplete; from submission on customer, limit, term and payment method are there.
    `new_customer` holds what was typed about a company not yet on file (name, registration_number, country,
    city, industry) until submission makes the customer; `duplicate_answer` what was said about customers that it may
    be: their ids, the one that was meant or none, who said so and when. `round` counts submissions and returns to the
    analyst, `version` guards edits.
    `drafted_by` holds whoever else saved the draft (a substitute): they do not decide either. The proposed
    figures are the analyst's; the approved ones are those that a level changed or that were granted. The warning
    line (score or grade down to, utilisation up to, named indicators) is decided together with the limit.
    `rework_to` is the step that it was last sent back to; `granted_by_rule` the rule of an automatic grant.
    `review_reasons` are the sentences that say why a review started, `interim_measures` what was done at once when
    the warning line was crossed: [{measure, taken, note}].
    """

    __tablename__ = "credit_application"
    __table_args__ = (
        one_of("status", APPLICATION_STATUSES),
        one_of("kind", APPLICATION_KINDS),
        one_of("review_action", REVIEW_ACTIONS),
        one_of("review_trigger", REVIEW_TRIGGERS),
        one_of("rework_to", REWORK_STEPS),
        one_of("warning_grade", GRADES),
        CheckConstraint("payment_method ~ '^[a-z_]+$'", name="payment_method_word"),
        CheckConstraint("requested_limit > 0 OR kind = 'review'", name="limit_positive"),
        CheckConstraint("requested_limit >= 0", name="limit_not_negative"),
        CheckConstraint("(kind = 'review') = (reviewed_limit_id IS NOT NULL)", name="review_of_a_limit"),
        CheckConstraint("kind <> 'review' OR review_trigger IS NOT NULL", name="review_with_trigger"),
        CheckConstraint("kind = 'temporary' OR temporary_until IS NULL", name="end_of_temporary"),
        CheckConstraint("discount BETWEEN 0 AND 100", name="discount_in_range"),
        CheckConstraint("warning_score BETWEEN 0 AND 100", name="warning_score_in_range"),
        CheckConstraint("warning_utilisation BETWEEN 0 AND 10", name="warning_utilisation_in_range"),
        CheckConstraint("yearly_purchases >= 0", name="purchases_not_negative"),
        CheckConstraint("terms_days BETWEEN 0 AND 3650", name="terms_in_range"),
        CheckConstraint("round >= 1", name="round_counted"),
        CheckConstraint(
            "status IN ('draft', 'sent_back', 'withdrawn') OR (customer_id IS NOT NULL"
            " AND requested_limit IS NOT NULL AND currency IS NOT NULL AND terms_days IS NOT NULL"
            " AND payment_method IS NOT NULL AND submitted_at IS NOT NULL)",
            name="complete_when_submitted",
        ),
        CheckConstraint(
            "status <> 'granted' OR (coalesce(approved_limit, -1) >= 0"
            " AND (approved_limit > 0 OR review_action = 'cancel')"
            " AND coalesce(approved_terms_days, -1) >= 0 AND decided_at IS NOT NULL)",
            name="granted_with_limit",
        ),
        CheckConstraint(
            "status <> 'refused' OR (coalesce(btrim(outcome_reason), '') <> '' AND decided_at IS NOT NULL)",
            name="refused_with_reason",
        ),
        Index("ix_credit_application_created", text("created_at DESC"), text("id DESC")),
        Index("ix_credit_application_status", "status", text("created_at DESC"), text("id DESC")),
        Index("ix_credit_application_customer", "customer_id", text("created_at DESC"), text("id DESC")),
        Index("ix_credit_application_requested_by", "requested_by", text("created_at DESC"), text("id DESC")),
        Index("ix_credit_application_branch", "branch_id", text("created_at DESC"), text("id DESC")),
        Index("ix_credit_application_prefix", "number", postgresql_ops={"number": "text_pattern_ops"}),
        Index(
            "ix_credit_application_words",
            text("to_tsvector('simple'::regconfig, new_customer ->> 'name'::text)"),
            postgresql_using="gin",
            postgresql_where=text("new_customer IS NOT NULL"),
        ),
        Index(
            "uq_credit_application_review",
            "reviewed_limit_id",
            unique=True,
            postgresql_where=text("status NOT IN ('granted', 'refused', 'withdrawn')"),
        ),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(30), unique=True)
    kind: Mapped[str] = mapped_column(String(20), default="limit", server_default="limit")
    customer_id: Mapped[int | None] = refers_to("customer.id")
    new_customer: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    duplicate_answer: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    requested_limit: Mapped[Money | None]
    currency: Mapped[str | None] = mapped_column(String(3))
    terms_days: Mapped[int | None]
    payment_method: Mapped[str | None] = mapped_column(String(20))
    yearly_purchases: Mapped[Money | None]
    purpose: Mapped[str] = mapped_column(String(4000), default="", server_default="")
    security_offered: Mapped[str] = mapped_column(String(4000), default="", server_default="")
    status: Mapped[str] = mapped_column(String(30), default="draft", server_default="draft")
    round: Mapped[int] = mapped_column(default=1, server_default="1")
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    instance_id: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    requested_by: Mapped[int] = refers_to("person.id")
    drafted_by: Mapped[list[int]] = mapped_column(
        ARRAY(BigInteger), default=list, server_default=text("'{}'")
    )
    branch_id: Mapped[int | None] = refers_to("branch.id")
    submitted_at: Mapped[Instant | None]
    decided_at: Mapped[Instant | None]
    outcome_reason: Mapped[str | None] = mapped_column(String(4000))
    approved_limit: Mapped[Money | None]
    approved_terms_days: Mapped[int | None]
    approved_conditions: Mapped[str | None] = mapped_column(String(4000))
    approved_payment_method: Mapped[str | None] = mapped_column(String(20))
    discount: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    proposed_limit: Mapped[Money | None]
    proposed_terms_days: Mapped[int | None]
    proposed_payment_method: Mapped[str | None] = mapped_column(String(20))
    proposal_reason: Mapped[str | None] = mapped_column(String(4000))
    proposed_by: Mapped[int | None] = refers_to("person.id")
    warning_score: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    warning_grade: Mapped[str | None] = mapped_column(String(3))
    warning_utilisation: Mapped[Decimal | None] = mapped_column(Numeric(5, 4))
    warning_indicators: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    warning_measures: Mapped[str] = mapped_column(String(4000), default="", server_default="")
    rework_to: Mapped[str | None] = mapped_column(String(20))
    granted_by_rule: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    temporary_until: Mapped[Day | None]
    reviewed_limit_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("credit_limit.id", name="fk_credit_application_reviewed_limit", use_alter=True)
    )
    review_trigger: Mapped[str | None] = mapped_column(String(20))
    review_action: Mapped[str | None] = mapped_column(String(20))
    review_reasons: Mapped[list[Any]] = mapped_column(JSONB, default=list, server_default="[]")
    interim_measures: Mapped[list[Any]] = mapped_column(JSONB, default=list, server_default="[]")
    created_at: Mapped[CreatedAt]

    customer: Mapped[Customer | None] = relationship()
    requester: Mapped[Person] = relationship(foreign_keys=[requested_by])
    proposer: Mapped[Person | None] = relationship(foreign_keys=[proposed_by])
    branch: Mapped[Branch | None] = relationship()
    attachments: Mapped[list["Attachment"]] = relationship(
        back_populates="application", order_by="Attachment.id", cascade="all, delete-orphan"
    )
    decisions: Mapped[list["ApprovalDecision"]] = relationship(
        back_populates="application", order_by="ApprovalDecision.id"
    )
    proposals: Mapped[list["LimitProposal"]] = relationship(order_by="LimitProposal.id")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (the name is the mapper's)


class Attachment(Model):
    """A file handed in with an application; `size` in bytes. `content` is loaded only when asked for."""

    __tablename__ = "attachment"
    __table_args__ = (
        CheckConstraint("size = octet_length(content)", name="size_true"),
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256_hex"),
    )

    id: Mapped[Id]
    application_id: Mapped[int] = refers_to("credit_application.id", index=True)
    filename: Mapped[str] = mapped_column(String(255))
    content_type: Mapped[str] = mapped_column(String(120))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    uploaded_by: Mapped[int | None] = refers_to("person.id")
    uploaded_at: Mapped[CreatedAt]

    application: Mapped[CreditApplication] = relationship(back_populates="attachments")
    uploader: Mapped[Person | None] = relationship()


class InternalRecord(Model):
    """What we knew of the customer when the application came in: figures with their sources."""

    __tablename__ = "internal_record"
    __table_args__ = (UniqueConstraint("application_id", "round", name="uq_internal_record_round"),)

    id: Mapped[Id]
    application_id: Mapped[int] = refers_to("credit_application.id")
    round: Mapped[int]
    collected_at: Mapped[CreatedAt]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)


class Rating(Model):
    """A grade with score (0 to 100) and confidence (0 to 1). `rated_by` NULL: the system.

    `computed_grade` and `computed_score` are the model's own; an analyst who confirms or overrides (with a reason)
    becomes `rated_by`. `model` names model and version, `policy_on` the day whose policy was used.
    """

    __tablename__ = "rating"
    __table_args__ = (
        one_of("grade", GRADES),
        CheckConstraint("score BETWEEN 0 AND 100", name="score_in_range"),
        CheckConstraint("confidence BETWEEN 0 AND 1", name="confidence_in_range"),
        one_of("computed_grade", GRADES),
        CheckConstraint(
            "grade = computed_grade OR computed_grade IS NULL OR coalesce(btrim(override_reason), '') <> ''",
            name="override_with_reason",
        ),
        Index("ix_rating_customer", "customer_id", text("rated_at DESC"), text("id DESC")),
        Index("ix_rating_application", "application_id"),
    )

    id: Mapped[Id]
    customer_id: Mapped[int] = refers_to("customer.id")
    application_id: Mapped[int | None] = refers_to("credit_application.id")
    method: Mapped[str] = mapped_column(String(40))
    score: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    grade: Mapped[str] = mapped_column(String(3))
    confidence: Mapped[Decimal] = mapped_column(Numeric(4, 2))
    inputs: Mapped[dict[str, Any]] = mapped_column(JSONB)
    model: Mapped[str] = mapped_column(String(80), default="", server_default="")
    policy_on: Mapped[Day | None]
    computed_grade: Mapped[str | None] = mapped_column(String(3))
    computed_score: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    override_reason: Mapped[str | None] = mapped_column(String(4000))
    rated_by: Mapped[int | None] = refers_to("person.id")
    rated_at: Mapped[CreatedAt]
    valid_until: Mapped[Day | None]

    customer: Mapped[Customer] = relationship()


class LimitProposal(Model):
    """What one method would grant, with its inputs; the row with method 'proposed' is the one chosen.

    `amount` is NULL where the method could not be applied; `reasons` (sentences as JSON) say why or how it came
    about. `note` is their English, for whoever reads the table itself.
    """

    __tablename__ = "limit_proposal"
    __table_args__ = (
        UniqueConstraint("application_id", "round", "method", name="uq_limit_proposal_method"),
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        CheckConstraint("NOT applicable OR amount IS NOT NULL", name="applicable_with_amount"),
    )

    id: Mapped[Id]
    application_id: Mapped[int] = refers_to("credit_application.id")
    round: Mapped[int]
    method: Mapped[str] = mapped_column(String(40))
    amount: Mapped[Money | None]
    currency: Mapped[str] = mapped_column(String(3))
    inputs: Mapped[dict[str, Any]] = mapped_column(JSONB)
    applicable: Mapped[bool]
    note: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list, server_default="[]")


class ApprovalDecision(Model):
    """What one level decided in one round; amounts in the application's currency, exposure in the base one.

    'skipped' (nobody may decide) and 'escalated' (nobody did in time) are the system's and name no person, nor does
    the vote of the committee (`meeting_id`). An added approver's row (`is_added`) never counts as a level. A decision
    taken back keeps its row with `retracted_at`; everything that asks who decided leaves it out.
    """

    __tablename__ = "approval_decision"
    __table_args__ = (
        one_of("decision", DECISIONS),
        CheckConstraint(
            "decision IN ('skipped', 'escalated') OR person_id IS NOT NULL OR meeting_id IS NOT NULL",
            name="decided_by_somebody",
        ),
        CheckConstraint("person_id <> on_behalf_of", name="on_behalf_of_another"),
        CheckConstraint(
            "decision IN ('approve', 'skipped', 'escalated') OR coalesce(btrim(reason), '') <> ''"
            " OR meeting_id IS NOT NULL",
            name="reason_where_owed",
        ),
        CheckConstraint(
            "decision NOT IN ('approve', 'approve_with_changes')"
            " OR (coalesce(limit_after, -1) >= 0 AND coalesce(terms_after, -1) >= 0)",
            name="approved_with_limit",
        ),
        one_of("rework_to", REWORK_STEPS),
        Index("ix_approval_decision_application", "application_id", "round", "id"),
        Index("ix_approval_decision_person", "person_id", text("decided_at DESC"), text("id DESC")),
    )

    id: Mapped[Id]
    application_id: Mapped[int] = refers_to("credit_application.id")
    round: Mapped[int]
    level: Mapped[str] = mapped_column(String(40))
    decision: Mapped[str] = mapped_column(String(20))
    person_id: Mapped[int | None] = refers_to("person.id")
    on_behalf_of: Mapped[int | None] = refers_to("person.id")
    limit_before: Mapped[Money | None]
    limit_after: Mapped[Money | None]
    terms_before: Mapped[int | None]
    terms_after: Mapped[int | None]
    conditions: Mapped[str | None] = mapped_column(String(4000))
    reason: Mapped[str | None] = mapped_column(String(4000))
    total_exposure: Mapped[Money | None]
    payment_method_before: Mapped[str | None] = mapped_column(String(20))
    payment_method_after: Mapped[str | None] = mapped_column(String(20))
    discount_before: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    discount_after: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    conditions_before: Mapped[str | None] = mapped_column(String(4000))
    rework_to: Mapped[str | None] = mapped_column(String(20))
    is_added: Mapped[bool] = mapped_column(default=False, server_default=false())
    meeting_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("committee_meeting.id", name="fk_approval_decision_meeting", use_alter=True)
    )
    policy_on: Mapped[Day | None]
    decided_at: Mapped[CreatedAt]
    retracted_at: Mapped[Instant | None]
    task_id: Mapped[int | None] = mapped_column(BigInteger, unique=True)

    application: Mapped[CreditApplication] = relationship(back_populates="decisions")
    person: Mapped[Person | None] = relationship(foreign_keys=[person_id])
    principal: Mapped[Person | None] = relationship(foreign_keys=[on_behalf_of])
