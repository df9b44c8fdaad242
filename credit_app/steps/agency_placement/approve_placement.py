"""Approve placement: the authority for the amount, who did not choose, decides."""

from typing import Any

from credit_app.facts import agencies as facts_of
from credit_app.facts.deadlines import due_after
from credit_app.forms.agencies import PlacementApprovalForm
from credit_app.i18n import _
from workflows import Action, Assignment, InvalidAnswer

Form = PlacementApprovalForm


def assign(action: Action) -> Assignment:
    """The role whose authority covers the amount, in the customer's branch; neither whoever asked nor whoever chose."""
    placement = facts_of.placement_of(action)
    due = due_after(action.session, action.now, action.today, "collection.due_after_days")
    parties = (placement.made_by, placement.chosen_by, action.actor.person_id, action.actor.on_behalf_of)
    excluded = tuple(sorted({one for one in parties if one is not None}))
    role = placement.level or "finance_director"
    return Assignment(role, scope=placement.customer.branch_id, due_at=due, excluded=excluded)


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    placement = facts_of.placement_of(action)
    agency = placement.agency.name if placement.agency is not None else ""
    return _("Place the debts of %(name)s with %(agency)s?", name=placement.customer.name, agency=agency)


def facts(action: Action) -> dict[str, Any]:
    """The placement with its debts, the fee estimate, and what is open of each debt now."""
    placement = facts_of.placement_of(action)
    return {"placement": placement, "now_open": facts_of.open_by_item(action.session, placement)}


def choices(_action: Action) -> list[dict[str, Any]]:
    """Approve, refuse, or ask again."""
    words = {
        "approve": (_("Approve"), _("The documents are handed over.")),
        "refuse": (_("Refuse"), _("Nothing is placed; a reason is owed.")),
        "send_back": (_("Send back"), _("Agency and debts are chosen again; a reason is owed.")),
    }
    return [
        {"value": one, "label": label, "act": label, "sets": {"outcome": one}, "note": note}
        for one, (label, note) in words.items()
    ]


def complete(action: Action, answer: tuple[str, str]) -> dict[str, Any]:
    """Write the decision down; `answer` is (choice, reason). Raises InvalidAnswer naming the field, Conflict."""
    choice, reason = answer
    if choice not in ("approve", "refuse", "send_back"):
        raise InvalidAnswer("choice", _("Choose what you decide."))
    if choice != "approve" and len(reason) < facts_of.LEAST_WORDS:
        raise InvalidAnswer("reason", _("Say in a few words why."))
    placement = facts_of.locked(action, "approving")
    if choice == "approve":
        facts_of.take_payments_off(action.session, placement)
    placement.status = {"approve": "handing", "refuse": "refused", "send_back": "choosing"}[choice]
    placement.decided_by, placement.decided_on = action.actor.person_id, action.today
    placement.note = reason
    return {"outcome": choice}
