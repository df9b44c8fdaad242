"""Starts balance confirmations: those that are due by class of customer, and those that somebody asks for."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session

from credit_app.domain.confirmation import EVERY, ConfirmationPolicy
from credit_app.domain.dates import add_months, day_in_zone
from credit_app.facts.ageing import ageing
from credit_app.facts.confirmation import policy_of, running_of
from credit_app.facts.receivables import key_customers
from credit_app.facts.statement import statement_of
from credit_app.facts.statement_snapshot import frozen
from credit_app.i18n import _
from credit_app.models import (
    RUNNING_CONFIRMATIONS,
    BalanceConfirmation,
    Company,
    Customer,
    ItemBalance,
    Policy,
    the_company,
)
from workflows import SYSTEM, Actor, Conflict, Engine, NotFound, Refused, clock

PROCESS = "balance_confirmation"
PERIOD = timedelta(days=90)  # of the movements that the statement shows


class NothingToConfirm(Refused):
    """An account on which nothing is open."""


def due_today(session: Session) -> list[int]:
    """The customers that are to be asked now, key customers first, then the longest due; at most what is left of
    the day's number."""
    if session.get(Company, 1) is None:
        return []
    day = today_of(session)
    policy = policy_of(session, day)
    begun = select(func.count()).where(BalanceConfirmation.as_of == day)
    room = policy.most_a_day - (session.scalar(begun) or 0)
    found = _worth_a_look(session, day, policy) if room > 0 else []
    if not found:
        return []
    keys = {row.key for row in key_customers(session, ageing(session, day))[0]}
    since = _asking_since(session)
    when = [(row.id not in keys, _due_on(row, policy, since, is_key=row.id in keys), row.id) for row in found]
    return [number for _other, on, number in sorted(when) if on <= day][:room]


def start_due(session: Session, engine: Engine, customer_id: int) -> BalanceConfirmation | None:
    """Ask a customer that is due; the caller commits. None when meanwhile somebody else has, or nothing is open."""
    try:
        return start(session, engine, customer_id, SYSTEM, "job:start_confirmations")
    except (Conflict, NothingToConfirm):
        return None


def start(
    session: Session, engine: Engine, customer_id: int, actor: Actor, source: str
) -> BalanceConfirmation:
    """Take the statement as of today and begin to ask; the caller commits.

    Raises Conflict when one is under way or was begun today, NothingToConfirm.
    """
    # Two starts at once queue up here: the second sees what the first has begun.
    held = select(Customer).where(Customer.id == customer_id).with_for_update(key_share=True)
    customer = session.scalar(held)
    if customer is None:
        raise NotFound(_("There is no such customer, or it is not yours to see."))
    day = today_of(session)
    if running_of(session, customer_id) is not None:
        raise Conflict(_("A confirmation of this balance is already under way."))
    if session.scalar(select(exists().where(_of_day(customer_id, day)))):
        raise Conflict(_("This balance was asked about today already; ask again tomorrow or later."))
    statement = statement_of(session, customer_id, day, day - PERIOD)
    if not any(account.items for account in statement.accounts):
        raise NothingToConfirm(_("Nothing is open on this account; there is no balance to confirm."))
    row = BalanceConfirmation(
        customer_id=customer_id, as_of=day, statement=frozen(statement), created_at=clock.now()
    )
    session.add(row)
    session.flush()
    rest = engine.start(session, PROCESS, row.id, {"confirmation_id": row.id}, actor, source)
    row.instance_id = rest.instance_id
    session.flush()
    return row


def today_of(session: Session) -> date:
    """The company's date."""
    return day_in_zone(clock.now(), the_company(session).time_zone)


def _of_day(customer_id: int, day: date) -> ColumnElement[bool]:
    return (BalanceConfirmation.customer_id == customer_id) & (BalanceConfirmation.as_of == day)


def _due_on(row: Any, policy: ConfirmationPolicy, since: date, *, is_key: bool) -> date:
    """When a customer that is worth a look is to be asked; one that never was, within a period of its beginning."""
    if row.last is not None:
        return policy.due_on(row.last, is_key=is_key)
    return policy.first_on(row.id, max(since, row.created_at.date()), is_key=is_key)


def _asking_since(session: Session) -> date:
    """The day on which this company first had the policy of confirmations: that of its setting up, or of an upgrade."""
    first = session.scalar(select(func.min(Policy.changed_at)).where(Policy.key == EVERY))
    return (first or clock.now()).date()


def _worth_a_look(session: Session, day: date, policy: ConfirmationPolicy) -> Sequence[Any]:
    """(id, created_at, day of the last confirmation) of customers that may be due and owe; the rule decides."""
    # Months are of different lengths: a few days too many are looked at.
    latest = add_months(day, -min(policy.key_months, policy.other_months)) + timedelta(days=3)
    last = func.max(BalanceConfirmation.as_of)
    running = func.count().filter(BalanceConfirmation.status.in_(RUNNING_CONFIRMATIONS))
    query = (
        select(Customer.id, Customer.created_at, last.label("last"))
        .outerjoin(BalanceConfirmation, BalanceConfirmation.customer_id == Customer.id)
        .where(
            Customer.status != "closed",
            exists().where(ItemBalance.customer_id == Customer.id, ItemBalance.open_amount != 0),
        )
        .group_by(Customer.id)
        .having(running == 0, or_(last.is_(None), last <= latest))
    )
    return session.execute(query).all()
