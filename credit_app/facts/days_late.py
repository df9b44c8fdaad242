"""How late what was paid came in, by customer, group, rep, rating, branch or currency, as of any day."""
# ruff: noqa: S608 (put together from the constants of this module; values are bound)

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from credit_app.facts.ageing import GROUPINGS, Filter, conditions

DAYS = 365


def average_days_late(
    session: Session, as_of: date, by: str, only: Filter | None = None
) -> Mapping[Any, Decimal]:
    """Average days from due to paid of the invoices paid in full within the year up to `as_of`, 0 when in time.

    Nothing is weighted by amount. A key without a paid invoice is not there. An invoice that was opened again after
    `as_of` counts as it stood then.
    """
    key, join = GROUPINGS[by]
    where, values = conditions(only or Filter())
    query = f"""
        SELECT key, round(avg(greatest(0, paid_on - due_date)), 1) AS late FROM (
            SELECT {key} AS key, b.due_date, b.last_on AS paid_on FROM item_balance b {join}
            WHERE b.kind = 'invoice' AND b.open_amount = 0 AND b.last_on BETWEEN :begins AND :as_of{where}
            UNION ALL SELECT {key}, b.due_date, e.paid_on FROM item_balance b {join} CROSS JOIN LATERAL (
                SELECT max(e.on_date) AS paid_on FROM item_entry e
                WHERE e.item_id = b.item_id AND e.on_date <= :as_of HAVING sum(e.amount) = 0
            ) e WHERE b.kind = 'invoice' AND b.last_on > :as_of AND b.document_date <= :as_of
                AND e.paid_on >= :begins{where}
        ) paid GROUP BY 1
    """
    begins = date.fromordinal(as_of.toordinal() - DAYS)
    rows = session.execute(text(query), values | {"as_of": as_of, "begins": begins})
    return {row.key: row.late for row in rows}
