"""Settle differences: each that the customer named becomes a dispute, a correction, or nothing with a ground."""

from collections.abc import Sequence
from typing import Any

from credit_app.facts import confirmation as facts_of
from credit_app.facts import confirmation_answer
from credit_app.facts.confirmation_answer import Settled
from credit_app.facts.deadlines import due_after
from credit_app.facts.recovery import written_off_of
from credit_app.forms.confirmation import SettlingForm
from credit_app.i18n import _
from credit_app.models import ItemBalance
from workflows import Action, Assignment

Form = SettlingForm


def assign(action: Action) -> Assignment:
    """Whoever keeps the receivables of the customer's branch."""
    due = due_after(action.session, action.now, action.today, "confirmation.remind_after_days")
    return Assignment(facts_of.ROLE, scope=facts_of.confirmation_of(action).customer.branch_id, due_at=due)


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    name = facts_of.confirmation_of(action).customer.name
    return _("What becomes of the differences that %(name)s names?", name=name)


def facts(action: Action) -> dict[str, Any]:
    """The confirmation, and each difference with what is open of its item now, and written off but still claimed."""
    found = facts_of.confirmation_of(action)
    differences = {
        row.id: {
            "row": row,
            "open": action.session.get_one(ItemBalance, row.item_id).open_amount if row.item_id else None,
            "written_off": written_off_of(action.session, row.item_id) if row.item_id else None,
        }
        for row in found.differences
    }
    return {"confirmation": found, "differences": differences}


def complete(action: Action, answer: Sequence[Settled]) -> dict[str, Any]:
    """Settle every difference. Raises InvalidAnswer naming the field, Conflict."""
    confirmation_answer.settle(action, answer)
    return {"outcome": "settled"}
