"""Third parties' reports on a customer: the valid one, the one under way, the one that was bought lately."""

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from credit_app.domain.dates import add_months
from credit_app.models import CreditApplication, CreditReport


def valid_report(session: Session, customer_id: int, day: date) -> CreditReport | None:
    """The newest report that may still be used on `day`."""
    query = (
        select(CreditReport)
        .where(
            CreditReport.customer_id == customer_id,
            CreditReport.status == "received",
            CreditReport.reported_on <= day,
            CreditReport.valid_until >= day,
        )
        .order_by(CreditReport.reported_on.desc(), CreditReport.id.desc())
        .limit(1)
    )
    return session.scalars(query).first()


def ordered_report(session: Session, application: CreditApplication) -> CreditReport | None:
    """The report that was ordered for this application and is not there yet."""
    query = select(CreditReport).where(
        CreditReport.application_id == application.id, CreditReport.status == "ordered"
    )
    return session.scalars(query.order_by(CreditReport.id.desc()).limit(1)).first()


def bought_lately(session: Session, customer_id: int, day: date, months: int) -> CreditReport | None:
    """The last report on the customer that was ordered or received within the months before `day`."""
    when = func.coalesce(CreditReport.ordered_on, CreditReport.reported_on)
    query = (
        select(CreditReport)
        .where(
            CreditReport.customer_id == customer_id,
            CreditReport.status.in_(("ordered", "received")),
            when > add_months(day, -months),
        )
        .order_by(when.desc(), CreditReport.id.desc())
        .limit(1)
    )
    return session.scalars(query).first()
