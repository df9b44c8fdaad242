"""Take back debts: what came back from the agency, and whether legal action or a write-off follows."""

from datetime import date
from decimal import Decimal
from typing import Any

from credit_app.domain.agencies import NEXT_STEPS
from credit_app.facts import agencies as facts_of
from credit_app.facts.collection import ROLE
from credit_app.facts.deadlines import close_of
from credit_app.forms.agencies import BackForm
from credit_app.i18n import _, written_day
from workflows import Action, Assignment, InvalidAnswer

Form = BackForm


def assign(action: Action) -> Assignment:
    """Whoever collects in the customer's branch; due when the recall takes effect."""
    placement = facts_of.placement_of(action)
    due = close_of(action.session, placement.recall_on or action.today, action.today)
    return Assignment(ROLE, scope=placement.customer.branch_id, due_at=due)


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    return _("What follows for the debts of %(name)s?", name=facts_of.placement_of(action).customer.name)


def facts(action: Action) -> dict[str, Any]:
    """The placement, what is open of each of its debts now, and of all together."""
    placement = facts_of.placement_of(action)
    now_open = facts_of.open_by_item(action.session, placement)
    return {"placement": placement, "now_open": now_open, "open": sum(now_open.values(), Decimal(0))}


def choices(_action: Action) -> list[dict[str, Any]]:
    """What can follow."""
    words = {
        "legal_action": (_("Legal action"), _("It begins, with an approval of its own.")),
        "write_off": (_("Write-off"), _("It begins, with an approval of its own.")),
        "none": (_("Nothing"), _("The case goes on by its stages.")),
    }
    return [
        {
            "value": one, "label": words[one][0], "act": _("End the placement"), "sets": {"outcome": one},
            "note": words[one][1],
        }
        for one in NEXT_STEPS
    ]  # fmt: skip


def complete(action: Action, answer: tuple[str, date | None, str]) -> dict[str, Any]:
    """End the placement; `answer` is (choice, day, note). Raises InvalidAnswer naming the field, Conflict."""
    choice, back_on, note = answer
    if choice not in NEXT_STEPS:
        raise InvalidAnswer("choice", _("Choose what follows."))
    if len(note) < facts_of.LEAST_WORDS:
        raise InvalidAnswer("note", _("Write down what came back: it is read by whoever acts next."))
    placement = facts_of.locked(action, "returning")
    first = placement.recall_on or placement.handed_on or action.today
    if back_on is None or not first <= back_on <= action.today:
        raise InvalidAnswer(
            "back_on",
            _("Give a day from %(first)s, when the notice is over, to today.", first=written_day(first)),
        )
    placement.back_on, placement.next_step, placement.status = back_on, choice, "back"
    placement.note = note
    return {"outcome": choice}
