"""How a dispute ends: credited, rejected or paid; its marks end, the customer is told."""

from typing import Any

from credit_app.facts import ledger_items
from credit_app.facts.collection import log_contact
from credit_app.facts.dispute_decision import creditable, proposed
from credit_app.facts.dispute_marks import left_of
from credit_app.facts.disputes import KIND, ZERO, dispute_of
from credit_app.facts.ledger import OWN_SOURCE
from credit_app.facts.reachable import addressees
from credit_app.i18n import _
from credit_app.models import ItemMark
from credit_app.models.disputes import Dispute
from workflows import Action


def book(action: Action) -> dict[str, Any]:
    """Credit the items, end the marks, tell the customer; says whether all of it was credited (`result`)."""
    row, session = dispute_of(action), action.session
    left, now = left_of(session, row, action.today), creditable(session, row, action.today)
    for part in row.items:
        part.credit = now.get(part.id, ZERO)
        if part.credit and part.adjustment_id is None:
            entry = ledger_items.adjust_item(
                session, part.item, -part.credit, action.today, "price" if row.reason == "amount" else "other",
                _("Credit note for the dispute %(number)s", number=row.number), action.today,
                source=OWN_SOURCE, external_id=f"dispute:{row.id}:{part.id}", made_by=action.actor.person_id,
            )  # fmt: skip
            part.adjustment_id = entry.id
    row.credited = proposed(row)
    result = "credited" if row.credited == sum(left.values(), ZERO) else "partly"
    _end(action, row, result)
    _tell(action, row, "dispute_credited")
    return {"result": result}


def reject(action: Action) -> dict[str, Any]:
    """End the marks, so that the parts count again, and tell the customer why (`result`)."""
    row = dispute_of(action)
    for part in row.items:
        part.credit = ZERO
    _end(action, row, "rejected")
    _tell(action, row, "dispute_rejected")
    return {"result": "rejected"}


def close_paid(action: Action) -> None:
    """Nothing of it is open any more."""
    row = dispute_of(action)
    for part in row.items:
        part.credit = ZERO
    _end(action, row, "paid")


def _end(action: Action, row: Dispute, status: str) -> None:
    for part in row.items:
        if part.live and part.mark_id is not None:
            mark = action.session.get_one(ItemMark, part.mark_id)
            ledger_items.end_mark(
                action.session, mark, action.today, row.number, action.today, action.actor.person_id
            )
        part.live = False
    row.status, row.closed_on = status, action.today
    action.session.flush()


def _tell(action: Action, row: Dispute, template: str) -> None:
    """Write to the customer's contact, and note on its log that it was told."""
    contact = next(iter(addressees(action.session, row.customer_id)), None)
    if contact is None:
        action.note("no_address", customer_id=row.customer_id)
        return
    (key,) = action.mail_to([f"contact:{contact.id}"], template, case_kind=KIND, case_id=row.id)
    log_contact(
        action.session, row.customer_id, "email", "sent", reached=contact.name, note=row.number,
        made_by=action.actor.person_id, outbox_key=key,
    )  # fmt: skip
