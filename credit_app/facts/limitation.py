"""Limitation of the items of the ledger: the chain of each with its evidence, and which of them end soon."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, insert, or_, select
from sqlalchemy.orm import Session

from credit_app.domain.limitation import Chain, Event, Jurisdiction, LegalPolicy, chain
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
