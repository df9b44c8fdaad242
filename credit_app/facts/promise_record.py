"""How often promises to pay were kept and broken: of a customer, and of those that a collector took down."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import Table, func, select
from sqlalchemy.orm import Session

from credit_app.models import Model

TABLE = "promise_to_pay"


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


def promises_of(session: Session, customer_id: int, since: date) -> Promises | None:
    """The customer's promises that ended after a day; None where promises are not kept as such."""
    found = _counted(session, "customer_id", [customer_id], since)
    return None if found is None else found.get(customer_id, Promises(0, 0))


def promises_by(session: Session, people: Iterable[int], since: date) -> Mapping[int, Promises] | None:
    """By collector, the promises that they took down and that ended after a day; None as above."""
    return _counted(session, "made_by", people, since)


def _counted(session: Session, by: str, ids: Iterable[int], since: date) -> dict[int, Promises] | None:
    table: Table | None = Model.metadata.tables.get(TABLE)
    if table is None:
        return None
    key = table.c[by]
    query = (
        select(
            key,
            func.count().filter(table.c.status == "kept"),
            func.count().filter(table.c.status == "broken"),
        )
        .where(key.in_(list(ids)), table.c.closed_on > since)
        .group_by(key)
    )
    return {row[0]: Promises(row[1], row[2]) for row in session.execute(query)}
