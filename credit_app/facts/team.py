"""Who collects how much: the open cases of each collector, what is overdue, calls, late follow-ups, promises kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from credit_app.domain.policy_values import whole_of
from credit_app.facts.promise_record import Promises, promises_by
from credit_app.models import (
    CollectionCase,
    CollectionContact,
    Customer,
    Person,
    policy_values,
    the_company,
)


@dataclass(frozen=True, slots=True)
class Member:
    """A collector, or nobody (`person_id` None) for the cases that nobody has. `overdue` in base currency; `calls`
    since Monday; `promises` are those that they took down."""

    person_id: int | None
    name: str
    cases: int
    overdue: Decimal
    paused: int
    late: int
    calls: int
    promises: Promises


def team(
    session: Session, people: Sequence[tuple[int, str]], customers: ColumnElement[bool], day: date
) -> list[Member]:
    """These people and whoever else has an open case of `customers` (a condition on Customer), nobody last."""
    held = _held(session, customers, day)
    names = dict(people)
    others = [one for one in held if one is not None and one not in names]
    if others:
        names |= {
            row.id: row.name
            for row in session.execute(select(Person.id, Person.name).where(Person.id.in_(others)))
        }
    calls = _calls(session, list(names), day)
    since = day - timedelta(days=whole_of(policy_values(session, day), "worklist.broken_promise_days"))
    promises = promises_by(session, names, since)
    members = [
        Member(
            person_id, name, *held.get(person_id, (0, Decimal(0), 0, 0)), calls.get(person_id, 0),
            promises.get(person_id, Promises(0, 0)),
        )
        for person_id, name in sorted(names.items(), key=lambda one: (one[1], one[0]))
    ]  # fmt: skip
    return [*members, Member(None, "", *held[None], 0, Promises(0, 0))] if None in held else members


def _held(
    session: Session, customers: ColumnElement[bool], day: date
) -> dict[int | None, tuple[int, Decimal, int, int]]:
    query = (
        select(
            CollectionCase.collector_id,
            func.count(),
            func.coalesce(func.sum(CollectionCase.amount), 0),
            func.count().filter(CollectionCase.stage == "paused"),
            func.count().filter(CollectionCase.follow_up_on < day),
        )
        .join(Customer, Customer.id == CollectionCase.customer_id)
        .where(CollectionCase.status == "open", customers)
        .group_by(CollectionCase.collector_id)
    )
    return {row[0]: (row[1], row[2] or Decimal(0), row[3], row[4]) for row in session.execute(query)}


def _calls(session: Session, people: Sequence[int], day: date) -> dict[int, int]:
    monday = day - timedelta(days=day.weekday())
    begin = datetime.combine(monday, time(), ZoneInfo(the_company(session).time_zone))
    query = (
        select(CollectionContact.made_by, func.count())
        .where(
            CollectionContact.made_by.in_(people),
            CollectionContact.channel == "call",
            CollectionContact.made_at >= begin,
        )
        .group_by(CollectionContact.made_by)
    )
    return {row[0]: row[1] for row in session.execute(query) if row[0] is not None}
