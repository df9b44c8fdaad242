"""Limitation of the items of the ledger: the chain of each with its evidence, and which of them end soon."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Select, and_, exists, func, insert, or_, select, text
from sqlalchemy.orm import Session

from credit_app.domain.limitation import OTHER, YEAR_END, Chain, Event, Jurisdiction, LegalPolicy, chain
from credit_app.models import (
    Customer,
    ItemBalance,
    LimitationInterruption,
    ReceivableItem,
    policy_values,
)
from credit_app.models.ledger import INSTALMENT_MARK
from credit_app.models.legal import LegalCase, LegalCaseItem

SHORTEST_YEAR = 365
# `chain` of credit_app.domain.limitation for many debts at once: the events of a debt are taken one after the other,
# each round of all debts. The end never moves back, so the latest one of a debt is its last.
_NEAREST = text("""
    WITH RECURSIVE term AS (
        SELECT * FROM jsonb_to_recordset(CAST(:terms AS jsonb))
            AS t(country text, years int, year_end boolean, interrupts text[], revives text[])
    ),
    debt AS MATERIALIZED (
        SELECT i.id, i.customer_id, t.years, t.interrupts, t.revives, CASE WHEN t.year_end
            THEN make_date(CAST(extract(year FROM coalesce(p.due_date, i.due_date)) AS int), 12, 31)
            ELSE coalesce(p.due_date, i.due_date) END AS begins_on
        FROM collection_case c
        JOIN customer u ON u.id = c.customer_id
        JOIN item_balance b ON b.customer_id = c.customer_id AND b.open_amount > 0 AND b.kind <> 'credit_note'
        JOIN receivable_item i ON i.id = b.item_id
        JOIN term t ON t.country = coalesce((SELECT x.country FROM term x WHERE x.country = u.country), :other)
        LEFT JOIN LATERAL (
            SELECT max(x.due_date) AS due_date FROM receivable_item x
            WHERE i.instalment IS NOT NULL AND x.instalment IS NOT NULL AND x.customer_id = i.customer_id
                AND split_part(x.number, :mark, 1) = split_part(i.number, :mark, 1)
        ) p ON true
        WHERE c.status = 'open'
            AND (CAST(:ids AS bigint[]) IS NULL OR c.customer_id = ANY(CAST(:ids AS bigint[])))
            AND NOT EXISTS (
                SELECT FROM legal_case_item l JOIN legal_case k ON k.id = l.case_id
                WHERE l.item_id = i.id AND k.title_on IS NOT NULL AND k.status <> 'lost'
            )
    ),
    event AS MATERIALIZED (
        SELECT d.id, row_number() OVER (PARTITION BY d.id ORDER BY e.interrupted_on) AS place, e.interrupted_on,
            CAST(e.interrupted_on + make_interval(years => d.years) AS date) AS ends_on,
            e.ground = ANY(d.revives) AS revives
        FROM debt d JOIN limitation_interruption e ON e.item_id = d.id
        WHERE e.ground = ANY(d.interrupts) AND e.interrupted_on <= :day
    ),
    step AS (
        SELECT id, customer_id, CAST(0 AS bigint) AS place,
            CAST(begins_on + make_interval(years => years) AS date) AS ends_on
        FROM debt
        UNION ALL
        SELECT s.id, s.customer_id, e.place, CASE WHEN e.interrupted_on <= s.ends_on OR e.revives
            THEN greatest(s.ends_on, e.ends_on) ELSE s.ends_on END
        FROM step s JOIN event e ON e.id = s.id AND e.place = s.place + 1
    )
    SELECT customer_id, coalesce(min(ends_on) FILTER (WHERE ends_on >= :day), max(ends_on)) AS ends_on
    FROM (SELECT id, customer_id, max(ends_on) AS ends_on FROM step GROUP BY id, customer_id) ended
    GROUP BY customer_id
