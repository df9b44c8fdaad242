"""How often promises to pay were kept and broken: of a customer, and of those that a collector took down."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from credit_app.models.promises import PromiseToPay


@dataclass(frozen=True, slots=True)
class Promises:
    """Promises that came to an end."""

    kept: int
    broken: int

    @property
    def rate(self) -> Decimal | None:
        """The share that was kept; None where none has ended."""
        ended = self.kept + self.broken
        return Decimal(self.kept) / ended if ended else None


def promises_of(session: Session, customer_id: int, since: date) -> Promises:
    """The customer's promises that ended after a day."""
    found = _counted(session, PromiseToPay.customer_id, [customer_id], since)
    return found.get(customer_id, Promises(0, 0))


def promises_by(session: Session, people: Iterable[int], since: date) -> Mapping[int, Promises]:
    """By collector, the promises that they took down and that ended after a day."""
    return _counted(session, PromiseToPay.made_by, people, since)


def _counted(session: Session, by: Any, ids: Iterable[int], since: date) -> dict[int, Promises]:
    query = (
        select(
            by,
            func.count().filter(PromiseToPay.status == "kept"),
            func.count().filter(PromiseToPay.status == "broken"),
        )
        .where(by.in_(list(ids)), PromiseToPay.closed_on > since)
        .group_by(by)
    )
    return {row[0]: Promises(row[1], row[2]) for row in session.execute(query)}
