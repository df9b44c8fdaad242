"""How the nightly run of collection went: the last days with what moved on each, days without one, and what rests."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, joinedload

from credit_app.domain.collection import CAUSES_OF_RUN
from credit_app.models import CollectionCase, CollectionMove, CollectionRun, CollectionSignal, Customer

SHOWN = 14
MOST_RESTING = 100


@dataclass(frozen=True, slots=True)
class Night:
    """A run, and how many cases it opened, moved and closed from its day to the day before the next run.

    `left` accounts of it wait, `held` of them for a person. `skipped` are the days before it on which none was made.
    """

    run: CollectionRun
    opened: int
    moved: int
    closed: int
    left: int
    held: int
    skipped: Sequence[date]
    overtaken: bool

    @property
    def took(self) -> timedelta | None:
        """From its beginning to its end."""
        return self.run.ended_at - self.run.started_at if self.run.ended_at is not None else None

    @property
    def state(self) -> str:
        """asked · running · resting (only what waits for a person is left) · interrupted (the next day came) · done."""
        if self.run.asked_at is not None:
            return "asked"
        if self.run.ended_at is not None:
            return "done"
        if self.left and self.left == self.held:
            return "resting"
        return "interrupted" if self.overtaken else "running"


@dataclass(frozen=True, slots=True)
class Resting:
    """An account whose case could not be moved: since when, why (as the program keeps it), how often it was tried."""

    customer: Customer
    case: CollectionCase | None
    since: datetime
    error: str
    attempts: int


def nights(session: Session) -> list[Night]:
    """The last runs, the newest first."""
    query = select(CollectionRun).options(joinedload(CollectionRun.asker))
    runs = session.scalars(query.order_by(CollectionRun.day.desc()).limit(SHOWN + 1)).all()
    counts, left = _moves(session, runs), _left(session, runs)
    found, next_day = [], None
    for at, run in enumerate(runs[:SHOWN]):
        before = runs[at + 1].day if at + 1 < len(runs) else None
        skipped = [] if before is None else _between(before, run.day)
        found.append(
            Night(
                run,
                *counts.get(run.id, (0, 0, 0)),
                *left.get(run.id, (0, 0)),
                skipped,
                next_day is not None,
            )
        )
        next_day = run.day
    return found


def resting(session: Session, customers: ColumnElement[bool]) -> list[Resting]:
    """The accounts of `customers` (a condition on Customer) that wait for a person, the longest first."""
    held = (
        select(
            CollectionSignal.customer_id,
            func.min(CollectionSignal.held_at).label("since"),
            func.max(CollectionSignal.last_error).label("error"),
            func.max(CollectionSignal.attempts).label("attempts"),
        )
        .where(CollectionSignal.held)
        .group_by(CollectionSignal.customer_id)
        .subquery()
    )
    query = (
        select(Customer, CollectionCase, held.c.since, held.c.error, held.c.attempts)
        .join(held, held.c.customer_id == Customer.id)
        .outerjoin(
            CollectionCase,
            (CollectionCase.customer_id == Customer.id) & (CollectionCase.status == "open"),
        )
        .where(customers)
        .order_by(held.c.since, Customer.id)
        .limit(MOST_RESTING)
    )
    return [Resting(*row) for row in session.execute(query)]


def count_resting(session: Session, customers: ColumnElement[bool]) -> int:
    """How many accounts of `customers` wait for a person."""
    query = (
        select(func.count(CollectionSignal.customer_id.distinct()))
        .join(Customer, Customer.id == CollectionSignal.customer_id)
        .where(CollectionSignal.held, customers)
    )
    return session.scalar(query) or 0


def _between(before: date, day: date) -> list[date]:
    return [before + timedelta(days=one) for one in range(1, (day - before).days)]


def _moves(session: Session, runs: Sequence[CollectionRun]) -> dict[int, tuple[int, int, int]]:
    """By run: opened, moved, closed by the ladder on the days from the run to the next one."""
    if not runs:
        return {}
    days = select(
        CollectionRun.id,
        CollectionRun.day,
        func.lead(CollectionRun.day, 1, date.max).over(order_by=CollectionRun.day).label("until"),
    ).where(CollectionRun.day >= runs[-1].day)
    one = days.subquery()
    opened, ended = CollectionMove.from_stage.is_(None), CollectionMove.to_stage.is_(None)
    query = (
        select(
            one.c.id,
            func.count().filter(opened),
            func.count().filter(~opened, ~ended),
            func.count().filter(ended),
        )
        .join(CollectionMove, CollectionMove.moved_on.between(one.c.day, one.c.until - 1))
        .where(CollectionMove.cause.in_(CAUSES_OF_RUN), CollectionMove.moved_on >= runs[-1].day)
        .group_by(one.c.id)
    )
    return {row[0]: (row[1], row[2], row[3]) for row in session.execute(query)}


def _left(session: Session, runs: Sequence[CollectionRun]) -> dict[int, tuple[int, int]]:
    """By run: how many of its accounts wait, and how many of those for a person."""
    query = (
        select(CollectionSignal.run_id, func.count(), func.count().filter(CollectionSignal.held))
        .where(CollectionSignal.run_id.in_([run.id for run in runs]))
        .group_by(CollectionSignal.run_id)
    )
    return {row[0]: (row[1], row[2]) for row in session.execute(query) if row[0] is not None}
