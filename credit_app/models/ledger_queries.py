"""What is paid and what is open as of any day, from the balances or, of days before the newest entry, the entries."""
# ruff: noqa: S608 (put together from the constants of this module; values are bound)

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from credit_app.domain import payment_behaviour as rules
from credit_app.models.currency import convert_all
from credit_app.models.once import once


@dataclass(frozen=True, slots=True)
class OpenItem:
    """An item with an amount still open on a day. Amounts in `currency`, negative for a credit note;
    `days_overdue` > 0 past the due date, <= 0 before."""

    item_id: int
    customer_id: int
    kind: str
    number: str
    document_date: date
    due_date: date
    amount: Decimal
    open_amount: Decimal
    currency: str
    disputed: bool
    days_overdue: int
    instalment: int | None = None


@dataclass(frozen=True, slots=True)
class PaidItem:
    """An invoice paid in full by a day; `paid_on` is the day of its last allocation, `days_late` >= 0."""

    item_id: int
    customer_id: int
    number: str
    document_date: date
    due_date: date
    paid_on: date
    amount: Decimal
    currency: str
    disputed: bool
    days_late: int


@dataclass(frozen=True, slots=True)
class UnallocatedReceipt:
    """Money received that pays no item yet."""

    receipt_id: int
    customer_id: int
    received_on: date
    amount: Decimal
    currency: str


# What is open of an item on a day. From the day of its newest entry on, its balance says it; of an earlier day its
# entries are added up. Only items that are open, or had an entry since, can have been open on the day.
STILL_OPEN = """
    CASE WHEN b.last_on <= :as_of THEN b.open_amount
    ELSE (SELECT sum(e.amount) FROM item_entry e WHERE e.item_id = b.item_id AND e.on_date <= :as_of) END
"""
CAN_BE_OPEN = "b.document_date <= :as_of AND (b.open_amount <> 0 OR b.last_on > :as_of)"
# A mark counts from its day until the day of the row that ends it.
MARKED = """
    SELECT sum(m.amount) FROM item_mark m WHERE m.item_id = b.item_id AND m.kind = '{kind}' AND m.ends_id IS NULL
        AND m.marked_on <= :as_of
        AND NOT EXISTS (SELECT FROM item_mark x WHERE x.ends_id = m.id AND x.marked_on <= :as_of)
"""
# A dispute that an invoice came in with has no amount and stands until a row of its own ends it.
FLAGGED = """(i.disputed AND NOT EXISTS (
        SELECT FROM imported_dispute_end f WHERE f.item_id = i.id AND f.ended_on <= :as_of))
"""
DISPUTED = f"{FLAGGED} OR ({MARKED.format(kind='disputed')}) IS NOT NULL"
SIGN = "CASE b.kind WHEN 'credit_note' THEN -1 ELSE 1 END"
# What a receipt has left on a day, in the same way.
STILL_FREE = """
    CASE WHEN b.last_on <= :as_of THEN b.unallocated
    ELSE (SELECT sum(e.amount) FROM receipt_entry e WHERE e.receipt_id = b.receipt_id AND e.on_date <= :as_of) END
"""
CAN_BE_FREE = "b.received_on <= :as_of AND (b.unallocated <> 0 OR b.last_on > :as_of)"

_OPEN_ITEMS = text(f"""
    SELECT i.id AS item_id, i.customer_id, i.kind, i.number, i.document_date, i.due_date,
        {SIGN} * i.amount AS amount, {SIGN} * open.amount AS open_amount, i.currency, {DISPUTED} AS disputed,
        i.instalment
    FROM item_balance b CROSS JOIN LATERAL (SELECT {STILL_OPEN} AS amount) open
    JOIN receivable_item i ON i.id = b.item_id
    WHERE b.customer_id = ANY(:ids) AND {CAN_BE_OPEN} AND open.amount <> 0 ORDER BY i.due_date, i.id
""")


def open_items(session: Session, customer_ids: Iterable[int], as_of: date) -> list[OpenItem]:
    """What these customers owed at the end of `as_of`, oldest due date first."""
    rows = session.execute(_OPEN_ITEMS, {"ids": list(customer_ids), "as_of": as_of}).mappings()
    return [OpenItem(**row, days_overdue=(as_of - row["due_date"]).days) for row in rows]


