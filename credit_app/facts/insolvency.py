"""Insolvency of a customer, as the file or a legal case has it: from then on the claim goes to the administrator."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from credit_app.facts.collection import signal
from credit_app.models.once import once

# The customers that are insolvent on a day, for queries over all of them. A list of dishonest debtors or a blacklist
# says that somebody does not pay, not that an administrator has taken over.
INSOLVENT = """
    SELECT customer_id FROM legal_record
    WHERE kind = 'insolvency' AND opened_on <= :as_of AND (closed_on IS NULL OR closed_on > :as_of)
    UNION SELECT customer_id FROM legal_case WHERE status = 'insolvency'
"""
_INSOLVENT_OF = text(f"SELECT customer_id FROM ({INSOLVENT}) known WHERE customer_id = ANY(:ids)")  # noqa: S608
_KNOWN = text("""
    SELECT r.opened_on AS since, r.authority AS authority, CAST(NULL AS text) AS case_number FROM legal_record r
    WHERE r.customer_id = :customer_id AND r.kind = 'insolvency' AND r.opened_on <= :as_of
        AND (r.closed_on IS NULL OR r.closed_on > :as_of)
    UNION ALL SELECT coalesce(max(e.happened_on), c.started_on), c.administrator, c.number FROM legal_case c
    LEFT JOIN legal_event e ON e.case_id = c.id AND e.kind = 'enforcement_step'
    WHERE c.customer_id = :customer_id AND c.status = 'insolvency' GROUP BY c.id
    ORDER BY since
""")


@dataclass(frozen=True, slots=True)
class Insolvency:
    """`since` when; `authority` the court or administrator, empty where it is not known; `case_number` of our legal
    case in which the claim is filed, None: there is none."""

    since: date
    authority: str
    case_number: str | None


@once
def insolvency_of(session: Session, customer_id: int, day: date) -> Insolvency | None:
    """What is known of a customer's insolvency on a day; None: nothing."""
    rows = session.execute(_KNOWN, {"customer_id": customer_id, "as_of": day}).all()
    if not rows:
        return None
    return Insolvency(
        rows[0].since,
        next((row.authority for row in rows if row.authority), ""),
        next((row.case_number for row in rows if row.case_number), None),
    )


def insolvent_of(session: Session, customer_ids: Iterable[int], day: date) -> set[int]:
    """Which of these customers are insolvent on a day."""
    return set(session.scalars(_INSOLVENT_OF, {"ids": list(customer_ids), "as_of": day}))


def tell_collection(session: Session, customer_id: int) -> None:
    """Have the customer's case looked at, for an insolvency has begun or ended."""
    signal(session, customer_id, "insolvency")