""")


@dataclass(frozen=True, slots=True)
class ItemLimitation:
    """The limitation of an item by the law of its customer's country; `due` is that of the last instalment.

    The `ref` of each event of the chain is its LimitationInterruption.
    """

    item_id: int
    number: str
    customer_id: int
    customer_name: str
    customer_number: str
    due: date
    open_amount: Decimal
    currency: str
    terms: Jurisdiction
    chain: Chain


def legal_policy(session: Session, day: date) -> LegalPolicy:
    """The legal policy in force on a day."""
    return LegalPolicy.from_policy(policy_values(session, day))


def limitation_of(session: Session, item_ids: Collection[int], day: date) -> dict[int, ItemLimitation]:
    """Item id -> its limitation as of `day`; credit notes, which no time runs against, are left out."""
    if not item_ids:
        return {}
    return {
        one.item_id: one for one in _limited(session, _items().where(ReceivableItem.id.in_(item_ids)), day)
    }


def ending(session: Session, day: date, until: date, customers: ColumnElement[bool]) -> list[ItemLimitation]:
    """The open debts whose limitation ends on or before `until` (or has passed), the first to end first.

    `customers`: a condition on Customer. A debt for which there is a title is left out: the title counts then.
    """
    years = min(one.limitation_years for one in legal_policy(session, day).countries.values())
    # Years are never shorter than this, so nothing that ends in time is missed; the rule decides.
    latest = until - timedelta(days=SHORTEST_YEAR * years)
    query = _items().where(
        ItemBalance.open_amount > 0,
        ItemBalance.due_date <= latest,
        customers,
        ~exists().where(
            LegalCaseItem.item_id == ReceivableItem.id,
            LegalCaseItem.case_id == LegalCase.id,
            LegalCase.title_on.is_not(None),
            LegalCase.status != "lost",
        ),
    )
    found = [one for one in _limited(session, query, day) if one.chain.ends_on <= until]
    return sorted(found, key=lambda one: (one.chain.ends_on, one.item_id))


def nearest(session: Session, day: date, customer_ids: Iterable[int] | None = None) -> dict[int, date]:
    """Customer id -> the first limitation date of its open debts that is still to come, else the last that has passed.

    Of the customers with an open collection case (None: of all of them), computed in the database by the same rule as
    `limitation_of`. A debt for which there is a title is left out, as is a customer without any other.
    """
    values = {
        "day": day,
        "mark": INSTALMENT_MARK,
        "other": OTHER,
        "ids": None if customer_ids is None else sorted(set(customer_ids)),
        "terms": orjson.dumps(_as_rows(legal_policy(session, day))).decode(),
    }
    return {row.customer_id: row.ends_on for row in session.execute(_NEAREST, values)}


def interrupt(
    session: Session,
    item_ids: Iterable[int],
    on: date,
    ground: str,
    now: datetime,
    *,
    document_id: int | None = None,
    evidence: str = "",
) -> int:
    """Write down that limitation of these items runs anew from `on`; returns of how many. The law of the customer's
    country decides what becomes of it."""
    rows = [
        {
            "item_id": item_id, "interrupted_on": on, "ground": ground, "document_id": document_id,
            "evidence": evidence, "created_at": now,
        }
        for item_id in item_ids
    ]  # fmt: skip
    if rows:
        session.execute(insert(LimitationInterruption), rows)
    return len(rows)


# --- inside -------------------------------------------------------------------------------------------------------


def _as_rows(policy: LegalPolicy) -> list[dict[str, Any]]:
    """The terms of limitation by country, for the query."""
    return [
        {
            "country": country,
            "years": one.limitation_years,
            "year_end": one.runs_from == YEAR_END,
            "interrupts": sorted(one.interrupts),
            "revives": sorted(one.revives),
        }
        for country, one in policy.countries.items()
    ]


def _items() -> Any:
    return (
        select(ReceivableItem, Customer, ItemBalance.open_amount)
        .join(ItemBalance, ItemBalance.item_id == ReceivableItem.id)
        .join(Customer, Customer.id == ReceivableItem.customer_id)
        .where(ReceivableItem.kind != "credit_note")
    )


def _limited(session: Session, query: Select[Any], day: date) -> list[ItemLimitation]:
    policy = legal_policy(session, day)
    rows = session.execute(query).all()
    last, events = (
        _last_dues(session, [row[0] for row in rows]),
        _events(session, [row[0].id for row in rows]),
    )
    found = []
    for item, customer, open_amount in rows:
        terms, due = policy.of(customer.country), last.get(item.id, item.due_date)
        found.append(
            ItemLimitation(
                item.id, item.number, customer.id, customer.name, customer.number, due, open_amount, item.currency,
                terms, chain(due, events[item.id], terms, day),
            )
        )  # fmt: skip
    return found


def _events(session: Session, ids: Sequence[int]) -> dict[int, list[Event]]:
    found: dict[int, list[Event]] = defaultdict(list)
    query = select(LimitationInterruption).where(LimitationInterruption.item_id.in_(ids))
    for row in session.scalars(query.order_by(LimitationInterruption.id)):
        found[row.item_id].append(Event(row.interrupted_on, row.ground, row))
    return found


def _last_dues(session: Session, items: Sequence[ReceivableItem]) -> dict[int, date]:
    """Of the parts of invoices payable in parts: when the last part is due."""
    parts = [item for item in items if item.instalment is not None]
    if not parts:
        return {}
    invoice = func.split_part(ReceivableItem.number, INSTALMENT_MARK, 1)
    wanted = {(item.customer_id, _invoice(item)) for item in parts}
    query = (
        select(ReceivableItem.customer_id, invoice, func.max(ReceivableItem.due_date))
        .where(
            ReceivableItem.instalment.is_not(None),
            or_(*(and_(ReceivableItem.customer_id == who, invoice == number) for who, number in wanted)),
        )
        .group_by(ReceivableItem.customer_id, invoice)
    )
    dues = {(row[0], row[1]): row[2] for row in session.execute(query)}
    return {item.id: dues[item.customer_id, _invoice(item)] for item in parts}


def _invoice(item: ReceivableItem) -> str:
    return item.number.partition(INSTALMENT_MARK)[0]
