"""Send lawyer's letter: counsel has read the file and sends the letter over all due items."""

from typing import Any

from credit_app.facts import collection as facts_of
from credit_app.facts.call_sheet import call_sheet
from credit_app.facts.deadlines import due_after
from credit_app.facts.dunning import demand
from credit_app.forms.collection import LawyersLetterForm
from credit_app.i18n import _
from workflows import Action, Assignment

Form = LawyersLetterForm
ROLE = "counsel"


def assign(action: Action) -> Assignment:
    """Counsel of the customer's branch."""
    due = due_after(action.session, action.now, action.today, "collection.due_after_days")
    return Assignment(ROLE, scope=facts_of.case_of(action).customer.branch_id, due_at=due)


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    return _("Send %(name)s the lawyer's letter.", name=facts_of.case_of(action).customer.name)


def facts(action: Action) -> dict[str, Any]:
    """The case with its file."""
    case = facts_of.case_of(action)
    return {"case": case, "sheet": call_sheet(action.session, case, action.today)}


def complete(action: Action, answer: str) -> dict[str, Any]:
    """Send the letter, and keep counsel's note."""
    case = facts_of.case_of(action)
    demand(action, case, "lawyer_letter")
    if answer:
        facts_of.log_contact(
            action.session, case.customer_id, "letter", "noted", note=answer, made_by=action.actor.person_id
        )
    return {"outcome": "sent"}
