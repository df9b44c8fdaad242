"""Contracts with customers, suppliers and partners: need, versions with their terms and text, and where each stands."""

from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    Numeric,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, relationship

from credit_app.domain.contracts import (
    CLAUSE_STATES,
    CONTRACT_KINDS,
    CONTRACT_STATUSES,
    RENEWALS,
    RETENTION_FROM,
    SIDES,
)
from credit_app.models.application import PAYMENT_METHODS
from credit_app.models.base import CreatedAt, Day, Id, Instant, Model, Money, one_of, refers_to
from credit_app.models.customer import Customer
from credit_app.models.organisation import Branch, Person
from credit_app.models.party import Party

LANGUAGES = ("en", "zh")
DOCUMENT_KINDS = ("signed", "notice", "delivery", "acceptance", "correspondence", "other")


class Contract(Model):
    """A contract with a customer (`customer_id`) or with a supplier or partner (`party_id`).

    `need` is what the customer wants, `need_by` by when and `why_us` why they come to us; it is recorded before
    anything is drafted. `version_id` is the version in force once there is one, until then the newest. `title`,
    `amount`, `currency`, `starts_on` and `ends_on` are those of that version, kept here for the register (one that
    renewed itself has a later end); so is `words`, what the contract is found by: number, title, other side and the
    text of that version. `version` guards edits.
    """

    __tablename__ = "contract"
    __table_args__ = (
        one_of("side", SIDES),
        one_of("kind", CONTRACT_KINDS),
        one_of("status", CONTRACT_STATUSES),
        CheckConstraint("(customer_id IS NULL) <> (party_id IS NULL)", name="one_other_side"),
        CheckConstraint("btrim(title) <> ''", name="title_given"),
        CheckConstraint("btrim(need) <> ''", name="need_given"),
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
        CheckConstraint("parent_id <> id", name="not_under_itself"),
        CheckConstraint(
            "status IN ('need', 'withdrawn') OR version_id IS NOT NULL", name="drafted_with_version"
        ),
        CheckConstraint(
            "status NOT IN ('active', 'expired', 'terminated') OR filed_on IS NOT NULL",
            name="in_force_when_filed",
        ),
        CheckConstraint("(status = 'terminated') = (terminated_on IS NOT NULL)", name="terminated_with_day"),
        Index("ix_contract_customer", "customer_id", text("id DESC")),
        Index("ix_contract_party", "party_id", text("id DESC")),
        Index("ix_contract_status", "status", text("id DESC")),
        Index("ix_contract_branch", "branch_id", text("id DESC")),
        Index("ix_contract_owner", "owner_id", text("id DESC")),
        Index("ix_contract_ends", "ends_on", "id", postgresql_where=text("status = 'active'")),
        # The sort orders of the register, and what it is searched by.
        Index("ix_contract_since", "created_at", "id"),
        Index("ix_contract_title", literal_column("lower(title)").label("lower_title"), "id"),
        Index("ix_contract_end", literal_column("coalesce(ends_on, '9999-12-31'::date)").label("end"), "id"),
        Index("ix_contract_words", "words", postgresql_using="gin"),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(30), unique=True)
    side: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(300))
    customer_id: Mapped[int | None] = refers_to("customer.id")
    party_id: Mapped[int | None] = refers_to("party.id")
    parent_id: Mapped[int | None] = refers_to("contract.id", index=True)
    branch_id: Mapped[int | None] = refers_to("branch.id")
    owner_id: Mapped[int] = refers_to("person.id")
    status: Mapped[str] = mapped_column(String(20), default="need", server_default="need")
    need: Mapped[str] = mapped_column(String(4000))
    need_by: Mapped[Day | None]
    why_us: Mapped[str] = mapped_column(String(2000), default="", server_default="")
    version_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("contract_version.id", use_alter=True, name="fk_contract_version_id")
    )
    amount: Mapped[Money | None]
    currency: Mapped[str | None] = mapped_column(String(3), ForeignKey("currency.code"))
    starts_on: Mapped[Day | None]
    ends_on: Mapped[Day | None]
    signed_on: Mapped[Day | None]
    filed_on: Mapped[Day | None]
    terminated_on: Mapped[Day | None]
    words: Mapped[str | None] = mapped_column(TSVECTOR, deferred=True)
    made_by: Mapped[int | None] = refers_to("person.id")
    created_at: Mapped[CreatedAt]
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    customer: Mapped[Customer | None] = relationship()
    party: Mapped[Party | None] = relationship()
    parent: Mapped["Contract | None"] = relationship(remote_side="Contract.id")
    branch: Mapped[Branch | None] = relationship()
    owner: Mapped[Person] = relationship(foreign_keys=[owner_id])
    current: Mapped["ContractVersion | None"] = relationship(foreign_keys=[version_id], post_update=True)
    versions: Mapped[list["ContractVersion"]] = relationship(
        back_populates="contract", foreign_keys="ContractVersion.contract_id", order_by="ContractVersion.no"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (the name is the mapper's)

    @property
    def other_side(self) -> Customer | Party:
        """Whom the contract is with; both have number, name, country and branch_id."""
        found: Customer | Party = self.customer or self.party  # type: ignore[assignment] # the database keeps one
        return found


class ContractVersion(Model):
    """The terms and the text of a contract as of one draft; once `frozen_at`, put under review, it stands.

    `no` counts from 1; `note` says what changed. Shares are 0 to 1; `payment_days` from the invoice; `payment_terms`
    are instalments such as '40%@30, 60%@90'; `governing_law` is ISO 3166 alpha-2. `text` is what the document says, or
    the text filled from a template; `words` what it is found by. `template` (code:language) and `template_version` say
    which template the text began from. `content` is loaded only when asked for.
    """

    __tablename__ = "contract_version"
    __table_args__ = (
        UniqueConstraint("contract_id", "no", name="uq_contract_version_no"),
        one_of("payment_method", PAYMENT_METHODS),
        one_of("renewal", RENEWALS),
        one_of("retention_from", RETENTION_FROM),
        one_of("language", LANGUAGES),
        CheckConstraint("no > 0", name="counted"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("amount >= 0", name="amount_not_negative"),
        CheckConstraint("payment_days >= 0", name="payment_days_counted"),
        CheckConstraint("retention_share BETWEEN 0 AND 1", name="retention_a_share"),
        CheckConstraint("retention_days >= 0", name="retention_days_counted"),
        CheckConstraint("warranty_months >= 0", name="warranty_counted"),
        CheckConstraint("liability_cap >= 0", name="liability_not_negative"),
        CheckConstraint("governing_law ~ '^[A-Z]{2}$'", name="law_of_a_country"),
        CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
        CheckConstraint("renewal_notice_days >= 0", name="notice_counted"),
        CheckConstraint(
            "(content IS NULL) = (sha256 IS NULL) AND (content IS NULL) = (filename IS NULL)",
            name="document_whole",
        ),
        CheckConstraint("size = octet_length(content)", name="size_true"),
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256_hex"),
        CheckConstraint("(template IS NULL) = (template_version IS NULL)", name="template_with_version"),
    )

    id: Mapped[Id]
    contract_id: Mapped[int] = refers_to("contract.id")
    no: Mapped[int] = mapped_column(SmallInteger)
    note: Mapped[str] = mapped_column(String(2000), default="", server_default="")
    goods: Mapped[str] = mapped_column(String(2000), default="", server_default="")
    specification: Mapped[str] = mapped_column(String(4000), default="", server_default="")
    quantity: Mapped[Decimal | None] = mapped_column(Numeric(18, 4))
    unit: Mapped[str] = mapped_column(String(30), default="", server_default="")
    quality: Mapped[str] = mapped_column(String(2000), default="", server_default="")
    delivery_terms: Mapped[str] = mapped_column(String(200), default="", server_default="")
    delivery_place: Mapped[str] = mapped_column(String(300), default="", server_default="")
    delivery_on: Mapped[Day | None]
    amount: Mapped[Money | None]
    currency: Mapped[str | None] = mapped_column(String(3), ForeignKey("currency.code"))
    payment_days: Mapped[int | None] = mapped_column(SmallInteger)
    payment_method: Mapped[str | None] = mapped_column(String(20))
    payment_terms: Mapped[str] = mapped_column(String(200), default="", server_default="")
    retention_share: Mapped[Decimal | None] = mapped_column(Numeric(5, 4))
    retention_days: Mapped[int | None] = mapped_column(SmallInteger)
    retention_from: Mapped[str] = mapped_column(String(20), default="invoice", server_default="invoice")
    warranty_months: Mapped[int | None] = mapped_column(SmallInteger)
    breach_liability: Mapped[str] = mapped_column(String(2000), default="", server_default="")
    liability_cap: Mapped[Money | None]
    security: Mapped[str] = mapped_column(String(2000), default="", server_default="")
    governing_law: Mapped[str | None] = mapped_column(String(2))
    forum: Mapped[str] = mapped_column(String(300), default="", server_default="")
    starts_on: Mapped[Day | None]
    ends_on: Mapped[Day | None]
    renewal: Mapped[str] = mapped_column(String(20), default="none", server_default="none")
    renewal_notice_days: Mapped[int | None] = mapped_column(SmallInteger)
    special: Mapped[str] = mapped_column(String(4000), default="", server_default="")
    language: Mapped[str] = mapped_column(String(5), default="en", server_default="en")
    text: Mapped[str] = mapped_column(Text, default="", server_default="", deferred=True)
    template: Mapped[str | None] = mapped_column(String(50))
    template_version: Mapped[int | None]
    words: Mapped[str | None] = mapped_column(TSVECTOR, deferred=True)
    filename: Mapped[str | None] = mapped_column(String(255))
    content_type: Mapped[str | None] = mapped_column(String(120))
    size: Mapped[int | None] = mapped_column(BigInteger)
    sha256: Mapped[str | None] = mapped_column(String(64))
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    made_by: Mapped[int | None] = refers_to("person.id")
    created_at: Mapped[CreatedAt]
    frozen_at: Mapped[Instant | None]

    contract: Mapped[Contract] = relationship(back_populates="versions", foreign_keys=[contract_id])
    maker: Mapped[Person | None] = relationship()
    clauses: Mapped[list["ContractClause"]] = relationship(
        back_populates="version", order_by="ContractClause.place", cascade="all, delete-orphan"
    )


class ContractClause(Model):
    """A clause of the checklist of a version: what was found in the text, and why a deviation is wanted.

    `policy_text` is the company's standard text on the day of the check.
    """

    __tablename__ = "contract_clause"
    __table_args__ = (
        one_of("state", CLAUSE_STATES),
        UniqueConstraint("version_id", "clause", name="uq_contract_clause"),
    )

    id: Mapped[Id]
    version_id: Mapped[int] = refers_to("contract_version.id")
    place: Mapped[int] = mapped_column(SmallInteger)
    clause: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(200))
    area: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    quoted: Mapped[str] = mapped_column(String(500), default="", server_default="")
    policy_text: Mapped[str] = mapped_column(String(4000), default="", server_default="")
    reason: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    checked_by: Mapped[int | None] = refers_to("person.id")

    version: Mapped[ContractVersion] = relationship(back_populates="clauses")


class ContractTemplate(Model):
    """A version of a template text; the newest of a code and language rules. Only added.

    `body` names fields in braces, such as {other_side}. `note` says what changed and why. One that is `withdrawn`
    takes the template out of use: no draft begins from it until a newer version is published.
    """

    __tablename__ = "contract_template"
    __table_args__ = (
        one_of("side", SIDES),
        one_of("language", LANGUAGES),
        UniqueConstraint("code", "language", "version", name="uq_contract_template_version"),
        CheckConstraint("version > 0", name="version_counted"),
        CheckConstraint("btrim(body) <> '' AND btrim(title) <> ''", name="body_given"),
        CheckConstraint("NOT withdrawn OR btrim(note) <> ''", name="withdrawn_with_reason"),
    )

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(String(40))
    side: Mapped[str] = mapped_column(String(10))
    language: Mapped[str] = mapped_column(String(5))
    version: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    withdrawn: Mapped[bool] = mapped_column(default=False, server_default="false")
    made_by: Mapped[int | None] = refers_to("person.id")
    created_at: Mapped[CreatedAt]

    maker: Mapped[Person | None] = relationship()


class ContractTemplateDraft(Model):
    """The next version of a template as it is being written, one of each code and language; gone once published.

    `version` guards edits.
    """

    __tablename__ = "contract_template_draft"
    __table_args__ = (
        one_of("side", SIDES),
        one_of("language", LANGUAGES),
        UniqueConstraint("code", "language", name="uq_contract_template_draft"),
        CheckConstraint("code ~ '^[a-z][a-z0-9_]{1,39}$'", name="code_plain"),
        CheckConstraint("btrim(body) <> '' AND btrim(title) <> ''", name="body_given"),
    )

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(String(40))
    side: Mapped[str] = mapped_column(String(10))
    language: Mapped[str] = mapped_column(String(5))
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    saved_by: Mapped[int] = refers_to("person.id")
    saved_at: Mapped[Instant]
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    saver: Mapped[Person] = relationship()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (the name is the mapper's)


class ContractDocument(Model):
    """A paper of a contract beside its versions; `size` in bytes, `content` loaded only when asked for. Only added."""

    __tablename__ = "contract_document"
    __table_args__ = (
        one_of("kind", DOCUMENT_KINDS),
        CheckConstraint("size = octet_length(content)", name="size_true"),
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256_hex"),
        Index("ix_contract_document_contract", "contract_id", "id"),
    )

    id: Mapped[Id]
    contract_id: Mapped[int] = refers_to("contract.id")
    version_id: Mapped[int | None] = refers_to("contract_version.id")
    kind: Mapped[str] = mapped_column(String(20))
    filename: Mapped[str] = mapped_column(String(255))
    content_type: Mapped[str] = mapped_column(String(120))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    uploaded_by: Mapped[int | None] = refers_to("person.id")
    uploaded_at: Mapped[CreatedAt]


class ContractEvent(Model):
    """What happened to a contract, by whom (None: the system); its timeline. Only added."""

    __tablename__ = "contract_event"
    __table_args__ = (Index("ix_contract_event_contract", "contract_id", "id"),)

    id: Mapped[Id]
    contract_id: Mapped[int] = refers_to("contract.id")
    kind: Mapped[str] = mapped_column(String(30))
    done_on: Mapped[Day]
    note: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    version_id: Mapped[int | None] = refers_to("contract_version.id")
    made_by: Mapped[int | None] = refers_to("person.id")
    created_at: Mapped[CreatedAt]

    maker: Mapped[Person | None] = relationship()
