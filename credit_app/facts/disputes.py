"""Disputes: finding one, holding it until the commit, and those of a customer that are not over."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.domain.disputes import DisputePolicy
from credit_app.facts.ledger import hold_item
from credit_app.i18n import _
from credit_app.models import policy_values
from credit_app.models.disputes import DISPUTES_RUNNING, Dispute
from workflows import Action, Conflict, NotFound

KIND = "dispute"
LEAST_WORDS = 5
ZERO = Decimal(0)


def policy_of(session: Session, day: date) -> DisputePolicy:
    """The policy of `day`."""
    return DisputePolicy.from_policy(policy_values(session, day))


def dispute_of(action: Action) -> Dispute:
    """The dispute that a process is about. Raises NotFound."""
    found = action.session.get(Dispute, action.subject_id)
    if found is None:
        raise NotFound(_("There is no such case, or it is not yours to see."))
    return found


def hold(action: Action, status: str) -> Dispute:
    """The dispute with its items, held until the commit. Raises Conflict when it is at another step by now."""
    row = dispute_of(action)
    action.session.refresh(row, with_for_update=True)
    if row.status != status:
        raise Conflict(_("This dispute was dealt with already."))
    for part in sorted(row.items, key=lambda one: one.item_id):
        hold_item(action.session, part.item_id)
    return row


def running_of(session: Session, customer_id: int) -> Iterable[Dispute]:
    """The disputes of a customer that are not over."""
    query = select(Dispute).where(Dispute.customer_id == customer_id, Dispute.status.in_(DISPUTES_RUNNING))
    return session.scalars(query.order_by(Dispute.id)).all()
