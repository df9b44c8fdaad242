"""Collection cases in the hands of people: taken, given to another collector, paused by hand and taken up again.

Each is on record in the history of the case. Whether somebody may do it is the screen's to check; the caller commits.
"""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.collecting import LEAST_GROUND, today_of
from credit_app.domain.policy_values import whole_of
from credit_app.facts.collection import ROLE, signal
from credit_app.facts.people import ids_with
from credit_app.i18n import _
from credit_app.models import CollectionCase, Customer, Person, policy_values
from workflows import Actor, Conflict, Engine, InvalidAnswer, inbox

SOURCE = "screen:collection"


def take(session: Session, engine: Engine, case: CollectionCase, by: Person) -> None:
    """Take a case that nobody has. Raises Conflict naming who has it."""
    _hold(session, case)
    if case.collector_id is not None:
        raise Conflict(told_who_has(session, case))
    _check_collects(session, case, by)
    _hand_tasks(session, engine, case, by, by.id)
    _remark(session, engine, case, by.id, "case_taken", {})
    case.collector_id = by.id
    session.flush()


def reassign(
    session: Session, engine: Engine, case: CollectionCase, to: Person, reason: str, by_id: int
) -> None:
    """Give a case to another collector, with its open task. Raises InvalidAnswer, Conflict."""
    if len(reason.strip()) < LEAST_GROUND:
        raise InvalidAnswer("reason", _("Say in a few words why the case goes to somebody else."))
    _hold(session, case)
    if case.collector_id == to.id:
        text = _("%(name)s has the case of %(customer)s already; take it out of your choice.",
                 name=to.name, customer=case.customer.name)  # fmt: skip
        raise Conflict(text)
    _check_collects(session, case, to)
    before = session.get(Person, case.collector_id) if case.collector_id is not None else None
    _hand_tasks(session, engine, case, to, by_id)
    facts = {"collector": [before.name if before else None, to.name], "reason": reason.strip()}
    _remark(session, engine, case, by_id, "handed_over", facts)
    case.collector_id = to.id
    session.flush()


def pause(
    session: Session, engine: Engine, case: CollectionCase, until: date | None, ground: str, by_id: int
) -> None:
    """Pause a case until a day; the worker takes it off its stage. Raises InvalidAnswer, Conflict."""
    today = today_of(session)
    most = whole_of(policy_values(session, today), "worklist.longest_pause_days")
    if until is None or not 0 < (until - today).days <= most:
        raise InvalidAnswer("until", _("Give a day from tomorrow up to %(days)s days ahead.", days=most))
    if len(ground.strip()) < LEAST_GROUND:
        raise InvalidAnswer("ground", _("Say in a few words why the case is paused."))
    _hold(session, case)
    facts = {"until": until.isoformat(), "reason": ground.strip()}
    _remark(session, engine, case, by_id, "case_paused", facts)
    case.paused_until, case.pause_ground = until, ground.strip()
    signal(session, case.customer_id, "by_hand")


def end_pause(session: Session, engine: Engine, case: CollectionCase, by_id: int) -> None:
    """End a pause by hand; the worker brings the case to its stage. Raises Conflict."""
    _hold(session, case)
    if case.paused_until is None:
        raise Conflict(_("This case is not paused by hand."))
    _remark(session, engine, case, by_id, "pause_ended", {})
    case.paused_until, case.pause_ground = None, ""
    signal(session, case.customer_id, "by_hand")


def told_who_has(session: Session, case: CollectionCase) -> str:
    """Who works a case, in one sentence."""
    holder = session.get(Person, case.collector_id) if case.collector_id is not None else None
    return _("%(name)s has this case.", name=holder.name if holder else _("nobody"))


# --- inside -------------------------------------------------------------------------------------------------------


def _hold(session: Session, case: CollectionCase) -> None:
    """Hold the customer, so that nobody else opens, moves, ends or hands on the case, and see how it stands now.

    The case itself is not locked yet: whoever completes its task holds its process first, as does what follows here.
    """
    held = select(Customer.id).where(Customer.id == case.customer_id)
    session.execute(held.with_for_update(key_share=True))
    session.refresh(case)
    if case.status != "open":
        raise Conflict(_("This case has ended; nothing of it is collected any more."))
    if case.instance_id is None:
        raise Conflict(_("The process of this case has not begun yet; try again in a moment."))


def _check_collects(session: Session, case: CollectionCase, person: Person) -> None:
    if person.id not in ids_with(session, ROLE, case.customer.branch_id):
        text = _("%(name)s does not collect in the branch of this customer.", name=person.name)
        raise InvalidAnswer("collector_id", text)


def _hand_tasks(session: Session, engine: Engine, case: CollectionCase, to: Person, by_id: int) -> None:
    """The collector's open tasks that nobody, or the collector so far, has claimed."""
    for task in inbox.of_instance(session, case.instance_id or 0):
        if task.role == ROLE and task.claimed_by in (None, case.collector_id):
            engine.hand_over(session, task.id, to.id, Actor(by_id), SOURCE)


def _remark(
    session: Session, engine: Engine, case: CollectionCase, by_id: int, kind: str, facts: Mapping[str, object]
) -> None:
    engine.remark(session, case.instance_id or 0, Actor(by_id), SOURCE, kind, facts)
