"""The company, its branches and departments, and its people with their roles and substitutes."""

from datetime import date

from flask_login import UserMixin
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    UniqueConstraint,
    false,
    func,
    select,
    text,
    true,
)
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship, validates

from credit_app.i18n import _
from credit_app.models.base import CreatedAt, Day, Id, Instant, Model, refers_to
from credit_app.models.once import once
from workflows.errors import NotFound

ROLES = (
    "sales_rep",
    "sales_manager",
    "credit_analyst",
    "credit_manager",
    "finance_director",
    "cfo",
    "committee",
    "receivables",
    "collector",
    "counsel",
    "delivery",
    "auditor",
    "admin",
)


class Company(Model):
    """The one company of this database. Exposure and authority levels count in `base_currency`."""

    __tablename__ = "company"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, default=1, autoincrement=False)
    name: Mapped[str] = mapped_column(String(200))
    base_currency: Mapped[str] = mapped_column(String(3), ForeignKey("currency.code"))
    time_zone: Mapped[str] = mapped_column(String(60))
    is_demo: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[CreatedAt]


class Branch(Model):
    """A branch; customers and people belong to one, and it limits who may take a task."""

    __tablename__ = "branch"

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(200))


class Department(Model):
    """A department, of one branch or (branch_id NULL) of the whole company."""

    __tablename__ = "department"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(200))
    branch_id: Mapped[int | None] = refers_to("branch.id")
    branch: Mapped[Branch | None] = relationship()


class Person(UserMixin, Model):
    """Somebody who works here and may sign in. `email` is kept in lower case and is unique.

    `session_epoch` grows when all sessions of the person must end (new password, deactivated); `get_id()` carries
    it, so a session made before no longer loads. `notices`: mails at once, one digest each working day, or both.
    """

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint("email = lower(email) AND position('@' in email) > 1", name="email_lower"),
        CheckConstraint("failed_logins >= 0", name="failed_logins_counted"),
        CheckConstraint("notices IN ('at_once', 'digest', 'both')", name="notices_known"),
        Index("ix_person_name", func.lower(text("name")), "id"),
    )

    id: Mapped[Id]
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    title: Mapped[str] = mapped_column(String(200), default="", server_default="")
    locale: Mapped[str] = mapped_column(String(20), default="en", server_default="en")
    password_hash: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True, server_default=true())
    branch_id: Mapped[int | None] = refers_to("branch.id", index=True)
    department_id: Mapped[int | None] = refers_to("department.id")
    failed_logins: Mapped[int] = mapped_column(default=0, server_default="0")
    locked_until: Mapped[Instant | None]
    session_epoch: Mapped[int] = mapped_column(default=0, server_default="0")
    last_login_at: Mapped[Instant | None]
    notices: Mapped[str] = mapped_column(String(20), default="at_once", server_default="at_once")
    created_at: Mapped[CreatedAt]

    branch: Mapped[Branch | None] = relationship()
    department: Mapped[Department | None] = relationship()
    roles: Mapped[list["PersonRole"]] = relationship(
        back_populates="person", cascade="all, delete-orphan", order_by="PersonRole.role"
    )

    @validates("email")
    def _lower_email(self, _key: str, value: str) -> str:
        return value.strip().lower()

    @property
    def is_active(self) -> bool:
        """Whether this person may sign in at all (what flask-login asks)."""
        return self.active

    def get_id(self) -> str:
        """'id.epoch' for the session cookie."""
        return f"{self.id}.{self.session_epoch}"


class PersonRole(Model):
    """A person holds a role in one branch, or in all of them (branch_id NULL)."""

    __tablename__ = "person_role"
    __table_args__ = (
        UniqueConstraint(
            "person_id",
            "role",
            "branch_id",
            name="uq_person_role",
            postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint("role ~ '^[a-z][a-z_]*$'", name="role_word"),
        Index("ix_person_role_role", "role", "branch_id"),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("person.id", ondelete="CASCADE"))
    role: Mapped[str] = mapped_column(String(40))
    branch_id: Mapped[int | None] = refers_to("branch.id")

    person: Mapped[Person] = relationship(back_populates="roles")
    branch: Mapped[Branch | None] = relationship()


class Substitution(Model):
    """`substitute` acts for `person` from `starts_on` to `ends_on`, both days included."""

    __tablename__ = "substitution"
    __table_args__ = (
        CheckConstraint("starts_on <= ends_on", name="dates_in_order"),
        CheckConstraint("person_id <> substitute_id", name="somebody_else"),
        Index("ix_substitution_substitute", "substitute_id", "ends_on"),
        Index("ix_substitution_person", "person_id", "ends_on"),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = refers_to("person.id")
    substitute_id: Mapped[int] = refers_to("person.id")
    starts_on: Mapped[Day]
    ends_on: Mapped[Day]
    reason: Mapped[str] = mapped_column(String(500), default="", server_default="")
    created_by: Mapped[int | None] = refers_to("person.id")
    created_at: Mapped[CreatedAt]

    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    substitute: Mapped[Person] = relationship(foreign_keys=[substitute_id])


class PasswordLink(Model):
    """A one-time link to set a password; only the SHA-256 of its token is kept."""

    __tablename__ = "password_link"

    id: Mapped[Id]
    person_id: Mapped[int] = refers_to("person.id", index=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[Instant]
    used_at: Mapped[Instant | None]
    created_at: Mapped[CreatedAt]

    person: Mapped[Person] = relationship()


class Holiday(Model):
    """A day on which business days do not count, besides Saturdays and Sundays."""

    __tablename__ = "holiday"

    day: Mapped[Day] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))


def the_company(session: Session) -> Company:
    """The company of this database; NotFound before `credit init` or the demo made one."""
    found = session.get(Company, 1)
    if found is None:
        raise NotFound(_("No company is set up yet: run “credit init”."))
    session.info["company"] = (
        found  # a session forgets rows that nobody holds, and everything asks for this one
    )
    return found


@once
def holidays(session: Session) -> list[date]:
    """All holidays, for `domain.dates.BusinessCalendar`."""
    return list(session.scalars(select(Holiday.day).order_by(Holiday.day)))
