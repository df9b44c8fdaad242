"""A hold of a customer under way: the row behind the case, who took part, its steps, and the notice."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.domain.holds import HoldPolicy
from credit_app.facts.people import ids_with
from credit_app.facts.reachable import addressees
from credit_app.i18n import _
from credit_app.models import Contact, policy_values
from credit_app.models.holds import RUNNING_HOLDS, CustomerHold, HoldStep
from workflows import Action, Conflict, NotFound, clock

LEAST_WORDS = 5


def hold_of(action: Action) -> CustomerHold:
    """The hold that a process is about. Raises NotFound."""
    found = action.session.get(CustomerHold, action.subject_id)
    if found is None:
        raise NotFound(_("There is no such hold, or it is not yours to see."))
    return found


def locked(action: Action, *statuses: str) -> CustomerHold:
    """The hold, held until the commit. Raises Conflict when it is in none of these statuses any more."""
    found = hold_of(action)
    action.session.refresh(found, with_for_update=True)
    if found.status not in statuses:
        raise Conflict(_("This hold was dealt with already."))
    return found


def running_of(session: Session, customer_id: int) -> CustomerHold | None:
    """The hold of a customer that is proposed, announced or active."""
    query = select(CustomerHold).where(
        CustomerHold.customer_id == customer_id, CustomerHold.status.in_(RUNNING_HOLDS)
    )
    return session.scalar(query)


def policy_of(session: Session, day: date) -> HoldPolicy:
    """The policy of `day`."""
    return HoldPolicy.from_policy(policy_values(session, day))


def note_step(
    session: Session, hold: CustomerHold, kind: str, on: date, note: str = "", made_by: int | None = None
) -> None:
    """Add what happened to the hold's steps; `kind` is one of HOLD_STEPS."""
    session.add(
        HoldStep(hold_id=hold.id, kind=kind, done_on=on, note=note, made_by=made_by, created_at=clock.now())
    )
    session.flush()


def addressee_of(session: Session, hold: CustomerHold) -> Contact | None:
    """The customer's contact with an e-mail address that the notice goes to; None: it is printed and sent."""
    return next(iter(addressees(session, hold.customer_id)), None)


def sales_of(session: Session, hold: CustomerHold) -> list[int]:
    """The ids of the sales rep and of the sales managers of the customer's branch."""
    rep = [hold.customer.sales_rep_id] if hold.customer.sales_rep_id is not None else []
    return [*rep, *ids_with(session, "sales_manager", hold.customer.branch_id)]
