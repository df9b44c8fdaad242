"""Choose agency: which agency works on which debts, with an estimate of its fee."""

from typing import Any

from credit_app.facts import agencies as facts_of
from credit_app.facts.collection import ROLE
from credit_app.facts.deadlines import due_after
from credit_app.forms.agencies import ChoiceForm, Chosen
from credit_app.i18n import _
from workflows import Action, Assignment, InvalidAnswer

Form = ChoiceForm


def assign(action: Action) -> Assignment:
    """Whoever collects in the customer's branch."""
    due = due_after(action.session, action.now, action.today, "collection.due_after_days")
    return Assignment(ROLE, scope=facts_of.placement_of(action).customer.branch_id, due_at=due)


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    return _("Which agency collects from %(name)s?", name=facts_of.placement_of(action).customer.name)


def facts(action: Action) -> dict[str, Any]:
    """The agencies for the customer's country, its overdue debts, and what each agency would ask for them."""
    placement = facts_of.placement_of(action)
    agencies = facts_of.agencies_for(action.session, placement.customer.country, action.today)
    items = facts_of.overdue_of(action.session, placement.customer_id, action.today)
    sent_back = placement.note if placement.decided_by is not None else ""
    return {
        "placement": placement,
        "agencies": agencies,
        "items": items,
        "offers": facts_of.offers(agencies, items),
        "sent_back": sent_back,
    }


def choices(_action: Action) -> list[dict[str, Any]]:
    """Place, or let it be."""
    return [
        {
            "value": "place", "label": _("Place the debts"), "act": _("Ask for approval"), "sets": {"outcome": "place"},
            "note": _("The authority for the amount decides."),
        },
        {
            "value": "withdraw", "label": _("No agency"), "act": _("No agency"), "sets": {"outcome": "withdraw"},
            "note": _("A reason is owed."),
        },
    ]  # fmt: skip


def complete(action: Action, answer: Chosen) -> dict[str, Any]:
    """Write the choice down. Raises InvalidAnswer naming the field, Conflict."""
    if answer.choice not in ("place", "withdraw"):
        raise InvalidAnswer("choice", _("Choose how it goes on."))
    placement = facts_of.locked(action, "choosing")
    if answer.choice == "withdraw":
        if len(answer.reason) < facts_of.LEAST_WORDS:
            raise InvalidAnswer("reason", _("Say in a few words why."))
        placement.status, placement.note = "withdrawn", answer.reason
        return {"outcome": "withdraw"}
    facts_of.choose(action, placement, answer.agency_id, answer.item_ids)
    placement.status, placement.chosen_by = "approving", action.actor.person_id
    return {"outcome": "place"}
