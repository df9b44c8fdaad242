"""Invoices that came in as disputed: settled for a reason, or taken over by a dispute."""

from datetime import date, datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from credit_app.facts.disputes import LEAST_WORDS
from credit_app.facts.ledger import hold_item
from credit_app.i18n import _
from credit_app.models import ReceivableItem
from credit_app.models.disputes import Dispute, ImportedDisputeEnd
from workflows import Conflict, InvalidAnswer


def is_flagged(session: Session, item: ReceivableItem) -> bool:
    """Whether an invoice came in as disputed and nothing has ended that yet."""
    ended = select(exists().where(ImportedDisputeEnd.item_id == item.id))
    return item.disputed and not session.scalar(ended)


def end_flag(
    session: Session,
    item: ReceivableItem,
    today: date,
    who: int,
    now: datetime,
    *,
    dispute: Dispute | None = None,
    reason: str = "",
) -> ImportedDisputeEnd:
    """The invoice is disputed no longer as it came in: settled for a reason, or taken over by a dispute.

    Raises InvalidAnswer, Conflict.
    """
    hold_item(session, item.id)  # two at once take their turn
    if dispute is None and len(reason.strip()) < LEAST_WORDS:
        raise InvalidAnswer("reason", _("Say in a few words how the dispute was settled."))
    if not is_flagged(session, item):
        raise Conflict(_("This dispute was ended already."))
    row = ImportedDisputeEnd(
        item_id=item.id, ended_on=today, dispute_id=dispute.id if dispute else None, reason=reason.strip()[:500],
        made_by=who, created_at=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row
