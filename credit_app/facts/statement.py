"""The statement of a customer's account: what is open as of a day, and what moved within a period. Both tie.

It is the debtor's: what was written off in our books is owed all the same, so it stands here as if it had not been.
"""
# ruff: noqa: S608 (put together from the constants of this module; values are bound)

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from credit_app.domain.ageing import AgeingPolicy
from credit_app.domain.dunning import DunningPolicy
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
    """The account in one currency: `opening` + movements = `closing`; open items − money on account = `closing`.

    `written_off` is how much of what is open stands in our books as written off; no debtor reads it.
    """

    currency: str
    opening: Decimal = ZERO
    movements: list[Movement] = field(default_factory=list)
    closing: Decimal = ZERO
    items: list[OpenItem] = field(default_factory=list)
    receipts: list[UnallocatedReceipt] = field(default_factory=list)
    buckets: list[Decimal] = field(default_factory=list)
    written_off: Decimal = ZERO

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
    """A customer's accounts as of `as_of`, with the movements since `begins`; one for each currency with anything.

    `pay_to`: (currency, our bank account for it) of each account on which something is owed, as policy names them.
    """

    customer_id: int
    begins: date
    as_of: date
    accounts: Sequence[Account]
    bucket_ends: Sequence[int]
    pay_to: Sequence[tuple[str, str]] = ()


# What a write-off took away, and what a recovery of it gave back so that the receipt could pay it.
_OURS = "('written_off', 'recovered')"
_CLAIMS = text(f"""
    SELECT i.id AS item_id, i.customer_id, i.kind, i.number, i.document_date, i.due_date, i.currency, i.amount,
        i.instalment, -sum(a.amount) AS claim
    FROM adjustment a JOIN receivable_item i ON i.id = a.item_id
    WHERE i.customer_id = :customer_id AND a.adjusted_on <= :as_of AND a.reason IN {_OURS}
    GROUP BY i.id HAVING sum(a.amount) <> 0
""")
_MOVEMENTS = text(f"""
    SELECT on_date, kind, number, due_date, currency, amount FROM (
        SELECT document_date AS on_date, kind, number, due_date, currency,
            CASE kind WHEN 'credit_note' THEN -amount ELSE amount END AS amount, 1 AS part, id
        FROM receivable_item WHERE customer_id = :customer_id
        UNION ALL SELECT a.adjusted_on, 'adjustment', i.number, NULL, i.currency,
            CASE i.kind WHEN 'credit_note' THEN -a.amount ELSE a.amount END, 2, a.id
        FROM adjustment a JOIN receivable_item i ON i.id = a.item_id
        WHERE i.customer_id = :customer_id AND a.reason NOT IN {_OURS}
        UNION ALL SELECT received_on, 'receipt', reference, NULL, currency, -amount, 3, id
        FROM receipt WHERE customer_id = :customer_id
        UNION ALL SELECT v.reversed_on, v.kind, r.reference, NULL, r.currency, r.amount, 4, v.id
        FROM receipt_reversal v JOIN receipt r ON r.id = v.receipt_id WHERE r.customer_id = :customer_id
    ) entry WHERE on_date BETWEEN :begins AND :as_of ORDER BY on_date, part, id
""")
_OPENING = text(f"""
    SELECT currency, sum(amount) AS amount FROM (
        SELECT currency, CASE kind WHEN 'credit_note' THEN -amount ELSE amount END AS amount
        FROM receivable_item WHERE customer_id = :customer_id AND document_date < :begins
        UNION ALL SELECT i.currency, CASE i.kind WHEN 'credit_note' THEN -a.amount ELSE a.amount END
        FROM adjustment a JOIN receivable_item i ON i.id = a.item_id
        WHERE i.customer_id = :customer_id AND a.adjusted_on < :begins AND a.reason NOT IN {_OURS}
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
    items, written_off = _owed(session, customer_id, as_of)
    for item in items:
        one = account(item.currency)
        one.written_off += written_off.get(item.item_id, ZERO)
        one.items.append(item)
        one.buckets[policy.bucket(item.document_date, item.due_date, as_of)] += item.open_amount
    for receipt in unallocated_receipts(session, [customer_id], as_of):
        account(receipt.currency).receipts.append(receipt)
    found = [accounts[code] for code in sorted(accounts)]
    owing = [one.currency for one in found if one.closing > 0]
    pay_to = DunningPolicy.from_policy(policy_values(session, as_of)).pay_to(owing)
    return Statement(customer_id, begins, as_of, found, policy.ends, pay_to)


def _owed(session: Session, customer_id: int, as_of: date) -> tuple[list[OpenItem], dict[int, Decimal]]:
    """What the customer owes, the oldest due date first, and item -> how much of it our books have written off."""
    open_now = {item.item_id: item for item in open_items(session, [customer_id], as_of)}
    written_off: dict[int, Decimal] = {}
    for row in session.execute(_CLAIMS, {"customer_id": customer_id, "as_of": as_of}).mappings():
        values = dict(row)
        claim = written_off[row["item_id"]] = values.pop("claim")
        late = (as_of - row["due_date"]).days
        known = open_now.get(row["item_id"]) or OpenItem(
            **values, open_amount=ZERO, disputed=False, days_overdue=late
        )
        open_now[known.item_id] = replace(known, open_amount=known.open_amount + claim)
    items = sorted(open_now.values(), key=lambda item: (item.due_date, item.item_id))
    return [item for item in items if item.open_amount], written_off
