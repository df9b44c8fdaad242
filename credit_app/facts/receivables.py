"""What the receivables board shows beside the ageing: who and what weighs most, and what pays nothing yet."""
# ruff: noqa: S608 (put together from the constants of this module; values are bound)

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import ARRAY, BigInteger, any_, literal, select, text
from sqlalchemy.orm import Session

from credit_app.domain.ageing import AgeingPolicy, WeightPolicy
from credit_app.facts.ageing import AGED_BY, ALL_TIME, Ageing, AgeingRow, Filter, conditions
from credit_app.facts.rates import worth_of_one
from credit_app.models import (
    Branch,
    Customer,
    MissingRate,
    Person,
    policy_values,
    the_company,
)
from credit_app.models.ledger_queries import CAN_BE_FREE, CAN_BE_OPEN, STILL_FREE, STILL_OPEN


@dataclass(frozen=True, slots=True)
class LargeItem:
    """An open debt, large or of an age; `in_base` is what it is worth in the company's own currency."""

    item_id: int
    customer_number: str
    customer_name: str
    number: str
    due_date: date
    days_overdue: int
    amount: Decimal
    currency: str
    in_base: Decimal


@dataclass(frozen=True, slots=True)
class Money:
    """A receipt of which something pays nothing yet."""

    receipt_id: int
    customer_number: str
    customer_name: str
    received_on: date
    reference: str
    amount: Decimal
    currency: str


def names_of(session: Session, by: str, keys: Iterable[Any]) -> Mapping[Any, tuple[str, str]]:
    """Name and number of what the rows of an ageing stand for; the number is empty where there is none."""
    wanted = [key for key in keys if key is not None]
    if by in ("customer", "group"):
        ids = literal(
            wanted, ARRAY(BigInteger)
        )  # one value: there may be more rows than a statement has places
        query: Any = select(Customer.id, Customer.name, Customer.number).where(Customer.id == any_(ids))
        return {row.id: (row.name, row.number) for row in session.execute(query)}
    if by in ("rep", "branch"):
        model = Person if by == "rep" else Branch
        return {
            row.id: (row.name, "")
            for row in session.execute(select(model.id, model.name).where(model.id.in_(wanted)))
        }
    return {key: (str(key), "") for key in wanted}


def key_customers(session: Session, found: Ageing) -> tuple[Sequence[AgeingRow], Decimal | None]:
    """The customers that owe most, as many as policy watches, and their share of all debt (None without debt)."""
    most = WeightPolicy.from_policy(policy_values(session, found.as_of)).key_customers
    rows = [row for row in found.rows[:most] if row.owed > 0]
    owed = sum((row.owed for row in rows), Decimal(0))
    return rows, owed / found.total.owed if found.total.owed else None


def large_items(session: Session, as_of: date, only: Filter, most: int = 200) -> list[LargeItem]:
    """The open debts from the large amount of policy on, the largest first. Items without a rate are left out."""
    policy = WeightPolicy.from_policy(policy_values(session, as_of))
    return _largest(session, as_of, only, f"{_IN_BASE} >= :least", {"least": policy.large_item}, most)


def items_of_age(
    session: Session, as_of: date, only: Filter, bucket: int, policy: AgeingPolicy, most: int = 200
) -> list[LargeItem]:
    """The open debts of one age, the largest first. Items without a rate are left out, as in the ageing."""
    first, last = policy.bounds(bucket)
    day = AGED_BY[policy.basis]
    values: dict[str, Any] = {}
    parts = [f"{_IN_BASE} > 0"]
    if first is not None:
        values["youngest"] = as_of - timedelta(days=first)
        parts.append(f"{day} <= :youngest")
    if last is not None:
        values["oldest"] = as_of - timedelta(days=min(last, ALL_TIME))
        parts.append(f"{day} >= :oldest")
    return _largest(session, as_of, only, " AND ".join(parts), values, most)


_IN_BASE = f"{STILL_OPEN} * CAST(CAST(:rates AS jsonb) ->> b.currency AS numeric)"


def _largest(
    session: Session, as_of: date, only: Filter, which: str, given: dict[str, Any], most: int
) -> list[LargeItem]:
    where, values = conditions(only)
    base = the_company(session).base_currency
    rates = _rates(session, as_of, base)
    query = f"""
        SELECT i.id, c.number AS customer_number, c.name AS customer_name, i.number, i.due_date, i.currency,
            {STILL_OPEN} AS amount
        FROM item_balance b JOIN receivable_item i ON i.id = b.item_id JOIN customer c ON c.id = b.customer_id
        WHERE {CAN_BE_OPEN} AND b.kind <> 'credit_note' AND {which}{where}
        ORDER BY {_IN_BASE} DESC, i.id LIMIT :most
    """
    rows = session.execute(
        text(query),
        values
        | given
        | {
            "as_of": as_of,
            "most": most,
            "rates": orjson.dumps({k: str(v) for k, v in rates.items()}).decode(),
        },
    )
    return [
        LargeItem(
            row.id,
            row.customer_number,
            row.customer_name,
            row.number,
            row.due_date,
            (as_of - row.due_date).days,
            row.amount,
            row.currency,
            (row.amount * rates[row.currency]).quantize(Decimal("0.01")),
        )
        for row in rows
    ]


def unallocated_money(session: Session, as_of: date, only: Filter, most: int = 200) -> list[Money]:
    """Receipts of which something pays nothing yet, the oldest first."""
    where, values = conditions(only)
    query = f"""
        SELECT r.id, c.number, c.name, r.received_on, r.reference, {STILL_FREE} AS amount, r.currency
        FROM receipt_balance b JOIN receipt r ON r.id = b.receipt_id JOIN customer c ON c.id = b.customer_id
        WHERE {CAN_BE_FREE} AND {STILL_FREE} <> 0{where} ORDER BY r.received_on, r.id LIMIT :most
    """
    return [Money(*row) for row in session.execute(text(query), values | {"as_of": as_of, "most": most})]


def _rates(session: Session, day: date, base: str) -> dict[str, Decimal]:
    codes = session.scalars(
        text("SELECT DISTINCT currency FROM item_balance WHERE open_amount <> 0 OR last_on > :day"),
        {"day": day},
    )
    found: dict[str, Decimal] = {}
    for code in codes:
        try:
            found[code] = worth_of_one(session, code, base, day)
        except MissingRate:
            continue
    return found
