"""Whether the kept balances of the receivables ledger are what their entries come to."""

from sqlalchemy import text
from sqlalchemy.orm import Session

_WRONG = text("""
    SELECT b.item_id FROM item_balance b LEFT JOIN (
        SELECT item_id, sum(amount) AS amount, max(on_date) AS last_on FROM item_entry GROUP BY item_id
    ) e ON e.item_id = b.item_id
    WHERE e.amount IS DISTINCT FROM b.open_amount OR e.last_on IS DISTINCT FROM b.last_on
    UNION ALL SELECT -b.receipt_id FROM receipt_balance b LEFT JOIN (
        SELECT receipt_id, sum(amount) AS amount FROM receipt_entry GROUP BY receipt_id
    ) e ON e.receipt_id = b.receipt_id WHERE e.amount IS DISTINCT FROM b.unallocated
    LIMIT 100
""")


def balances_that_do_not_tie(session: Session) -> list[int]:
    """Items (and, with a minus, receipts) whose kept balance is not the sum of their entries; none, ever."""
    return list(session.scalars(_WRONG))
