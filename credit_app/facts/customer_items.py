"""The open items of one customer, a page at a time: with many thousand invoices only those shown are read."""
# ruff: noqa: S608 (put together from constants; values are bound)

from collections.abc import Sequence
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from credit_app.models import OpenItem
from credit_app.models.ledger_queries import CAN_BE_OPEN, DISPUTED, SIGN, STILL_OPEN

MOST = 100
_PAGE = text(f"""
    SELECT i.id AS item_id, i.customer_id, i.kind, i.number, i.document_date, i.due_date, i.currency,
        {DISPUTED} AS disputed, {SIGN} * i.amount AS amount, {SIGN} * open.amount AS open_amount, i.instalment
    FROM item_balance b CROSS JOIN LATERAL (SELECT {STILL_OPEN} AS amount) open
    JOIN receivable_item i ON i.id = b.item_id
    WHERE b.customer_id = :customer_id AND {CAN_BE_OPEN} AND open.amount <> 0
        AND (b.due_date, b.item_id) > (:after_day, :after_id)
    ORDER BY b.due_date, b.item_id LIMIT :most
""")


def open_items_page(
    session: Session, customer_id: int, day: date, after: tuple[date, int] | None, most: int
) -> Sequence[OpenItem]:
    """What the customer owed at the end of `day`, by due date; from after (due date, id) on, at most `most` items."""
    after_day, after_id = after or (date.min, 0)
    values = {
        "customer_id": customer_id,
        "as_of": day,
        "after_day": after_day,
        "after_id": after_id,
        "most": most,
    }
    rows = session.execute(_PAGE, values).mappings()
    return [OpenItem(**row, days_overdue=(day - row["due_date"]).days) for row in rows]
