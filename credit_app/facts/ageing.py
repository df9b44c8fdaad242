"""Open items by age on any day: added up in the database, by customer, group, rep, rating, branch or currency.

Amounts are in the company's own currency at the rates of that day; what has no rate is named, never guessed.
"""
# ruff: noqa: S608 (put together from the constants of this module; values are bound)

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any, overload

from sqlalchemy import text
from sqlalchemy.orm import Session

from credit_app.domain.ageing import AgeingPolicy
from credit_app.facts.rates import worth_of_one
from credit_app.models import MissingRate, policy_values, the_company
from credit_app.models.ledger_queries import CAN_BE_FREE, CAN_BE_OPEN, SIGN, STILL_FREE, STILL_OPEN

ZERO, CENT = Decimal(0), Decimal("0.01")
ALL_TIME = 1_000_000  # days; a bucket that ends later than that ends nowhere
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
AGED_BY = {"due": "b.due_date", "document": "b.document_date"}


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
    amounts that the buckets do not hold. `owed` is the sum of the buckets."""

    key: Any
    buckets: list[Decimal]
    credits: Decimal = ZERO
    unallocated: Decimal = ZERO
    items: int = 0
    owed: Decimal = ZERO

    @property
    def overdue(self) -> Decimal:
        """Debts past the first bucket, which holds what is not due."""
        return self.owed - self.buckets[0]

    @property
    def net(self) -> Decimal:
        """Debts less credit notes and money that pays nothing yet."""
        return self.owed - self.credits - self.unallocated


# A row before it is asked for: key, currency, owed, credit notes or None, items, each bucket or None.
Found = tuple[Any, ...]


class AgeingRows(Sequence[AgeingRow]):
    """Rows that are made when they are looked at: a page shows few of a hundred thousand."""

    def __init__(self, found: list[Found], unallocated: Mapping[Any, Decimal]) -> None:
        self._found, self._unallocated = found, unallocated

    def __len__(self) -> int:
        return len(self._found)

    @overload
    def __getitem__(self, place: int) -> AgeingRow: ...

    @overload
    def __getitem__(self, place: slice) -> list[AgeingRow]: ...

    def __getitem__(self, place: int | slice) -> AgeingRow | list[AgeingRow]:
        if isinstance(place, slice):
            return [self._made(one) for one in self._found[place]]
        return self._made(self._found[place])

    def __iter__(self) -> Iterator[AgeingRow]:
        return map(self._made, self._found)

    def _made(self, found: Found) -> AgeingRow:
        return _row(found, self._unallocated.get(found[0], ZERO))


@dataclass(slots=True)
class Ageing:
    """The ageing of a day: a row for each thing, the largest debt first, and their total."""

    as_of: date
    currency: str
    policy: AgeingPolicy
    rows: Sequence[AgeingRow]
    total: AgeingRow
    missing: list[MissingRate] = field(default_factory=list)


def ageing(session: Session, as_of: date, by: str = "customer", only: Filter | None = None) -> Ageing:
    """Everything open at the end of `as_of`, by `by` (a key of GROUPINGS). Sorted by debt, then by key."""
    policy = AgeingPolicy.from_policy(policy_values(session, as_of))
    base = the_company(session).base_currency
    rates, where = _Rates(session, base, as_of), only or Filter()
    found = _open_sums(session, as_of, by, policy, where)
    unallocated: dict[Any, Decimal] = {}
    for key, currency, amount in _free_sums(session, as_of, by, where):
        rate = rates.of(currency)
        if rate is not None:
            unallocated[key] = unallocated.get(key, ZERO) + amount * rate
    if any(one[1] != base for one in found):
        found = _converted(found, rates)
    total = _total(found, sum(unallocated.values(), ZERO), policy.buckets)
    if rates.foreign:
        unallocated = {key: amount.quantize(CENT) for key, amount in unallocated.items()}
        found = [_rounded(one) for one in found]
        total = _row(_rounded(_flat(total)), total.unallocated.quantize(CENT))
    if unallocated:  # of some there is nothing but money
        only_money = unallocated.keys() - {one[0] for one in found}
        found += [(key, base, ZERO, None, 0, *[None] * policy.buckets) for key in only_money]
    if unallocated or rates.foreign:
        found.sort(key=lambda one: (-one[2], one[0] is None, one[0]))
    return Ageing(as_of, base, policy, AgeingRows(found, unallocated), total, rates.missing)


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


def conditions(only: Filter) -> tuple[str, dict[str, Any]]:
    """The conditions that a filter puts on alias b (item_balance or receipt_balance), and their values."""
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

    @property
    def foreign(self) -> bool:
        """Whether anything was converted, so that there may be parts of cents."""
        return len(self.known) > 1

    def of(self, currency: str) -> Decimal | None:
        if currency not in self.known:
            try:
                self.known[currency] = worth_of_one(self.session, currency, self.base, self.day)
            except MissingRate as error:
                self.known[currency] = None
                self.missing.append(error)
        return self.known[currency]


def _row(found: Found, unallocated: Decimal) -> AgeingRow:
    key, _currency, owed, credit_notes, items, *buckets = found
    return AgeingRow(
        key, [amount or ZERO for amount in buckets], credit_notes or ZERO, unallocated, items, owed
    )


def _flat(row: AgeingRow) -> Found:
    return row.key, "", row.owed, row.credits, row.items, *row.buckets


def _converted(found: list[Found], rates: _Rates) -> list[Found]:
    """In base currency, one for each key; what has no rate is left out."""
    merged: dict[Any, Found] = {}
    for key, currency, owed, credit_notes, items, *buckets in found:
        rate = rates.of(currency)
        if rate is None:
            continue
        _key, _base, owed_before, credits_before, items_before, *before = merged.get(key) or (
            key, rates.base, ZERO, ZERO, 0, *[ZERO] * len(buckets),
        )  # fmt: skip
        added = (mine + (more or ZERO) * rate for mine, more in zip(before, buckets, strict=True))
        owed, credit_notes = owed_before + owed * rate, credits_before + (credit_notes or ZERO) * rate  # noqa: PLW2901
        merged[key] = (key, rates.base, owed, credit_notes, items_before + items, *added)
    return list(merged.values())


def _rounded(found: Found) -> Found:
    """To whole cents, so that the buckets come to the sum."""
    key, currency, _owed, credit_notes, items, *buckets = found
    cents = [(amount or ZERO).quantize(CENT) for amount in buckets]
    return key, currency, sum(cents, ZERO), (credit_notes or ZERO).quantize(CENT), items, *cents


def _total(found: list[Found], unallocated: Decimal, buckets: int) -> AgeingRow:
    """The sum of all, added up column by column."""
    columns = list(zip(*found, strict=True)) or [()] * (5 + buckets)
    owed, credit_notes, items, *sums = (sum(filter(None, column), ZERO) for column in columns[2:])
    return AgeingRow(None, sums, credit_notes, unallocated, int(items), owed)


def _is_newest(session: Session, as_of: date) -> bool:
    """Whether no item and no receipt has an entry after the day: then every balance is what was open on it."""
    query = (
        "SELECT greatest((SELECT max(last_on) FROM item_balance), (SELECT max(last_on) FROM receipt_balance))"
    )
    newest = session.scalar(text(query))
    return newest is None or newest <= as_of


def _open_sums(session: Session, as_of: date, by: str, policy: AgeingPolicy, only: Filter) -> list[Found]:
    """What is open of each key in each currency, by age, the largest debt first.

    Buckets are days compared with days, so that the database adds up in one pass, by several workers when it likes.
    """
    key, join = GROUPINGS[by]
    where, values = conditions(only)
    day = AGED_BY[policy.basis]
    ends = [f"CAST(:as_of AS date) - {min(end, ALL_TIME)}" for end in policy.ends]
    within = [f"{day} < {younger} AND {day} >= {older}" for younger, older in pairwise(ends)]
    ages = [f"{day} >= {ends[0]}", *within, f"{day} < {ends[-1]}"]
    table, amount = "item_balance", "b.open_amount"
    which = f"b.document_date <= :as_of{where}"
    if not _is_newest(session, as_of):
        # OFFSET 0: what was open of an item is looked up once, not for each bucket.
        table = f"(SELECT b.*, {STILL_OPEN} AS still_open FROM item_balance b WHERE {CAN_BE_OPEN}{where} OFFSET 0)"
        amount, which = "b.still_open", "true"
    sums = [f"sum({amount}) FILTER (WHERE {age} AND b.kind <> 'credit_note')" for age in ages]
    owed = " + ".join(f"coalesce({one}, 0)" for one in sums)  # the database adds up each of them once
    query = f"""
        SELECT {key} AS key, b.currency, {owed} AS owed, sum({amount}) FILTER (WHERE b.kind = 'credit_note'), count(*),
            {", ".join(sums)}
        FROM {table} b {join} WHERE {which} AND {amount} <> 0 GROUP BY 1, 2 ORDER BY 3 DESC, 1
    """
    # A large ledger is added up in memory; given back at the end of the transaction.
    session.execute(text("SET LOCAL work_mem = '64MB'"))
    # The driver's own tuples: there may be a hundred thousand.
    result: Any = session.execute(text(query), values | {"as_of": as_of})
    found: list[Found] = result.cursor.fetchall()
    return found


def _free_sums(session: Session, as_of: date, by: str, only: Filter) -> Sequence[Any]:
    key, join = GROUPINGS[by]
    where, values = conditions(only)
    query = f"""
        SELECT {key} AS key, b.currency, sum({STILL_FREE}) AS amount
        FROM receipt_balance b {join} WHERE {CAN_BE_FREE}{where} GROUP BY 1, 2 HAVING sum({STILL_FREE}) <> 0
    """
    return session.execute(text(query), values | {"as_of": as_of}).all()
