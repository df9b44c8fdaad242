"""Propose write-off: which debts, on what ground, shown by which documents; or give it up."""

from typing import Any

from credit_app.facts import write_off as facts_of
from credit_app.facts.deadlines import due_after
from credit_app.facts.write_off import Proposal
from credit_app.forms.write_off import ProposalForm
from credit_app.i18n import _
from workflows import Action, Assignment, InvalidAnswer

Form = ProposalForm


def assign(action: Action) -> Assignment:
    """Whoever began it, or proposed it before; else those who collect in the customer's branch."""
    found = facts_of.write_off_of(action)
    role = str(action.data.get("proposer_role") or facts_of.PROPOSER_ROLES[0])
    claimed = found.proposed_by or found.made_by
    due = due_after(action.session, action.now, action.today, "write_off.due_after_days")
    return Assignment(role, found.customer.branch_id, due, (), claimed)


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    name = facts_of.write_off_of(action).customer.name
    return _("Which debts of %(name)s cannot be collected any more?", name=name)


def facts(action: Action) -> dict[str, Any]:
    """The debts, the documents that can be evidence, what each ground asks for, and why it was sent back."""
    found, session = facts_of.write_off_of(action), action.session
    return {
        "write_off": found,
        "debts": facts_of.debts_of(session, found.customer_id, action.today),
        "documents": facts_of.documents_of(session, found.customer_id),
        "evidence": facts_of.policy_of(session, action.today).evidence,
        "returned": found.decisions[-1] if found.decisions else None,
    }


def choices(_action: Action) -> list[dict[str, Any]]:
    """Propose it, or give it up."""
    return [
        _choice("proposed", _("Propose the write-off"), _("Somebody else decides on it by authority.")),
        _choice("withdrawn", _("Give it up"), _("The debts stay open.")),
    ]


def complete(action: Action, answer: Proposal) -> dict[str, Any]:
    """Keep what is proposed. Raises InvalidAnswer naming the field, Conflict."""
    if answer.choice == "proposed":
        facts_of.propose(action, answer)
    elif answer.choice == "withdrawn":
        facts_of.withdraw(action)
    else:
        raise InvalidAnswer("choice", _("Choose how it goes on."))
    return {"outcome": answer.choice}


def _choice(value: str, label: str, note: str) -> dict[str, Any]:
    return {"value": value, "label": label, "act": label, "sets": {"outcome": value}, "note": note}
