"""The securities of a customer with the state of each on a day, and giving one back."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from credit_app.i18n import _
from credit_app.models import Security
from workflows import Conflict, NotFound

EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class SecurityState:
    """A security and its state on a day: required, confirmed, rejected, released, or expired."""

    security: Security
    state: str


def state_on(security: Security, day: date) -> str:
    """A confirmed one whose last day is over is expired."""
    over = security.expires_on is not None and security.expires_on < day
    return EXPIRED if security.status == "confirmed" and over else security.status


def securities_of_customer(session: Session, customer_id: int, day: date) -> list[SecurityState]:
    """All that were ever asked for, the newest first."""
    query = select(Security).where(Security.customer_id == customer_id).order_by(Security.id.desc())
    query = query.options(
        joinedload(Security.application), joinedload(Security.document), joinedload(Security.confirmer)
    )
    return [SecurityState(row, state_on(row, day)) for row in session.scalars(query)]


def release(
    session: Session, customer_id: int, security_id: int, reason: str, person_id: int, instant: datetime
) -> Security:
    """Gives a confirmed security back, with the reason. Raises NotFound, Conflict. Does not commit."""
    query = select(Security).where(Security.id == security_id, Security.customer_id == customer_id)
    row = session.scalars(query.with_for_update()).first()
    if row is None:
        raise NotFound(_("There is no such security in this file."))
    if row.status != "confirmed":
        raise Conflict(_("Only a confirmed security can be released; nothing was changed."))
    row.status, row.release_reason = "released", reason
    row.released_by, row.released_at = person_id, instant
    session.flush()
    return row
