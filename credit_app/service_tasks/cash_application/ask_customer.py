"""Ask customer: what a payment is for, by mail to the customer's contact; the answer is waited for."""

from typing import Any

from credit_app.facts.cash import entry_of
from credit_app.facts.deadlines import due_after
from credit_app.facts.reachable import addressees
from workflows import Action


def run(action: Action) -> dict[str, Any]:
    """Queue the mail; set `answer_due_at`."""
    entry = entry_of(action)
    contact = addressees(action.session, entry.asked_customer_id or 0)[0]
    asker = action.actor.person_id
    action.mail_to([f"contact:{contact.id}"], "payment_question", entry_id=entry.id, asked_by=asker)
    due = due_after(action.session, action.now, action.today, "matching.answer_days")
    return {"answer_due_at": due.isoformat()}
