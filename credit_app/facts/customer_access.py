"""Who opens a customer's file and who did: the way in, reasons that were given, and the log."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from credit_app.domain.file_access import AccessPolicy, Filed, Viewer, way_in
from credit_app.models import AccessGrant, AccessLog, Customer, Person, policy_values

# As text: a line is written with every answer to another system, and to put it together takes longer than to write it.
_LINE = text("""
    INSERT INTO access_log (customer_id, person_id, token_id, kind, area, reason, details, at)
    VALUES (:customer_id, :person_id, :token_id, :kind, :area, :reason, CAST(:details AS jsonb), :at)
""")


def access_policy(session: Session, day: date) -> AccessPolicy:
    """The policy of `day`."""
    return AccessPolicy.from_policy(policy_values(session, day))


def way_of(people: Iterable[Person], customer: Customer, roles: frozenset[str], policy: AccessPolicy) -> str:
    """How these people (a person, and whom they substitute) get into the file: open, reason or closed."""
    viewers = [Viewer(one.id, frozenset((row.role, row.branch_id) for row in one.roles)) for one in people]
    filed = Filed(customer.branch_id, customer.sales_rep_id, customer.credit_analyst_id)
    return way_in(viewers, filed, roles, policy)


def grant_in_force(
    session: Session, person_id: int, customer_id: int, instant: datetime
) -> AccessGrant | None:
    """The reason that this person gave and that still holds."""
    query = select(AccessGrant).where(
        AccessGrant.person_id == person_id,
        AccessGrant.customer_id == customer_id,
        AccessGrant.expires_at > instant,
    )
    return session.scalars(query.order_by(AccessGrant.expires_at.desc()).limit(1)).first()


def give_reason(
    session: Session, person_id: int, customer_id: int, reason: str, instant: datetime, hours: int
) -> AccessGrant:
    """Opens a file to a person for some hours; what they look at is logged with the reason. Does not commit."""
    grant = AccessGrant(
        person_id=person_id,
        customer_id=customer_id,
        reason=reason,
        granted_at=instant,
        expires_at=instant + timedelta(hours=hours),
    )
    session.add(grant)
    session.flush()
    return grant


def log_access(
    session: Session,
    customer_id: int,
    person_id: int | None,
    kind: str,
    area: str,
    instant: datetime,
    reason: str = "",
    details: Mapping[str, Any] | None = None,
    token_id: int | None = None,
) -> None:
    """Adds a line to the file's access log, of a person or of a token: one statement. Does not commit."""
    line = {
        "customer_id": customer_id,
        "person_id": person_id,
        "token_id": token_id,
        "kind": kind,
        "area": area,
        "at": instant,
        "reason": reason,
        "details": orjson.dumps(dict(details or {})).decode(),
    }
    session.execute(_LINE, line)


def was_read(session: Session, customer_id: int, area: str, token_id: int, since: datetime) -> bool:
    """Whether the system of a token was handed this part of a file since an instant, by the log."""
    query = select(AccessLog.id).where(
        AccessLog.customer_id == customer_id,
        AccessLog.token_id == token_id,
        AccessLog.area == area,
        AccessLog.kind == "export",
        AccessLog.at > since,
    )
    return session.scalar(query.order_by(AccessLog.id.desc()).limit(1)) is not None
