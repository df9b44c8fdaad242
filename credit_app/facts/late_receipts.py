"""Receipts of a day that a letter covers, entered after it went out: the letter demands too much."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from credit_app.domain.dates import day_in_zone
from credit_app.models import the_company


@dataclass(frozen=True, slots=True)
class LateReceipt:
    """`amount` is what the receipt pays of the letter's debts, and what of it pays nothing yet."""

    receipt_id: int
    received_on: date
    entered_on: date
    amount: Decimal
    currency: str
    letter_number: str
    letter_on: date


# A letter is written when it is released, one that needs no release when it is made. A letter after the receipt was
# entered says it right again.
_LATE = text("""
    SELECT r.id, r.received_on, r.created_at, l.number, l.letter_on, r.currency, b.unallocated + coalesce((
            SELECT sum(a.amount) FROM allocation a JOIN dunning_item d ON d.item_id = a.item_id
            WHERE a.receipt_id = r.id AND d.letter_id = l.id
        ), 0) AS amount
    FROM receipt r JOIN receipt_balance b ON b.receipt_id = r.id
    CROSS JOIN LATERAL (
        SELECT l.id, l.number, l.letter_on, coalesce(u.released_at, l.created_at) AS written_at
        FROM dunning_letter l LEFT JOIN dunning_run u ON u.id = l.run_id
        WHERE l.customer_id = r.customer_id AND l.status NOT IN ('proposed', 'released', 'excluded')
            AND l.level <> 'reminder'
        ORDER BY l.letter_on DESC, l.id DESC LIMIT 1
    ) l
    WHERE r.customer_id = :customer_id AND r.received_on <= l.letter_on AND r.created_at > l.written_at
        AND NOT EXISTS (SELECT FROM receipt_reversal v WHERE v.receipt_id = r.id)
    ORDER BY r.id
""")


def late_receipts(session: Session, customer_id: int) -> Sequence[LateReceipt]:
    """What came too late for the customer's last letter, in the order in which it was entered."""
    zone = the_company(session).time_zone
    return [
        LateReceipt(
            row.id,
            row.received_on,
            day_in_zone(row.created_at, zone),
            row.amount,
            row.currency,
            row.number,
            row.letter_on,
        )
        for row in session.execute(_LATE, {"customer_id": customer_id})
        if row.amount > 0
    ]
