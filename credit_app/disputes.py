"""Starts disputes, and ends those of which everything has been paid."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from credit_app.domain.dates import day_in_zone
from credit_app.facts import dispute_marks, dispute_opening, ledger_items
from credit_app.facts.collection import log_contact
from credit_app.facts.deadlines import days_after
from credit_app.facts.dispute_opening import Claim
from credit_app.facts.disputes import policy_of
from credit_app.i18n import _
from credit_app.models import Customer, ItemMark, the_company
from credit_app.models.disputes import DISPUTES_RUNNING, Dispute
from workflows import SYSTEM, Action, Actor, Engine, NotWaiting, clock

PROCESS = "dispute"
PAID = "dispute_paid"  # the message that the diagram waits for
JOB = "job:settle_disputes"


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


def to_settle(session: Session) -> list[int]:
    """The disputes of which something was paid or taken back since they were looked at."""
    return dispute_marks.changed_by_payments(session) + dispute_marks.bounced(session)


def _go_on(session: Session, engine: Engine, row: Dispute) -> bool:
    """Investigate anew what had ended as paid; who answers has the days of the policy again."""
    today = _today(session)
    if not dispute_marks.reopen(session, row, today):
        return False
    days = policy_of(session, today).answer_days[row.reason]
    row.answer_by = day_in_zone(days_after(session, clock.now(), today, days), the_company(session).time_zone)
    note = _("%(number)s goes on: a payment of it was taken back.", number=row.number)
    log_contact(session, row.customer_id, "email", "noted", note=note)
    _begin(session, engine, row, SYSTEM, JOB)
    return True


def _today(session: Session) -> date:
    return day_in_zone(clock.now(), the_company(session).time_zone)


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
    """Take what was paid out of a dispute, and end it when nothing of it is open; have one that had ended as paid go on
    when that payment was taken back. The caller commits.

    True when it has ended, or goes on.
    """
    row = session.get_one(Dispute, dispute_id)
    if row.status == "paid":
        return _go_on(session, engine, row)
    if row.status not in DISPUTES_RUNNING or row.instance_id is None:
        return False
    day = _today(session)
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
        engine.send(session, row.instance_id, PAID, SYSTEM, JOB, before=still)
    except NotWaiting:
        return False
    return True
