"""Assess harm: what a stop of deliveries would do to property, life and contracts, and what could be done instead."""

from typing import Any

from credit_app.facts import holds as facts_of
from credit_app.facts.collection import ROLE
from credit_app.facts.deadlines import due_after
from credit_app.forms.holds import Assessed, HarmForm
from credit_app.holds import check_scope
from credit_app.i18n import _
from workflows import Action, Assignment, InvalidAnswer

Form = HarmForm


def assign(action: Action) -> Assignment:
    """Whoever collects in the customer's branch."""
    due = due_after(action.session, action.now, action.today, "collection.due_after_days")
    return Assignment(ROLE, scope=facts_of.hold_of(action).customer.branch_id, due_at=due)


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    name = facts_of.hold_of(action).customer.name
    return _("What would a stop of deliveries do to %(name)s?", name=name)


def facts(action: Action) -> dict[str, Any]:
    """The hold as proposed, and why it was sent back."""
    hold = facts_of.hold_of(action)
    last = hold.steps[-1] if hold.steps else None
    return {"hold": hold, "sent_back": last if last is not None and last.kind == "sent_back" else None}


def choices(_action: Action) -> list[dict[str, Any]]:
    """Ask for approval, or let it be."""
    return [
        {
            "value": "stop", "label": _("Stop deliveries"), "act": _("Ask for approval"), "sets": {"outcome": "stop"},
            "note": _("A credit manager decides."),
        },
        {
            "value": "withdraw", "label": _("Do not stop"), "act": _("Withdraw the proposal"),
            "sets": {"outcome": "withdraw"}, "note": _("A reason is owed, such as what is done instead."),
        },
    ]  # fmt: skip


def complete(action: Action, answer: Assessed) -> dict[str, Any]:
    """Write the assessment down. Raises InvalidAnswer naming the field, Conflict."""
    if answer.choice not in ("stop", "withdraw"):
        raise InvalidAnswer("choice", _("Choose how it goes on."))
    hold, who = facts_of.locked(action, "proposed"), action.actor.person_id
    if answer.choice == "withdraw":
        if len(answer.reason) < facts_of.LEAST_WORDS:
            raise InvalidAnswer("reason", _("Say in a few words why deliveries go on."))
        hold.status = "withdrawn"
        facts_of.note_step(action.session, hold, "withdrawn", action.today, answer.reason, who)
        return {"outcome": "withdraw"}
    check_scope(answer.scope, answer.from_amount)
    for field in ("harm_note", "sales_view", "alternative"):
        if len(getattr(answer, field)) < facts_of.LEAST_WORDS:
            raise InvalidAnswer(field, _("Say it in a few words; whoever approves decides by it."))
    hold.scope = answer.scope
    hold.from_amount = answer.from_amount if answer.scope == "above" else None
    hold.harm_life, hold.harm_property = answer.harm_life, answer.harm_property
    hold.harm_contract, hold.harm_note = answer.harm_contract, answer.harm_note
    hold.sales_view, hold.alternative = answer.sales_view, answer.alternative
    hold.assessed_by, hold.status = who, "assessed"
    facts_of.note_step(action.session, hold, "assessed", action.today, answer.harm_note, who)
    return {"outcome": "stop"}
