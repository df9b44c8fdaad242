"""Open items by age on any day: added up in the database, by customer, group, rep, rating, branch or currency.

Amounts are in the company's own currency at the rates of that day; what has no rate is named, never guessed.
"""
# ruff: noqa: S608 (put together from the constants of this module; values are bound)

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from credit_app.domain.ageing import AgeingPolicy
from credit_app.models import MissingRate, convert, policy_values, the_company
from credit_app.models.ledger_queries import CAN_BE_FREE, CAN_BE_OPEN, SIGN, STILL_FREE, STILL_OPEN

ZERO = Decimal(0)
# What a row of the ageing stands for: the expression, and what it joins.
GROUPINGS: Mapping[str, tuple[str, str]] = {
    "customer": ("b.customer_id", ""),
    "group": (
        "t.top",
        """JOIN (
            WITH RECURSIVE tree AS (
                SELECT id, id AS top FROM customer WHERE parent_id IS NULL
                UNION ALL SELECT c.id, tree.top FROM customer c JOIN tree ON c.parent_id = tree.id
            ) SELECT id, top FROM tree
        ) t ON t.id = b.customer_id""",
    ),
    "rep": ("c.sales_rep_id", "JOIN customer c ON c.id = b.customer_id"),
    "branch": ("c.branch_id", "JOIN customer c ON c.id = b.customer_id"),
    "rating": (
        "g.grade",
        """LEFT JOIN (
            SELECT DISTINCT ON (customer_id) customer_id, grade FROM rating
            WHERE rated_at < CAST(:as_of AS date) + 1 ORDER BY customer_id, rated_at DESC, id DESC
        ) g ON g.customer_id = b.customer_id""",
    ),
    "currency": ("b.currency", ""),
    "total": ("'all'", ""),
}
AGE = {"due": "CAST(:as_of AS date) - b.due_date", "document": "CAST(:as_of AS date) - b.document_date"}


@dataclass(frozen=True, slots=True)
class Filter:
    """Which items count: those of these branches (None: all), of a rep, of a grade, of a currency, of customers."""

    branches: Sequence[int] | None = None
    rep_id: int | None = None
    grade: str | None = None
    currency: str | None = None
    customer_ids: Sequence[int] | None = None

    @property
    def is_open(self) -> bool:
        """Whether everything counts."""
        return self == Filter()


@dataclass(slots=True)
class AgeingRow:
    """Amounts per bucket in base currency; `credits` are credit notes and `unallocated` money, both as positive
    amounts that the buckets do not hold. `net` is what is owed after them."""

    key: Any
    buckets: list[Decimal]
    credits: Decimal = ZERO
    unallocated: Decimal = ZERO
    items: int = 0

    @property
    def owed(self) -> Decimal:
        """All debts, whatever their age."""
        return sum(self.buckets, ZERO)

    @property
    def overdue(self) -> Decimal:
        """Debts past the first bucket, which holds what is not due."""
        return sum(self.buckets[1:], ZERO)

    @property
    def net(self) -> Decimal:
        """Debts less credit notes and money that pays nothing yet."""
        return self.owed - self.credits - self.unallocated


@dataclass(slots=True)
class Ageing:
    """The ageing of a day: a row for each thing, the largest debt first, and their total."""

    as_of: date
    currency: str
    policy: AgeingPolicy
    rows: list[AgeingRow]
    total: AgeingRow
    missing: list[MissingRate] = field(default_factory=list)


def ageing(session: Session, as_of: date, by: str = "customer", only: Filter | None = None) -> Ageing:
    """Everything open at the end of `as_of`, by `by` (a key of GROUPINGS). Sorted by debt, then by key."""
    policy = AgeingPolicy.from_policy(policy_values(session, as_of))
    base = the_company(session).base_currency
    rates = _Rates(session, base, as_of)
    rows: dict[Any, AgeingRow] = {}

    def row(key: Any) -> AgeingRow:
        return rows.setdefault(key, AgeingRow(key, [ZERO] * policy.buckets))

    for found in _open_sums(session, as_of, by, policy, only or Filter()):
        rate = rates.of(found.currency)
        if rate is None:
            continue
        one = row(found.key)
        one.items += found.items
        if found.is_credit:
            one.credits += found.amount * rate
        else:
            one.buckets[found.bucket] += found.amount * rate
    for found in _free_sums(session, as_of, by, only or Filter()):
        rate = rates.of(found.currency)
        if rate is not None:
            row(found.key).unallocated += found.amount * rate
    for one in rows.values():
        one.buckets = [_cents(amount) for amount in one.buckets]
        one.credits, one.unallocated = _cents(one.credits), _cents(one.unallocated)
    ordered = sorted(rows.values(), key=lambda one: (-one.owed, str(one.key)))
    return Ageing(as_of, base, policy, ordered, _total(ordered, policy), rates.missing)


def control_total(session: Session, as_of: date) -> dict[str, Decimal]:
    """What all entries up to `as_of` come to by currency: debts − credit notes − money that pays nothing yet.

    Added up from the entries alone, apart from the balances, so that each can be checked against the other.
    """
    rows = session.execute(_CONTROL, {"as_of": as_of})
    return {row.currency: row.amount for row in rows if row.amount}


