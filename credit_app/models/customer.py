"""Customers, their group tree and their contacts."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    func,
    literal_column,
    select,
    text,
    true,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from credit_app.models.base import CreatedAt, Day, Id, Model, one_of, refers_to
from credit_app.models.once import once
from credit_app.models.organisation import Branch, Department, Person

CUSTOMER_STATUSES = ("active", "on_hold", "in_default", "blacklisted", "closed")
# Segment: what a rating model and the measures are chosen by, besides industry and region.
SIZES = ("micro", "small", "medium", "large")
ENTERPRISE_KINDS = ("private", "listed", "state_owned", "public_body", "partnership", "sole_trader")


# 'HRB 12-345' and 'hrb12345' are the same company.
def plain_registration(column: str) -> str:
    """SQL for the registration number in `column` without what people write differently."""
    return f"upper(regexp_replace({column}, '[^[:alnum:]]', '', 'g'))"


_PLAIN_REGISTRATION = plain_registration("registration_number")
_PLAIN: ColumnElement[str] = literal_column(_PLAIN_REGISTRATION)


class Customer(Model):
    """A customer. `external_id` is its key in the system it was imported from; `country` ISO 3166 alpha-2;
    `parent_id` the company it belongs to; `is_new` until it has a record with us; `version` guards edits."""

    __tablename__ = "customer"
    __table_args__ = (
        one_of("status", CUSTOMER_STATUSES),
        one_of("size", SIZES),
        one_of("enterprise_kind", ENTERPRISE_KINDS),
        CheckConstraint("employees >= 0", name="employees_counted"),
        CheckConstraint("country ~ '^[A-Z]{2}$'", name="country_iso"),
        CheckConstraint("parent_id <> id", name="not_its_own_parent"),
        CheckConstraint("btrim(name) <> ''", name="name_given"),
        CheckConstraint("registration_number IS NULL OR country IS NOT NULL", name="registered_somewhere"),
        Index("uq_customer_registration", "country", text(_PLAIN_REGISTRATION), unique=True),
        Index(
            "ix_customer_name",
            literal_column("lower(name)").label("lower_name"),
            "id",
            postgresql_ops={"lower_name": "text_pattern_ops"},
        ),
        Index(
            "ix_customer_words",
            text("to_tsvector('simple'::regconfig, name::text)"),
            postgresql_using="gin",
        ),
        Index("ix_customer_created", "created_at", "id"),
        Index("ix_customer_branch", "branch_id", "id"),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(30), unique=True)
    external_id: Mapped[str | None] = mapped_column(String(100), unique=True)
    name: Mapped[str] = mapped_column(String(300))
    registration_number: Mapped[str | None] = mapped_column(String(60))
    country: Mapped[str | None] = mapped_column(String(2))
    region: Mapped[str | None] = mapped_column(String(100))
    industry: Mapped[str | None] = mapped_column(String(200))
    city: Mapped[str | None] = mapped_column(String(200))
    address: Mapped[str | None] = mapped_column(String(500))
    parent_id: Mapped[int | None] = refers_to("customer.id", index=True)
    size: Mapped[str | None] = mapped_column(String(20))
    enterprise_kind: Mapped[str | None] = mapped_column(String(20))
    founded_on: Mapped[Day | None]
    employees: Mapped[int | None]
    tax_number: Mapped[str | None] = mapped_column(String(60))
    website: Mapped[str | None] = mapped_column(String(300))
    department_id: Mapped[int | None] = refers_to("department.id")
    credit_analyst_id: Mapped[int | None] = refers_to("person.id", index=True)
    branch_id: Mapped[int | None] = refers_to("branch.id")
    sales_rep_id: Mapped[int | None] = refers_to("person.id", index=True)
    is_new: Mapped[bool] = mapped_column(default=True, server_default=true())
    status: Mapped[str] = mapped_column(String(20), default="active", server_default="active")
    created_at: Mapped[CreatedAt]
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    parent: Mapped["Customer | None"] = relationship(remote_side="Customer.id")
    branch: Mapped[Branch | None] = relationship()
    department: Mapped[Department | None] = relationship()
    sales_rep: Mapped[Person | None] = relationship(foreign_keys=[sales_rep_id])
    credit_analyst: Mapped[Person | None] = relationship(foreign_keys=[credit_analyst_id])
    contacts: Mapped[list["Contact"]] = relationship(
        back_populates="customer", cascade="all, delete-orphan", order_by="Contact.id"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 (the name is the mapper's)


class Contact(Model):
    """A person at the customer."""

    __tablename__ = "contact"

    id: Mapped[Id]
    customer_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("customer.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(100), default="", server_default="")
    email: Mapped[str] = mapped_column(String(254), default="", server_default="")
    phone: Mapped[str] = mapped_column(String(60), default="", server_default="")

    customer: Mapped[Customer] = relationship(back_populates="contacts")


def customer_by_registration(session: Session, country: str, registration_number: str) -> Customer | None:
    """The customer registered under that number in that country; spaces, signs and case do not count."""
    plain = func.upper(func.regexp_replace(registration_number, "[^[:alnum:]]", "", "g"))
    return session.scalars(
        select(Customer).where(Customer.country == country.upper(), plain == _PLAIN)
    ).first()


_GROUP = text("""
    WITH RECURSIVE up(id, parent_id) AS (
        SELECT id, parent_id FROM customer WHERE id = :customer_id
        UNION SELECT c.id, c.parent_id FROM customer c JOIN up ON c.id = up.parent_id
    ), down(id) AS (
        SELECT id FROM up
        UNION SELECT c.id FROM customer c JOIN down ON c.parent_id = down.id
    )
    SELECT id FROM down ORDER BY id
""")


@once
def group_members(session: Session, customer_id: int) -> list[int]:
    """Ids of all companies of the customer's group (topmost parent and all below), itself too, ascending.

    UNION drops rows already seen, so a circle of parents ends instead of running on.
    """
    return list(session.scalars(_GROUP, {"customer_id": customer_id}))
