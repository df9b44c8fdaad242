"""What is left of releases in force: of the amount that they cover, and of the days that they hold."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from credit_app.facts.order_reading import asked_of
from credit_app.models import convert
from credit_app.models.currency import MissingRate
from credit_app.models.order_queries import delivered_under
from credit_app.models.orders import OrderRelease, SalesOrder

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Left:
    """Of a release in force: the amount that may still be delivered under it, in its currency, and the days after
    today. `amount` is None where it covers whatever amount comes, or where a rate is missing."""

    amount: Decimal | None
    days: int


def left_of(session: Session, rows: Iterable[OrderRelease], day: date) -> dict[int, Left]:
    """What is left on `day`, by release id; those that are not in force are not among them.

    A release once covers what is not delivered of its order; one up to an amount what no order has taken yet, each
    counted in full as the order check does (credit_app.facts.order_sql), of a cancelled one what it had delivered, and
    of one that is under it no more what it had delivered until then.
    """
    active = [row for row in rows if row.status == "active"]
    taken = _taken(session, [row.id for row in active if row.kind == "up_to"])
    return {
        row.id: Left(
            _amount(session, row, taken, day),
            (row.valid_until - day).days if row.valid_until is not None else 0,
        )
        for row in active
    }


def _taken(session: Session, ids: list[int]) -> dict[int, list[tuple[Decimal, str]]]:
    if not ids:
        return {}
    counted = case((SalesOrder.status == "cancelled", SalesOrder.delivered_amount), else_=SalesOrder.amount)
    query = (
        select(SalesOrder.release_id, SalesOrder.currency, func.sum(counted).label("amount"))
        .where(SalesOrder.release_id.in_(ids))
        .group_by(SalesOrder.release_id, SalesOrder.currency)
    )
    found: dict[int, list[tuple[Decimal, str]]] = {}
    for row in session.execute(query):
        found.setdefault(row.release_id, []).append((row.amount, row.currency))
    for release_id in ids:
        under = delivered_under(session, release_id)
        gone = select(SalesOrder.id, SalesOrder.currency).where(
            SalesOrder.id.in_(list(under)), SalesOrder.release_id.is_distinct_from(release_id)
        )
        amounts = [(under[one.id], one.currency) for one in session.execute(gone)]
        found.setdefault(release_id, []).extend(amounts)
    return found


def _amount(
    session: Session, row: OrderRelease, taken: dict[int, list[tuple[Decimal, str]]], day: date
) -> Decimal | None:
    if row.kind == "up_to":
        whole, used = row.up_to_amount, taken.get(row.id, [])
    elif row.kind == "once" and row.order is not None:
        whole, used = row.amount, [(asked_of(row.order).done, row.order.currency)]
    else:
        return None
    if whole is None or row.currency is None:
        return None
    try:
        spent = sum((convert(session, amount, code, row.currency, day) for amount, code in used), ZERO)
    except MissingRate:
        return None
    return max(ZERO, whole - spent)
