"""What could not be moved after many tries, tried again because a person asks for it; the caller commits."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.facts.collection import open_case
from credit_app.facts.customer_access import log_access
from credit_app.i18n import _
from credit_app.models import CollectionSignal, Customer
from workflows import Actor, Conflict, Engine, clock

SOURCE = "screen:collection.runs"
KIND = "move_retried"


def try_again(session: Session, engine: Engine, customer: Customer, person_id: int) -> int:
    """Release what rests of a customer's account, so that the worker takes it at once; returns how many signals.

    It stands in the history of the open case, and in the access log of the file where there is none yet. Raises
    Conflict when nothing rests any more.
    """
    query = select(CollectionSignal).where(CollectionSignal.customer_id == customer.id, CollectionSignal.held)
    rows = session.scalars(query.order_by(CollectionSignal.id).with_for_update()).all()
    if not rows:
        raise Conflict(_("Nothing of this customer rests any more; the worker has taken it up."))
    facts = {"error": rows[-1].last_error, "attempts": rows[-1].attempts}
    for row in rows:
        row.held, row.held_at, row.due_at, row.attempts = False, None, None, 0
    case = open_case(session, customer.id)
    if case is not None and case.instance_id is not None:
        engine.remark(session, case.instance_id, Actor(person_id), SOURCE, KIND, facts)
    else:
        details = {KIND: [facts["error"], None]}
        log_access(session, customer.id, person_id, "change", "account", clock.now(), details=details)
    session.flush()
    return len(rows)
