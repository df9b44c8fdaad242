"""Who owns a customer, what stands against it, and whether a parent would close a circle."""

from datetime import date

from sqlalchemy import or_, select, text
from sqlalchemy.orm import Session

from credit_app.models import LegalRecord, Owner

_ABOVE = text("""
    WITH RECURSIVE up(id) AS (
        SELECT CAST(:parent_id AS bigint)
        UNION SELECT c.parent_id FROM customer c JOIN up ON c.id = up.id WHERE c.parent_id IS NOT NULL
    )
    SELECT 1 FROM up WHERE id = :customer_id
""")


def owners_of(session: Session, customer_id: int, day: date) -> list[Owner]:
    """The owners as of `day`, the largest share first."""
    query = select(Owner).where(
        Owner.customer_id == customer_id,
        Owner.as_of <= day,
        or_(Owner.ended_on.is_(None), Owner.ended_on > day),
    )
    return list(session.scalars(query.order_by(Owner.share.desc().nulls_last(), Owner.id)))


def legal_records_of(session: Session, customer_id: int) -> list[LegalRecord]:
    """All court cases, penalties, insolvencies and list entries, the newest first."""
    query = select(LegalRecord).where(LegalRecord.customer_id == customer_id)
    return list(session.scalars(query.order_by(LegalRecord.opened_on.desc(), LegalRecord.id.desc())))


def would_circle(session: Session, customer_id: int, parent_id: int) -> bool:
    """Whether the customer stands at or above `parent_id` already."""
    return session.execute(_ABOVE, {"customer_id": customer_id, "parent_id": parent_id}).first() is not None