_OPEN_AMOUNTS = text(f"""
    SELECT b.customer_id, b.currency, sum({SIGN} * {STILL_OPEN}) AS amount FROM item_balance b
    WHERE b.customer_id = ANY(:ids) AND {CAN_BE_OPEN}
    GROUP BY 1, 2 HAVING sum({SIGN} * {STILL_OPEN}) <> 0 ORDER BY 1, 2
""")
_UNALLOCATED_AMOUNTS = text(f"""
    SELECT b.customer_id, b.currency, sum({STILL_FREE}) AS amount FROM receipt_balance b
    WHERE b.customer_id = ANY(:ids) AND {CAN_BE_FREE}
    GROUP BY 1, 2 HAVING sum({STILL_FREE}) <> 0 ORDER BY 1, 2
""")


@once
def open_amounts(
    session: Session, customer_ids: Iterable[int], as_of: date
) -> list[tuple[int, str, Decimal]]:
    """(customer id, currency, what was open at the end of `as_of`): the sums of `open_items`, added up in SQL."""
    return _sums(session, _OPEN_AMOUNTS, customer_ids, as_of)


@once
def unallocated_amounts(
    session: Session, customer_ids: Iterable[int], as_of: date
) -> list[tuple[int, str, Decimal]]:
    """(customer id, currency, received and not allocated): the sums of `unallocated_receipts`, added up in SQL."""
    return _sums(session, _UNALLOCATED_AMOUNTS, customer_ids, as_of)


def _sums(
    session: Session, query: TextClause, customer_ids: Iterable[int], as_of: date
) -> list[tuple[int, str, Decimal]]:
    rows = session.execute(query, {"ids": list(customer_ids), "as_of": as_of})
    return [(customer, code, amount) for customer, code, amount in rows]


# An item is paid when nothing is open of it; the day is that of its newest entry up to then.
_PAID_ITEMS = text("""
    SELECT i.id AS item_id, i.customer_id, i.number, i.document_date, i.due_date, paid.on_date AS paid_on,
        paid.amount, i.currency, i.disputed
    FROM item_balance b JOIN receivable_item i ON i.id = b.item_id CROSS JOIN LATERAL (
        SELECT b.last_on AS on_date, i.amount WHERE b.last_on <= :as_of AND b.open_amount = 0
        UNION ALL SELECT max(e.on_date), i.amount FROM item_entry e
            WHERE b.last_on > :as_of AND e.item_id = b.item_id AND e.on_date <= :as_of HAVING sum(e.amount) = 0
    ) paid
    WHERE b.customer_id = ANY(:ids) AND b.kind = 'invoice' AND b.document_date <= :as_of
        AND (b.open_amount = 0 OR b.last_on > :as_of)
    ORDER BY paid.on_date, i.id
""")


def paid_items(session: Session, customer_ids: Iterable[int], as_of: date) -> list[PaidItem]:
    """The invoices these customers had paid in full at the end of `as_of`, in the order of payment."""
    rows = session.execute(_PAID_ITEMS, {"ids": list(customer_ids), "as_of": as_of}).mappings()
    return [PaidItem(**row, days_late=rules.days_late(row["due_date"], row["paid_on"])) for row in rows]


def payment_record(
    session: Session, customer_ids: Iterable[int], as_of: date, currency: str, trend_from: int = 6
) -> rules.PaymentRecord:
    """How these customers paid, as of a day, with all amounts in `currency` at that day's rates.

    Raises MissingRate when an item's currency has no rate.
    """
    ids = list(customer_ids)
    paid = paid_items(session, ids, as_of)
    still_open = open_items(session, ids, as_of)
    amounts = [(item.amount, item.currency) for item in paid]
    amounts += [(item.open_amount, item.currency) for item in still_open]
    in_currency = iter(convert_all(session, amounts, currency, as_of))
    return rules.payment_record(
        [
            rules.PaidItem(i.number, i.document_date, i.due_date, i.paid_on, next(in_currency), i.disputed)
            for i in paid
        ],
        [
            rules.OpenItem(i.number, i.document_date, i.due_date, next(in_currency), i.disputed)
            for i in still_open
        ],
        as_of,
        trend_from,
    )


_UNALLOCATED = text(f"""
    SELECT b.receipt_id, b.customer_id, b.received_on, free.amount, b.currency
    FROM receipt_balance b CROSS JOIN LATERAL (SELECT {STILL_FREE} AS amount) free
    WHERE b.customer_id = ANY(:ids) AND {CAN_BE_FREE} AND free.amount <> 0 ORDER BY b.received_on, b.receipt_id
""")


def unallocated_receipts(
    session: Session, customer_ids: Iterable[int], as_of: date
) -> list[UnallocatedReceipt]:
    """Receipts up to `as_of` with what of them paid no item by then (amounts > 0), oldest first."""
    rows = session.execute(_UNALLOCATED, {"ids": list(customer_ids), "as_of": as_of}).mappings()
    return [UnallocatedReceipt(**row) for row in rows]
