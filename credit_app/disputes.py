"""Starts disputes, and ends those of which everything has been paid."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from credit_app.domain.dates import day_in_zone
from credit_app.facts import dispute_marks, dispute_opening, ledger_items
from credit_app.facts.dispute_opening import Claim
from credit_app.models import Customer, ItemMark, the_company
from credit_app.models.disputes import DISPUTES_RUNNING, Dispute
from workflows import SYSTEM, Action, Actor, Engine, NotWaiting, clock

PROCESS = "dispute"
PAID = "dispute_paid"  # the message that the diagram waits for


def open_dispute(
    session: Session,
    engine: Engine,
    customer: Customer,
    claim: Claim,
    actor: Actor,
    source: str,
    now: datetime,
) -> Dispute:
    """Take a dispute down and have it investigated; the caller commits. Raises InvalidAnswer naming the field."""
    row = dispute_opening.open_dispute(session, customer, claim, actor.person_id or 0, now)
    _begin(session, engine, row, actor, source)
    return row


def _begin(session: Session, engine: Engine, row: Dispute, actor: Actor, source: str) -> None:
    rest = engine.start(session, PROCESS, row.id, {"dispute_id": row.id}, actor, source)
    row.instance_id = rest.instance_id
    session.flush()


def adopt(session: Session, engine: Engine, params: Mapping[str, Any]) -> str:
    """Begin the dispute about a part that another process has marked (`mark_id`, `reason`, `claim`, `claimed_by`);
    the caller commits. Asked twice, or when the mark has ended, it begins nothing."""
    mark = session.get_one(ItemMark, int(params["mark_id"]))
    item, today = mark.item, day_in_zone(clock.now(), the_company(session).time_zone)
    if dispute_marks.of_mark(session, mark.id) is not None:
        return "known"
    if mark.id not in {one.id for one in ledger_items.live_marks(session, [item.id], today)}:
        return "ended"
    row = dispute_opening.adopted(
        session, mark, str(params["reason"]), str(params["claim"]), str(params["claimed_by"]), today
    )
    _begin(session, engine, row, Actor(mark.made_by), "job:start")
    return row.number


def take_in(session: Session, engine: Engine, dispute_id: int) -> bool:
    """Take what was paid out of a dispute, and end it when nothing of it is open; the caller commits.

    True when it has ended.
    """
    row = session.get_one(Dispute, dispute_id)
    if row.status not in DISPUTES_RUNNING or row.instance_id is None:
        return False
    day = day_in_zone(clock.now(), the_company(session).time_zone)
    if sum(dispute_marks.left_of(session, row, day).values()) > 0:
        # Locked as a step locks them, but for the instance, which is not asked for: so neither waits for the other.
        session.refresh(row, with_for_update=True)
        if row.status in DISPUTES_RUNNING:
            dispute_marks.take_in_payments(session, row, day)
        return False

    def still(action: Action) -> None:
        """What came is held until the commit, and is still there."""
        session.refresh(row, with_for_update=True)
        if dispute_marks.take_in_payments(action.session, row, action.today) > 0:
            raise NotWaiting("Something of it is open again.")

    try:
        engine.send(session, row.instance_id, PAID, SYSTEM, "job:settle_disputes", before=still)
    except NotWaiting:
        return False
    return True
