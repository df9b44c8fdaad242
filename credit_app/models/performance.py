"""How contracts are performed: milestones, breaches, the invoices under them, warnings, and decisions on renewal."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from credit_app.domain.contracts import (
    BREACH_CONSEQUENCES,
    BREACH_KINDS,
    BREACH_PARTIES,
    BREACH_STATUSES,
    MILESTONE_KINDS,
    MILESTONE_STATUSES,
)
from credit_app.models.base import CreatedAt, Day, Id, Instant, Model, Money, one_of, refers_to
from credit_app.models.contract import Contract
from credit_app.models.customer import Customer
from credit_app.models.customer_case import CustomerCase
from credit_app.models.ledger import ReceivableItem
from credit_app.models.organisation import Person
from credit_app.models.party import Party

RENEWAL_STATUSES = ("deciding", "giving_notice", "renewed", "let_expire", "notice_given", "dropped")
RENEWAL_RUNNING = ("deciding", "giving_notice")
_RUNNING = ", ".join(f"'{status}'" for status in RENEWAL_RUNNING)


class ContractMilestone(Model):
    """Something that is due under a contract on a day; `amount` in the contract's currency.

    `evidence` says how it is known that it was done.
    """

    __tablename__ = "contract_milestone"
    __table_args__ = (
        one_of("kind", MILESTONE_KINDS),
        one_of("status", MILESTONE_STATUSES),
        CheckConstraint("btrim(title) <> ''", name="title_given"),
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        CheckConstraint("(status = 'done') = (done_on IS NOT NULL)", name="done_with_day"),
        Index("ix_contract_milestone_contract", "contract_id", "due_on", "id"),
        Index("ix_contract_milestone_due", "due_on", "id", postgresql_where=text("status = 'planned'")),
    )

    id: Mapped[Id]
    contract_id: Mapped[int] = refers_to("contract.id")
    kind: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(200))
    due_on: Mapped[Day]
    owner_id: Mapped[int] = refers_to("person.id", index=True)
    amount: Mapped[Money | None]
    status: Mapped[str] = mapped_column(String(20), default="planned", server_default="planned")
    done_on: Mapped[Day | None]
    evidence: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    made_by: Mapped[int | None] = refers_to("person.id")
    created_at: Mapped[CreatedAt]
    closed_by: Mapped[int | None] = refers_to("person.id")
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    contract: Mapped[Contract] = relationship()
    owner: Mapped[Person] = relationship(foreign_keys=[owner_id])

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (the name is the mapper's)


class ContractBreach(Model):
    """A duty that one side did not keep, its consequence, and how it ended; `amount` in the contract's currency."""

    __tablename__ = "contract_breach"
    __table_args__ = (
        one_of("by_side", BREACH_PARTIES),
        one_of("kind", BREACH_KINDS),
        one_of("consequence", BREACH_CONSEQUENCES),
        one_of("status", BREACH_STATUSES),
        CheckConstraint("btrim(description) <> ''", name="description_given"),
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        CheckConstraint("(status = 'open') = (closed_on IS NULL)", name="closed_with_day"),
        CheckConstraint("closed_on >= occurred_on", name="closed_after_it_happened"),
        Index("ix_contract_breach_contract", "contract_id", "id"),
    )

    id: Mapped[Id]
    contract_id: Mapped[int] = refers_to("contract.id")
    milestone_id: Mapped[int | None] = refers_to("contract_milestone.id")
    by_side: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(20))
    occurred_on: Mapped[Day]
    description: Mapped[str] = mapped_column(String(2000))
    consequence: Mapped[str] = mapped_column(String(20))
    amount: Mapped[Money | None]
    status: Mapped[str] = mapped_column(String(20), default="open", server_default="open")
    closed_on: Mapped[Day | None]
    closed_note: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    made_by: Mapped[int | None] = refers_to("person.id")
    created_at: Mapped[CreatedAt]
    closed_by: Mapped[int | None] = refers_to("person.id")

    contract: Mapped[Contract] = relationship()
    milestone: Mapped[ContractMilestone | None] = relationship()


class ContractItem(Model):
    """An item of the ledger that belongs to a contract; `linked_by` None: found by the contract's number.

    Without a contract somebody said that it belongs to none: it is not found by a number again. `retention_due_on` is
    the day on which retention that counts from the invoice falls due by the terms in force.
    """

    __tablename__ = "contract_item"
    __table_args__ = (
        Index("ix_contract_item_contract", "contract_id", "item_id"),
        # For the calendar: by the terms alone it would read every version of every contract.
        Index(
            "ix_contract_item_retention",
            "retention_due_on",
            "item_id",
            postgresql_where=text("retention_due_on IS NOT NULL"),
        ),
        CheckConstraint("contract_id IS NOT NULL OR linked_by IS NOT NULL", name="taken_out_by_somebody"),
    )

    item_id: Mapped[int] = mapped_column(ForeignKey("receivable_item.id"), primary_key=True)
    contract_id: Mapped[int | None] = refers_to("contract.id")
    linked_by: Mapped[int | None] = refers_to("person.id")
    linked_at: Mapped[CreatedAt]
    retention_due_on: Mapped[Day | None]

    item: Mapped[ReceivableItem] = relationship()


class ContractWarning(Model):
    """A warning that went out so many days before a date of a contract, so that none goes out twice. Only added."""

    __tablename__ = "contract_warning"
    __table_args__ = (UniqueConstraint("contract_id", "what", "due_on", "days", name="uq_contract_warning"),)

    id: Mapped[Id]
    contract_id: Mapped[int] = refers_to("contract.id")
    what: Mapped[str] = mapped_column(String(40))
    due_on: Mapped[Day]
    days: Mapped[int] = mapped_column(SmallInteger)
    sent_at: Mapped[Instant]


class ContractRenewal(CustomerCase, Model):
    """The decision whether a contract that ends is renewed, runs out or is given notice of."""

    __tablename__ = "contract_renewal"
    __table_args__ = (
        one_of("status", RENEWAL_STATUSES),
        CheckConstraint("(customer_id IS NULL) <> (party_id IS NULL)", name="one_other_side"),
        CheckConstraint(f"(status IN ({_RUNNING})) = (closed_on IS NULL)", name="closed_with_day"),
        Index(
            "uq_contract_renewal_running",
            "contract_id",
            unique=True,
            postgresql_where=text(f"status IN ({_RUNNING})"),
        ),
        Index("ix_contract_renewal_contract", "contract_id", text("id DESC")),
    )

    customer_id: Mapped[int | None] = refers_to("customer.id", index=True)  # type: ignore[assignment] # as of a review
    party_id: Mapped[int | None] = refers_to("party.id")
    contract_id: Mapped[int] = refers_to("contract.id")
    ends_on: Mapped[Day]
    decide_by: Mapped[Day]
    ground: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    decided_by: Mapped[int | None] = refers_to("person.id")
    noticed_on: Mapped[Day | None]
    document_id: Mapped[int | None] = refers_to("contract_document.id")
    closed_on: Mapped[Day | None]

    contract: Mapped[Contract] = relationship()
    party: Mapped[Party | None] = relationship()

    @property
    def other_side(self) -> Customer | Party:
        """Whom the contract is with."""
        return self.contract.other_side