def balance_total(session: Session, as_of: date) -> dict[str, Decimal]:
    """The same by the balances that every page uses."""
    rows = session.execute(_BALANCES, {"as_of": as_of})
    return {row.currency: row.amount for row in rows if row.amount}


# --- inside -------------------------------------------------------------------------------------------------------

_CONTROL = text("""
    SELECT currency, sum(amount) AS amount FROM (
        SELECT currency, CASE kind WHEN 'credit_note' THEN -amount ELSE amount END AS amount
            FROM receivable_item WHERE document_date <= :as_of
        UNION ALL SELECT i.currency, CASE i.kind WHEN 'credit_note' THEN -a.amount ELSE a.amount END
            FROM adjustment a JOIN receivable_item i ON i.id = a.item_id WHERE a.adjusted_on <= :as_of
        UNION ALL SELECT currency, -amount FROM receipt WHERE received_on <= :as_of
        UNION ALL SELECT r.currency, r.amount
            FROM receipt_reversal v JOIN receipt r ON r.id = v.receipt_id WHERE v.reversed_on <= :as_of
    ) entry GROUP BY currency
""")
_BALANCES = text(f"""
    SELECT currency, sum(amount) AS amount FROM (
        SELECT b.currency, {SIGN} * {STILL_OPEN} AS amount FROM item_balance b WHERE {CAN_BE_OPEN}
        UNION ALL SELECT b.currency, -{STILL_FREE} FROM receipt_balance b WHERE {CAN_BE_FREE}
    ) part GROUP BY currency
""")


class _Rates:
    """What one unit of a currency is worth, asked once each; `missing` keeps what has no rate."""

    def __init__(self, session: Session, base: str, day: date) -> None:
        self.session, self.base, self.day = session, base, day
        self.known: dict[str, Decimal | None] = {base: Decimal(1)}
        self.missing: list[MissingRate] = []

    def of(self, currency: str) -> Decimal | None:
        if currency not in self.known:
            try:
                # A million units keep the digits that one would lose to cents.
                worth = convert(self.session, Decimal(10**6), currency, self.base, self.day)
                self.known[currency] = worth / 10**6
            except MissingRate as error:
                self.known[currency] = None
                self.missing.append(error)
        return self.known[currency]


def _conditions(only: Filter) -> tuple[str, dict[str, Any]]:
    """The conditions on alias b, and their values."""
    parts: list[str] = []
    values: dict[str, Any] = {}
    about: list[str] = []
    if only.branches is not None:
        about.append("(c.branch_id IS NULL OR c.branch_id = ANY(:branches))")
        values["branches"] = list(only.branches)
    if only.rep_id is not None:
        about.append("c.sales_rep_id = :rep_id")
        values["rep_id"] = only.rep_id
    if only.grade is not None:
        about.append(
            "(SELECT r.grade FROM rating r WHERE r.customer_id = c.id AND r.rated_at < CAST(:as_of AS date) + 1"
            " ORDER BY r.rated_at DESC, r.id DESC LIMIT 1) = :grade"
        )
        values["grade"] = only.grade
    if about:
        parts.append(f"b.customer_id IN (SELECT c.id FROM customer c WHERE {' AND '.join(about)})")
    if only.currency is not None:
        parts.append("b.currency = :currency")
        values["currency"] = only.currency
    if only.customer_ids is not None:
        parts.append("b.customer_id = ANY(:customer_ids)")
        values["customer_ids"] = list(only.customer_ids)
    return "".join(f" AND {part}" for part in parts), values


def _open_sums(session: Session, as_of: date, by: str, policy: AgeingPolicy, only: Filter) -> Sequence[Any]:
    key, join = GROUPINGS[by]
    conditions, values = _conditions(only)
    query = f"""
        SELECT {key} AS key, b.currency, b.kind = 'credit_note' AS is_credit,
            width_bucket({AGE[policy.basis]}, CAST(:begins AS int[])) AS bucket,
            count(*) AS items, sum({STILL_OPEN}) AS amount
        FROM item_balance b {join} WHERE {CAN_BE_OPEN}{conditions}
        GROUP BY 1, 2, 3, 4
    """
    begins = [end + 1 for end in policy.ends]
    rows = session.execute(text(query), values | {"as_of": as_of, "begins": begins})
    return [row for row in rows if row.amount]


def _free_sums(session: Session, as_of: date, by: str, only: Filter) -> Sequence[Any]:
    key, join = GROUPINGS[by]
    conditions, values = _conditions(only)
    query = f"""
        SELECT {key} AS key, b.currency, sum({STILL_FREE}) AS amount
        FROM receipt_balance b {join} WHERE {CAN_BE_FREE}{conditions} GROUP BY 1, 2
    """
    rows = session.execute(text(query), values | {"as_of": as_of})
    return [row for row in rows if row.amount]


def _total(rows: Sequence[AgeingRow], policy: AgeingPolicy) -> AgeingRow:
    total = AgeingRow(None, [ZERO] * policy.buckets)
    for row in rows:
        total.buckets = [one + other for one, other in zip(total.buckets, row.buckets, strict=True)]
        total.credits += row.credits
        total.unallocated += row.unallocated
        total.items += row.items
    return total


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"))
