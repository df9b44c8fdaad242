"""The entries of a customer's account in a span of days: what was asked, corrected, paid and taken back.

Allocations are not among them: they say what money pays, and change no balance.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from credit_app.models.ledger_queries import open_amounts, unallocated_amounts


@dataclass(frozen=True, slots=True)
class AccountEntry:
    """One entry; `amount` above zero is owed more. `place` orders the kinds within a day, `entry_id` rows of a kind."""

    on_date: date
    place: int
    entry_id: int
    kind: str
    source: str
    external_id: str
    text: str
    amount: Decimal
    currency: str


Key = tuple[date, int, int]
_ENTRIES = text("""
    SELECT * FROM (
        SELECT i.document_date AS on_date, 1 AS place, i.id AS entry_id, i.kind, i.source, i.external_id,
            i.number AS text, CASE i.kind WHEN 'credit_note' THEN -i.amount ELSE i.amount END AS amount, i.currency
        FROM receivable_item i WHERE i.customer_id = :customer_id
        UNION ALL
        SELECT a.adjusted_on, 2, a.id, 'adjustment', a.source, a.external_id, i.number || ': ' || a.note,
            CASE i.kind WHEN 'credit_note' THEN -a.amount ELSE a.amount END, i.currency
        FROM adjustment a JOIN receivable_item i ON i.id = a.item_id WHERE i.customer_id = :customer_id
        UNION ALL
        SELECT r.received_on, 3, r.id, 'receipt', r.source, r.external_id, r.reference, -r.amount, r.currency
        FROM receipt r WHERE r.customer_id = :customer_id
        UNION ALL
        SELECT v.reversed_on, 4, v.id, v.kind, r.source, r.external_id, v.reason, r.amount, r.currency
        FROM receipt_reversal v JOIN receipt r ON r.id = v.receipt_id WHERE r.customer_id = :customer_id
    ) entry
    WHERE on_date BETWEEN :first AND :last AND (on_date, place, entry_id) > (:after_day, :after_place, :after_id)
    ORDER BY on_date, place, entry_id LIMIT :most
""")


def account_entries(
    session: Session, customer_id: int, first: date, last: date, after: Key | None, most: int
) -> Sequence[AccountEntry]:
    """The entries from `first` to `last`, in the order of days; from after a key on, at most `most`."""
    day, place, entry_id = after or (date.min, 0, 0)
    values = {
        "customer_id": customer_id,
        "first": first,
        "last": last,
        "after_day": day,
        "after_place": place,
        "after_id": entry_id,
        "most": most,
    }
    return [AccountEntry(**row) for row in session.execute(_ENTRIES, values).mappings()]


def balances(session: Session, customer_id: int, day: date) -> dict[str, Decimal]:
    """What the customer owed at the end of the day by currency: open items less money that pays nothing yet."""
    found: dict[str, Decimal] = {}
    for _id, code, amount in open_amounts(session, [customer_id], day):
        found[code] = found.get(code, Decimal(0)) + amount
    for _id, code, amount in unallocated_amounts(session, [customer_id], day):
        found[code] = found.get(code, Decimal(0)) - amount
    return found


def day_before(day: date) -> date:
    """The day at whose end a span that begins on `day` opens."""
    return day - timedelta(days=1)
