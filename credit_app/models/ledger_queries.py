"""What is paid and what is open, derived from items and allocations as of any day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, TextClause, and_, case, func, select, text, true
from sqlalchemy.orm import Session

from credit_app.domain import payment_behaviour as rules
from credit_app.models.currency import convert_all
from credit_app.models.ledger import Allocation, Receipt, ReceivableItem
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


def _items_with_paid(customer_ids: Iterable[int], as_of: date) -> tuple[Select[*tuple[Any, ...]], Any]:
    """Items documented up to `as_of`, each joined (by index) with what was allocated to it by then."""
    paid = (
        select(
            func.coalesce(func.sum(Allocation.amount), 0).label("amount"),
            func.max(Allocation.allocated_on).label("last_on"),
        )
        .where(Allocation.item_id == ReceivableItem.id, Allocation.allocated_on <= as_of)
        .lateral("paid")
    )
    items = (
        select(
            ReceivableItem.id.label("item_id"),
            ReceivableItem.customer_id,
            ReceivableItem.number,
            ReceivableItem.document_date,
            ReceivableItem.due_date,
            ReceivableItem.currency,
            ReceivableItem.disputed,
        )
        .select_from(ReceivableItem)
        .join(paid, true())
        .where(ReceivableItem.customer_id.in_(list(customer_ids)), ReceivableItem.document_date <= as_of)
    )
    return items, paid


def open_items(session: Session, customer_ids: Iterable[int], as_of: date) -> list[OpenItem]:
    """What these customers owed at the end of `as_of`, oldest due date first."""
    items, paid = _items_with_paid(customer_ids, as_of)
    sign = case((ReceivableItem.kind == "credit_note", -1), else_=1)
    rows = session.execute(
        items.add_columns(
            ReceivableItem.kind,
            (sign * ReceivableItem.amount).label("amount"),
            (sign * (ReceivableItem.amount - paid.c.amount)).label("open_amount"),
        )
        .where(paid.c.amount < ReceivableItem.amount)
        .order_by(ReceivableItem.due_date, ReceivableItem.id)
    ).mappings()
    return [OpenItem(**row, days_overdue=(as_of - row["due_date"]).days) for row in rows]


# Sums of what was asked less sums of what was paid: nothing is added up item by item, and an array of keys is one
# walk along the index, so that the work grows with the customers' own items and not with everybody's payments.
_OPEN_AMOUNTS = text("""
    SELECT customer_id, currency, sum(sign * (asked - coalesce(paid, 0))) AS amount FROM (
        SELECT customer_id, currency, CASE kind WHEN 'credit_note' THEN -1 ELSE 1 END AS sign,
            sum(amount) AS asked, array_agg(id) AS ids
        FROM receivable_item WHERE customer_id = ANY(:ids) AND document_date <= :as_of GROUP BY 1, 2, 3
    ) item CROSS JOIN LATERAL (
        SELECT sum(a.amount) AS paid FROM allocation a
        WHERE a.item_id = ANY(item.ids) AND a.allocated_on <= :as_of
    ) used GROUP BY 1, 2 HAVING sum(sign * (asked - coalesce(paid, 0))) <> 0 ORDER BY 1, 2
""")
_UNALLOCATED_AMOUNTS = text("""
    SELECT customer_id, currency, received - coalesce(used.amount, 0) AS amount FROM (
        SELECT customer_id, currency, sum(amount) AS received, array_agg(id) AS ids
        FROM receipt WHERE customer_id = ANY(:ids) AND received_on <= :as_of GROUP BY 1, 2
    ) money CROSS JOIN LATERAL (
        SELECT sum(a.amount) AS amount FROM allocation a
        WHERE a.receipt_id = ANY(money.ids) AND a.allocated_on <= :as_of
    ) used WHERE received <> coalesce(used.amount, 0) ORDER BY 1, 2
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


def paid_items(session: Session, customer_ids: Iterable[int], as_of: date) -> list[PaidItem]:
    """The invoices these customers had paid in full at the end of `as_of`, in the order of payment."""
    items, paid = _items_with_paid(customer_ids, as_of)
    rows = session.execute(
        items.add_columns(ReceivableItem.amount, paid.c.last_on.label("paid_on"))
        .where(and_(paid.c.amount >= ReceivableItem.amount, ReceivableItem.kind == "invoice"))
        .order_by(paid.c.last_on, ReceivableItem.id)
    ).mappings()
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


def unallocated_receipts(
    session: Session, customer_ids: Iterable[int], as_of: date
) -> list[UnallocatedReceipt]:
    """Receipts up to `as_of` with what of them paid no item by then (amounts > 0), oldest first."""
    used = (
        select(func.coalesce(func.sum(Allocation.amount), 0).label("amount"))
        .where(Allocation.receipt_id == Receipt.id, Allocation.allocated_on <= as_of)
        .lateral("used")
    )
    rows = session.execute(
        select(
            Receipt.id.label("receipt_id"),
            Receipt.customer_id,
            Receipt.received_on,
            (Receipt.amount - used.c.amount).label("amount"),
            Receipt.currency,
        )
        .join(used, true())
        .where(
            Receipt.customer_id.in_(list(customer_ids)),
            Receipt.received_on <= as_of,
            used.c.amount < Receipt.amount,
        )
        .order_by(Receipt.received_on, Receipt.id)
    ).mappings()
    return [UnallocatedReceipt(**row) for row in rows]
