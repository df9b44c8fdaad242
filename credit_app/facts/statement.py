"""The statement of a customer's account: what is open as of a day, and what moved within a period. Both tie."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from credit_app.domain.ageing import AgeingPolicy
from credit_app.models import OpenItem, UnallocatedReceipt, open_items, policy_values, unallocated_receipts

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Movement:
    """An entry of the account: `amount` above zero raises what the customer owes; `balance` is after it."""

    on_date: date
    kind: str
    number: str
    due_date: date | None
    amount: Decimal
    balance: Decimal


@dataclass(slots=True)
class Account:
    """The account in one currency: `opening` + movements = `closing`; open items − money on account = `closing`."""

    currency: str
    opening: Decimal = ZERO
    movements: list[Movement] = field(default_factory=list)
    closing: Decimal = ZERO
    items: list[OpenItem] = field(default_factory=list)
    receipts: list[UnallocatedReceipt] = field(default_factory=list)
    buckets: list[Decimal] = field(default_factory=list)

    @property
    def open_amount(self) -> Decimal:
        """Open debts less open credit notes."""
        return sum((item.open_amount for item in self.items), ZERO)

    @property
    def overdue(self) -> Decimal:
        """Open debts past their due date."""
        return sum(
            (item.open_amount for item in self.items if item.days_overdue > 0 and item.open_amount > 0), ZERO
        )

    @property
    def unallocated(self) -> Decimal:
        """Money received that pays nothing yet."""
        return sum((receipt.amount for receipt in self.receipts), ZERO)


@dataclass(frozen=True, slots=True)
class Statement:
    """A customer's accounts as of `as_of`, with the movements since `begins`; one for each currency with anything."""

    customer_id: int
    begins: date
    as_of: date
    accounts: Sequence[Account]
    bucket_ends: Sequence[int]


_MOVEMENTS = text("""
    SELECT on_date, kind, number, due_date, currency, amount FROM (
        SELECT document_date AS on_date, kind, number, due_date, currency,
            CASE kind WHEN 'credit_note' THEN -amount ELSE amount END AS amount, 1 AS part, id
        FROM receivable_item WHERE customer_id = :customer_id
        UNION ALL SELECT a.adjusted_on, 'adjustment', i.number, NULL, i.currency,
            CASE i.kind WHEN 'credit_note' THEN -a.amount ELSE a.amount END, 2, a.id
        FROM adjustment a JOIN receivable_item i ON i.id = a.item_id WHERE i.customer_id = :customer_id
        UNION ALL SELECT received_on, 'receipt', reference, NULL, currency, -amount, 3, id
        FROM receipt WHERE customer_id = :customer_id
        UNION ALL SELECT v.reversed_on, v.kind, r.reference, NULL, r.currency, r.amount, 4, v.id
        FROM receipt_reversal v JOIN receipt r ON r.id = v.receipt_id WHERE r.customer_id = :customer_id
    ) entry WHERE on_date BETWEEN :begins AND :as_of ORDER BY on_date, part, id
""")
_OPENING = text("""
    SELECT currency, sum(amount) AS amount FROM (
        SELECT currency, CASE kind WHEN 'credit_note' THEN -amount ELSE amount END AS amount
        FROM receivable_item WHERE customer_id = :customer_id AND document_date < :begins
        UNION ALL SELECT i.currency, CASE i.kind WHEN 'credit_note' THEN -a.amount ELSE a.amount END
        FROM adjustment a JOIN receivable_item i ON i.id = a.item_id
        WHERE i.customer_id = :customer_id AND a.adjusted_on < :begins
        UNION ALL SELECT currency, -amount FROM receipt WHERE customer_id = :customer_id AND received_on < :begins
        UNION ALL SELECT r.currency, r.amount FROM receipt_reversal v JOIN receipt r ON r.id = v.receipt_id
        WHERE r.customer_id = :customer_id AND v.reversed_on < :begins
    ) entry GROUP BY currency
""")


def statement_of(session: Session, customer_id: int, as_of: date, begins: date) -> Statement:
    """The statement of the customer's accounts. Nothing is converted: each currency has an account of its own."""
    policy = AgeingPolicy.from_policy(policy_values(session, as_of))
    accounts: dict[str, Account] = {}

    def account(currency: str) -> Account:
        return accounts.setdefault(currency, Account(currency, buckets=[ZERO] * policy.buckets))

    values = {"customer_id": customer_id, "begins": begins, "as_of": as_of}
    for row in session.execute(_OPENING, {"customer_id": customer_id, "begins": begins}):
        if row.amount:
            account(row.currency).opening = account(row.currency).closing = row.amount
    for row in session.execute(_MOVEMENTS, values):
        one = account(row.currency)
        one.closing += row.amount
        one.movements.append(
            Movement(row.on_date, row.kind, row.number, row.due_date, row.amount, one.closing)
        )
    for item in open_items(session, [customer_id], as_of):
        one = account(item.currency)
        one.items.append(item)
        one.buckets[policy.bucket(item.document_date, item.due_date, as_of)] += item.open_amount
    for receipt in unallocated_receipts(session, [customer_id], as_of):
        account(receipt.currency).receipts.append(receipt)
    return Statement(customer_id, begins, as_of, [accounts[code] for code in sorted(accounts)], policy.ends)
