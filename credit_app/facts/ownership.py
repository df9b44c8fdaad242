"""Who owns a customer, and what stands against it."""

from datetime import date
from decimal import Decimal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from credit_app.models import LegalRecord, Owner


def owners_of(session: Session, customer_id: int, day: date) -> list[Owner]:
    """The owners as of `day`, the largest share first."""
    query = select(Owner).where(
        Owner.customer_id == customer_id,
        Owner.as_of <= day,
        or_(Owner.ended_on.is_(None), Owner.ended_on > day),
    )
    return list(session.scalars(query.order_by(Owner.share.desc().nulls_last(), Owner.id)))


def share_left(session: Session, customer_id: int, as_of: date) -> Decimal:
    """What share (1 = all) the owners as of `as_of` leave to another one."""
    return 1 - sum(
        (owner.share or Decimal(0) for owner in owners_of(session, customer_id, as_of)), Decimal(0)
    )


def legal_records_of(session: Session, customer_id: int) -> list[LegalRecord]:
    """All court cases, penalties, insolvencies and list entries, the newest first."""
    query = select(LegalRecord).where(LegalRecord.customer_id == customer_id)
    return list(session.scalars(query.order_by(LegalRecord.opened_on.desc(), LegalRecord.id.desc())))
