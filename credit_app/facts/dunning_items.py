"""What a customer owes as a letter names it: due debts less what is disputed or promised, and what is there already.

Of one customer, or of many at once: then each is answered as if it had been asked alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from credit_app.domain.dunning import DueItem
from credit_app.models.once import once

ZERO = Decimal(0)

# Marks count from their day until the day of the row that ends them; a promise also no longer than its day and grace.
_DEBTS = text("""
    SELECT b.customer_id, i.id AS item_id, i.number, i.document_date, i.due_date,
        CAST(:today AS date) - i.due_date AS days_overdue, i.currency, b.open_amount,
        LEAST(coalesce(sum(m.amount) FILTER (WHERE m.kind = 'disputed'), 0), b.open_amount) AS disputed,
        LEAST(coalesce(sum(m.amount) FILTER (WHERE m.kind = 'promised' AND m.due_on >= :kept_until), 0),
            b.open_amount) AS promised
    FROM item_balance b JOIN receivable_item i ON i.id = b.item_id
    LEFT JOIN item_mark m ON m.item_id = b.item_id AND m.ends_id IS NULL AND m.marked_on <= :today
        AND NOT EXISTS (SELECT FROM item_mark x WHERE x.ends_id = m.id AND x.marked_on <= :today)
    WHERE b.customer_id = ANY(:customer_ids) AND b.open_amount > 0 AND b.kind <> 'credit_note'
        AND b.due_date > :after AND b.due_date <= :until
    GROUP BY i.id, b.item_id, b.customer_id, b.open_amount ORDER BY i.currency, i.due_date, i.id
""")
_DEMANDED = text("SELECT item_id, level FROM dunning_item WHERE item_id = ANY(:ids) AND demands")
# Credit notes and money that pay nothing yet, by currency.
_CREDITS = text("""
    SELECT customer_id, currency, sum(amount) AS amount FROM (
        SELECT customer_id, currency, open_amount AS amount FROM item_balance
        WHERE customer_id = ANY(:customer_ids) AND kind = 'credit_note' AND open_amount > 0
        UNION ALL SELECT customer_id, currency, unallocated FROM receipt_balance
        WHERE customer_id = ANY(:customer_ids) AND unallocated > 0
    ) credit GROUP BY customer_id, currency
""")
LONG_AGO = date(1, 1, 1)


def debts_between(
    session: Session, customer_id: int, today: date, after: date, until: date, grace: int
) -> list[DueItem]:
    """The customer's open debts due after `after` up to `until`, by currency and due date.

    A live promise counts for `grace` days after its day.
    """
    return _debts(session, [customer_id], today, after, until, grace)[customer_id]


@once
def debts_due(session: Session, customer_id: int, today: date, grace: int) -> list[DueItem]:
    """Everything that is open and past its due date today."""
    return debts_due_of(session, [customer_id], today, grace)[customer_id]


def debts_due_of(
    session: Session, customer_ids: Iterable[int], today: date, grace: int
) -> dict[int, list[DueItem]]:
    """The same of several customers, by id."""
    return _debts(session, customer_ids, today, LONG_AGO, today - timedelta(days=1), grace)


def _debts(
    session: Session, customer_ids: Iterable[int], today: date, after: date, until: date, grace: int
) -> dict[int, list[DueItem]]:
    found: dict[int, list[DueItem]] = {number: [] for number in customer_ids}
    values = {
        "customer_ids": list(found), "today": today, "after": after, "until": until,
        "kept_until": today - timedelta(days=grace),
    }  # fmt: skip
    rows = session.execute(_DEBTS, values).mappings().all()
    demanded: dict[int, set[str]] = {}
    for item_id, level in session.execute(_DEMANDED, {"ids": [row["item_id"] for row in rows]}):
        demanded.setdefault(item_id, set()).add(level)
    for row in rows:
        named = dict(row)
        number = named.pop("customer_id")
        found[number].append(DueItem(**named, demanded=frozenset(demanded.get(row["item_id"], ()))))
    return found


@once
def credits_of(session: Session, customer_id: int) -> dict[str, Decimal]:
    """Currency -> credit notes and receipts that pay nothing yet, above zero."""
    return credits_of_all(session, [customer_id])[customer_id]


def credits_of_all(session: Session, customer_ids: Iterable[int]) -> dict[int, dict[str, Decimal]]:
    """The same of several customers, by id."""
    found: dict[int, dict[str, Decimal]] = {number: {} for number in customer_ids}
    for row in session.execute(_CREDITS, {"customer_ids": list(found)}):
        found[row.customer_id][row.currency] = row.amount
    return found


_OPEN_ON = text("""
    SELECT b.item_id, CASE WHEN b.last_on <= :day THEN b.open_amount ELSE coalesce((
        SELECT sum(e.amount) FROM item_entry e WHERE e.item_id = b.item_id AND e.on_date <= :day), 0) END AS amount
    FROM item_balance b WHERE b.item_id = ANY(:ids)
""")


def open_on(session: Session, item_ids: Iterable[int], day: date) -> Mapping[int, Decimal]:
    """Item id -> what the books say today was open of it at the end of `day`."""
    rows = session.execute(_OPEN_ON, {"ids": list(item_ids), "day": day})
    return {row.item_id: row.amount for row in rows}


def in_order(items: Iterable[DueItem]) -> Sequence[DueItem]:
    """The items as a letter lists them."""
    return sorted(items, key=lambda item: (item.currency, item.due_date, item.item_id))
