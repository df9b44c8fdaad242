"""Decide write-off: the level that authority asks approves, refuses, or sends the proposal back."""

from datetime import datetime
from typing import Any

from credit_app.domain.separation import may_decide
from credit_app.facts import write_off as facts_of
from credit_app.facts.people import plain
from credit_app.forms.write_off import DecisionForm
from credit_app.i18n import _, all_said
from credit_app.models import Person
from credit_app.models.write_off import WRITE_OFF_DECISIONS
from workflows import Action, Assignment, InvalidAnswer, NotAllowed

Form = DecisionForm


def assign(action: Action) -> Assignment:
    """The level's people in the customer's branch, less whoever proposed."""
    found = facts_of.write_off_of(action)
    due = datetime.fromisoformat(str(action.data["due_at"]))
    excluded = tuple(sorted(facts_of.proposers(action.session, found, action)))
    return Assignment(str(action.data["level"]), found.customer.branch_id, due, excluded)


def check(action: Action) -> None:
    """Four eyes, role and branch, for the person and whom they act for. Raises NotAllowed with the reasons."""
    task, found = action.task, facts_of.write_off_of(action)
    person = action.session.get(Person, action.actor.person_id or 0)
    if task is None or person is None:
        raise NotAllowed(_("Sign in to decide."))
    principal = action.session.get(Person, action.actor.on_behalf_of) if action.actor.on_behalf_of else None
    of_decision = facts_of.facts_of_decision(action.session, found, task.role)
    reasons = may_decide(plain(person), of_decision, plain(principal) if principal else None)
    if reasons:
        raise NotAllowed(all_said(reasons))


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    found = facts_of.write_off_of(action)
    return _("Write debts of %(name)s off?", name=found.customer.name)


def facts(action: Action) -> dict[str, Any]:
    """The proposal with what is open now, its evidence, and what was decided before."""
    found = facts_of.write_off_of(action)
    debts = facts_of.debts_of(action.session, found.customer_id, action.today)
    return {"write_off": found, "open_now": {debt.item.id: debt for debt in debts}}


def choices(_action: Action) -> list[dict[str, Any]]:
    """The decisions."""
    return [
        _choice("approve", _("Approve"), _("The debts are written off at once; the claim stays alive.")),
        _choice("refuse", _("Refuse"), _("The debts stay open.")),
        _choice("send_back", _("Send back"), _("The proposer changes or completes it.")),
    ]


def complete(action: Action, answer: tuple[str, str]) -> dict[str, Any]:
    """Record the decision; `answer` is (choice, reason). Raises InvalidAnswer naming the field, Conflict."""
    choice, reason = answer
    if choice not in WRITE_OFF_DECISIONS:
        raise InvalidAnswer("choice", _("Choose what you decide."))
    facts_of.decide(action, choice, reason)
    return {"outcome": choice}


def _choice(value: str, label: str, note: str) -> dict[str, Any]:
    return {"value": value, "label": label, "act": label, "sets": {"outcome": value}, "note": note}
