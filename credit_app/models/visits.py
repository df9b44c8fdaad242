"""Visits on site to customers who do not pay: planned, put off, reported, with photos and the signed statement."""

from sqlalchemy import CheckConstraint, Index, SmallInteger, String, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from credit_app.domain.visits import AGREEMENTS, FINDINGS, WILLINGNESS
from credit_app.models.base import CreatedAt, Day, Id, Model, one_of, refers_to
from credit_app.models.customer_case import CustomerCase
from credit_app.models.organisation import Person
from credit_app.models.security import CustomerDocument

# planning · planned · signing: reported, the statement waits for a signature · agreeing: how it is paid · and four ends
VISIT_STATUSES = (
    "planning", "planned", "signing", "agreeing", "done", "nobody_met", "cancelled", "not_needed",
)  # fmt: skip
RUNNING_VISITS = ("planning", "planned", "signing", "agreeing")
_RUNNING = ", ".join(f"'{status}'" for status in RUNNING_VISITS)


class SiteVisit(CustomerCase, Model):
    """A visit to a customer; `amount` was overdue when it was asked for. `statement_on` is the day as of which the
    statement was drawn up that the debtor signed on `signed_on`."""

    __tablename__ = "site_visit"
    __table_args__ = (
        one_of("status", VISIT_STATUSES),
        one_of("finding", FINDINGS),
        one_of("willingness", WILLINGNESS),
        one_of("agreement", AGREEMENTS),
        CheckConstraint("visited_on >= planned_on", name="visited_on_its_day"),
        CheckConstraint("signed = (document_id IS NOT NULL)", name="signed_with_paper"),
        CheckConstraint("signed = (signed_on IS NOT NULL)", name="signed_with_day"),
        CheckConstraint("put_offs >= 0", name="put_offs_counted"),
        Index(
            "uq_site_visit_running",
            "customer_id",
            unique=True,
            postgresql_where=text(f"status IN ({_RUNNING})"),
        ),
        Index(
            "ix_site_visit_visitor", "visitor_id", "planned_on", postgresql_where=text("status = 'planned'")
        ),
        Index("ix_site_visit_customer", "customer_id", text("id DESC")),
    )

    case_id: Mapped[int | None] = refers_to("collection_case.id", index=True)
    visitor_id: Mapped[int | None] = refers_to("person.id")
    planned_on: Mapped[Day | None]
    address: Mapped[str] = mapped_column(String(300), default="", server_default="")
    purpose: Mapped[str] = mapped_column(String(500), default="", server_default="")
    bring: Mapped[str] = mapped_column(String(500), default="", server_default="")
    put_offs: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    visited_on: Mapped[Day | None]
    finding: Mapped[str | None] = mapped_column(String(20))
    whom_met: Mapped[str] = mapped_column(String(200), default="", server_default="")
    premises: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    stocks: Mapped[str] = mapped_column(String(1000), default="", server_default="")
    willingness: Mapped[str | None] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(2000), default="", server_default="")
    signed: Mapped[bool] = mapped_column(default=False, server_default=false())
    signed_on: Mapped[Day | None]
    signed_by: Mapped[str] = mapped_column(String(200), default="", server_default="")
    statement_on: Mapped[Day | None]
    document_id: Mapped[int | None] = refers_to("customer_document.id")
    agreement: Mapped[str | None] = mapped_column(String(20))

    visitor: Mapped[Person | None] = relationship(foreign_keys="SiteVisit.visitor_id")
    document: Mapped[CustomerDocument | None] = relationship(foreign_keys="SiteVisit.document_id")
    moves: Mapped[list["VisitMove"]] = relationship(order_by="VisitMove.id")
    papers: Mapped[list["VisitPaper"]] = relationship(order_by="VisitPaper.id")


class VisitMove(Model):
    """A visit was put off from one day to another, and why. Rows are only added."""

    __tablename__ = "visit_move"
    __table_args__ = (Index("ix_visit_move_visit", "visit_id", "id"),)

    id: Mapped[Id]
    visit_id: Mapped[int] = refers_to("site_visit.id")
    from_day: Mapped[Day]
    to_day: Mapped[Day]
    reason: Mapped[str] = mapped_column(String(500))
    made_by: Mapped[int | None] = refers_to("person.id")
    created_at: Mapped[CreatedAt]


class VisitPaper(Model):
    """A photo or a document that was brought back from a visit. Rows are only added."""

    __tablename__ = "visit_paper"
    __table_args__ = (Index("ix_visit_paper_visit", "visit_id", "id"),)

    id: Mapped[Id]
    visit_id: Mapped[int] = refers_to("site_visit.id")
    document_id: Mapped[int] = refers_to("customer_document.id")
    is_photo: Mapped[bool]
    created_at: Mapped[CreatedAt]

    document: Mapped[CustomerDocument] = relationship()
