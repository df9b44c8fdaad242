"""Decide release: deliver again, or keep the hold."""

from typing import Any

from credit_app.facts import holds as facts_of
from credit_app.facts.collection import open_case
from credit_app.facts.deadlines import due_after
from credit_app.forms.holds import ReleaseDecisionForm
from credit_app.i18n import _
from workflows import Action, Assignment, InvalidAnswer

Form = ReleaseDecisionForm
ROLE = "credit_manager"


def assign(action: Action) -> Assignment:
    """A credit manager of the customer's branch: not whoever asks for it, nor whoever proposed the hold unless policy
    lets them."""
    hold = facts_of.hold_of(action)
    due = due_after(action.session, action.now, action.today, "collection.due_after_days")
    parties = {action.actor.person_id, action.actor.on_behalf_of}
    if not facts_of.policy_of(action.session, action.today).proposer_releases:
        parties.add(hold.made_by)
    excluded = tuple(sorted(one for one in parties if one is not None))
    return Assignment(ROLE, scope=hold.customer.branch_id, due_at=due, excluded=excluded)


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    return _("Deliver to %(name)s again?", name=facts_of.hold_of(action).customer.name)


def facts(action: Action) -> dict[str, Any]:
    """The hold, why it is to end, and the case that is still open."""
    hold = facts_of.hold_of(action)
    asked = next((step for step in reversed(hold.steps) if step.kind == "release_asked"), None)
    return {"hold": hold, "asked": asked, "case": open_case(action.session, hold.customer_id)}


def choices(_action: Action) -> list[dict[str, Any]]:
    """Release, or keep."""
    return [
        {
            "value": "release", "label": _("Deliver again"), "act": _("Deliver again"), "sets": {"outcome": "release"},
            "note": _("The hold ends at once; sales is told."),
        },
        {
            "value": "keep", "label": _("Keep the hold"), "act": _("Keep the hold"), "sets": {"outcome": "keep"},
            "note": _("A reason is owed."),
        },
    ]  # fmt: skip


def complete(action: Action, answer: tuple[str, str]) -> dict[str, Any]:
    """Write the decision down; `answer` is (choice, reason). Raises InvalidAnswer naming the field, Conflict."""
    choice, reason = answer
    if choice not in ("release", "keep"):
        raise InvalidAnswer("choice", _("Choose what you decide."))
    if choice == "keep" and len(reason) < facts_of.LEAST_WORDS:
        raise InvalidAnswer("reason", _("Say in a few words why."))
    hold, who = facts_of.locked(action, "releasing"), action.actor.person_id
    if choice == "keep":
        hold.status = "active"
        facts_of.note_step(action.session, hold, "kept", action.today, reason, who)
    else:
        hold.status, hold.held_until = "released", action.today
        facts_of.note_step(action.session, hold, "released", action.today, reason, who)
    return {"outcome": choice}
