"""Securities behind a limit (guarantee, pledge, deposit, insurance …) and documents filed under a customer."""

from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, Numeric, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from credit_app.models.application import CreditApplication
from credit_app.models.base import CreatedAt, Day, Id, Instant, Model, Money, one_of, refers_to
from credit_app.models.customer import Customer
from credit_app.models.organisation import Person

SECURITY_KINDS = (
    "guarantee",
    "pledge",
    "product_revenue_pledge",
    "deposit",
    "insurance",
    "prepayment_device",
)
SECURITY_STATUSES = ("required", "confirmed", "rejected", "released")
DOCUMENT_KINDS = (
    "registration",
    "statement",
    "report",
    "reference",
    "site_visit",
    "security",
    "contract",
    "other",
)


class CustomerDocument(Model):
    """A file in a customer's credit file; `size` in bytes. `content` is loaded only when asked for."""

    __tablename__ = "customer_document"
    __table_args__ = (
        one_of("kind", DOCUMENT_KINDS),
        CheckConstraint("size = octet_length(content)", name="size_true"),
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256_hex"),
        Index("ix_customer_document_customer", "customer_id", text("id DESC")),
    )

    id: Mapped[Id]
    customer_id: Mapped[int] = refers_to("customer.id")
    application_id: Mapped[int | None] = refers_to("credit_application.id", index=True)
    kind: Mapped[str] = mapped_column(String(20), default="other", server_default="other")
    filename: Mapped[str] = mapped_column(String(255))
    content_type: Mapped[str] = mapped_column(String(120))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    uploaded_by: Mapped[int | None] = refers_to("person.id")
    uploaded_at: Mapped[CreatedAt]

    customer: Mapped[Customer] = relationship()
    uploader: Mapped[Person | None] = relationship()


class Security(Model):
    """A security asked for with a limit and confirmed before it opens.

    `amount` in `currency`; `haircut` (0 to 1) is the part not counted on; `cover` (0 to 1) is the insured share,
    for insurance only. An expired one (`expires_on` before the day) no longer counts.
    """

    __tablename__ = "security"
    __table_args__ = (
        one_of("kind", SECURITY_KINDS),
        one_of("status", SECURITY_STATUSES),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("haircut BETWEEN 0 AND 1", name="haircut_share"),
        CheckConstraint("cover BETWEEN 0 AND 1", name="cover_share"),
        CheckConstraint("(kind = 'insurance') = (cover IS NOT NULL)", name="cover_of_insurance"),
        CheckConstraint("valid_from <= expires_on", name="dates_in_order"),
        CheckConstraint(
            "status <> 'confirmed' OR (confirmed_by IS NOT NULL AND confirmed_at IS NOT NULL)",
            name="confirmed_by_somebody",
        ),
        Index("ix_security_customer", "customer_id", "status"),
        Index("ix_security_application", "application_id"),
        Index("ix_security_expiry", "expires_on", postgresql_where=text("status = 'confirmed'")),
    )

    id: Mapped[Id]
    customer_id: Mapped[int] = refers_to("customer.id")
    application_id: Mapped[int | None] = refers_to("credit_application.id")
    kind: Mapped[str] = mapped_column(String(30))
    amount: Mapped[Money]
    currency: Mapped[str] = mapped_column(String(3))
    haircut: Mapped[Decimal] = mapped_column(Numeric(5, 4))
    cover: Mapped[Decimal | None] = mapped_column(Numeric(5, 4))
    provider: Mapped[str] = mapped_column(String(300), default="", server_default="")
    reference: Mapped[str] = mapped_column(String(100), default="", server_default="")
    note: Mapped[str] = mapped_column(String(4000), default="", server_default="")
    valid_from: Mapped[Day | None]
    expires_on: Mapped[Day | None]
    status: Mapped[str] = mapped_column(String(20), default="required", server_default="required")
    document_id: Mapped[int | None] = refers_to("customer_document.id")
    required_by: Mapped[int | None] = refers_to("person.id")
    required_at: Mapped[CreatedAt]
    confirmed_by: Mapped[int | None] = refers_to("person.id")
    confirmed_at: Mapped[Instant | None]
    released_by: Mapped[int | None] = refers_to("person.id")
    released_at: Mapped[Instant | None]
    release_reason: Mapped[str] = mapped_column(String(1000), default="", server_default="")

    customer: Mapped[Customer] = relationship()
    application: Mapped[CreditApplication | None] = relationship()
    document: Mapped[CustomerDocument | None] = relationship()
    requirer: Mapped[Person | None] = relationship(foreign_keys=[required_by])
    confirmer: Mapped[Person | None] = relationship(foreign_keys=[confirmed_by])
