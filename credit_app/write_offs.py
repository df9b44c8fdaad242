"""Starts write-offs: one at a time for a customer, by hand or by a step of another process."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.domain.dates import day_in_zone
from credit_app.facts.write_off import debts_of, running_of
from credit_app.i18n import _
from credit_app.models import Customer, next_case_number, the_company
from credit_app.models.write_off import WriteOff
from workflows import SYSTEM, Actor, Conflict, Engine, NotFound, Refused, clock

PROCESS = "write_off"


class NothingToWriteOff(Refused):
    """An account on which nothing is open."""


def start(
    session: Session,
    engine: Engine,
    customer_id: int,
    actor: Actor,
    source: str,
    role: str = "collector",
) -> WriteOff:
    """Begin a write-off that somebody of `role` prepares; the caller commits.

    Raises Conflict when one is under way for the customer, NothingToWriteOff.
    """
    # Two starts at once queue up here: the second sees what the first has begun.
    customer = session.scalar(
        select(Customer).where(Customer.id == customer_id).with_for_update(key_share=True)
    )
    if customer is None:
        raise NotFound(_("There is no such customer, or it is not yours to see."))
    if running_of(session, customer_id) is not None:
        raise Conflict(_("A write-off of this customer is already under way."))
    now = clock.now()
    today = day_in_zone(now, the_company(session).time_zone)
    if not debts_of(session, customer_id, today):
        raise NothingToWriteOff(_("Nothing is open on this account; there is nothing to write off."))
    row = WriteOff(
        number=next_case_number(session, PROCESS, today.year),
        customer_id=customer_id,
        status="proposing",
        made_by=actor.person_id,
        created_at=now,
    )
    session.add(row)
    session.flush()
    data = {"proposer_role": role, "proposer": actor.person_id or 0}
    rest = engine.start(session, PROCESS, row.id, data, actor, source)
    row.instance_id = rest.instance_id
    session.flush()
    return row


def start_asked(session: Session, engine: Engine, params: Mapping[str, Any]) -> str:
    """Begin the write-off that a step of another process asks for, of `customer_id`; one under way is enough."""
    try:
        return start(session, engine, int(params["customer_id"]), SYSTEM, "outbox:write_off").number
    except (Conflict, NothingToWriteOff) as refused:
        return str(refused)
