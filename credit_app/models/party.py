"""Parties that we have contracts with but do not sell to on credit: suppliers and partners, each with a file."""

from sqlalchemy import CheckConstraint, Index, String, literal_column, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from credit_app.models.base import CreatedAt, Id, Model, one_of, refers_to
from credit_app.models.customer import plain_registration
from credit_app.models.organisation import Branch, Person

PARTY_KINDS = ("supplier", "partner")
PARTY_STATUSES = ("active", "closed")


class Party(Model):
    """A supplier or partner. `country` is ISO 3166 alpha-2; `version` guards edits."""

    __tablename__ = "party"
    __table_args__ = (
        one_of("kind", PARTY_KINDS),
        one_of("status", PARTY_STATUSES),
        CheckConstraint("country ~ '^[A-Z]{2}$'", name="country_iso"),
        CheckConstraint("btrim(name) <> ''", name="name_given"),
        CheckConstraint("registration_number IS NULL OR country IS NOT NULL", name="registered_somewhere"),
        Index(
            "uq_party_registration", "country", text(plain_registration("registration_number")), unique=True
        ),
        Index(
            "ix_party_name",
            literal_column("lower(name)").label("lower_name"),
            "id",
            postgresql_ops={"lower_name": "text_pattern_ops"},
        ),
        Index("ix_party_branch", "branch_id", "id"),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(30), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(300))
    registration_number: Mapped[str | None] = mapped_column(String(60))
    country: Mapped[str | None] = mapped_column(String(2))
    city: Mapped[str] = mapped_column(String(200), default="", server_default="")
    address: Mapped[str] = mapped_column(String(500), default="", server_default="")
    contact_name: Mapped[str] = mapped_column(String(200), default="", server_default="")
    email: Mapped[str] = mapped_column(String(254), default="", server_default="")
    phone: Mapped[str] = mapped_column(String(60), default="", server_default="")
    note: Mapped[str] = mapped_column(String(4000), default="", server_default="")
    branch_id: Mapped[int | None] = refers_to("branch.id")
    status: Mapped[str] = mapped_column(String(20), default="active", server_default="active")
    made_by: Mapped[int | None] = refers_to("person.id")
    created_at: Mapped[CreatedAt]
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    branch: Mapped[Branch | None] = relationship()
    maker: Mapped[Person | None] = relationship()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (the name is the mapper's)
