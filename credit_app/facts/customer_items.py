"""The open items of one customer, a page at a time: with many thousand invoices only those shown are read."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from credit_app.models import OpenItem

MOST = 100
_PAGE = text("""
    SELECT i.id AS item_id, i.customer_id, i.kind, i.number, i.document_date, i.due_date, i.currency, i.disputed,
        CASE i.kind WHEN 'credit_note' THEN -1 ELSE 1 END * i.amount AS amount,
        CASE i.kind WHEN 'credit_note' THEN -1 ELSE 1 END * (i.amount - p.amount) AS open_amount
    FROM receivable_item i CROSS JOIN LATERAL (
        SELECT coalesce(sum(a.amount), 0) AS amount
        FROM allocation a WHERE a.item_id = i.id AND a.allocated_on <= :day
    ) p
    WHERE i.customer_id = :customer_id AND i.document_date <= :day AND p.amount < i.amount
        AND (i.due_date, i.id) > (:after_day, :after_id)
    ORDER BY i.due_date, i.id LIMIT :most
""")


def open_items_page(
    session: Session, customer_id: int, day: date, after: tuple[date, int] | None, most: int
) -> Sequence[OpenItem]:
    """What the customer owed at the end of `day`, by due date; from after (due date, id) on, at most `most` items."""
    after_day, after_id = after or (date.min, 0)
    values = {
        "customer_id": customer_id,
        "day": day,
        "after_day": after_day,
        "after_id": after_id,
        "most": most,
    }
    rows = session.execute(_PAGE, values).mappings()
    return [OpenItem(**row, days_overdue=(day - row["due_date"]).days) for row in rows]
