"""Decide credit: the level that policy names approves a credit note for a dispute, refuses it or sends it back."""

from typing import Any

from credit_app.domain.money import format_amount
from credit_app.facts import dispute_decision, dispute_marks, disputes
from credit_app.facts.dispute_decision import Decision
from credit_app.forms.disputes import CreditForm
from credit_app.i18n import _
from workflows import Action, Assignment

Form = CreditForm


def assign(action: Action) -> Assignment:
    """The level that was found, less whoever opened the dispute or proposes the credit note."""
    return dispute_decision.to_decide(action)


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    row = disputes.dispute_of(action)
    return _(
        "Credit %(name)s %(amount)s %(currency)s?",
        name=row.customer.name,
        amount=format_amount(dispute_decision.proposed(row)),
        currency=row.currency,
    )


def facts(action: Action) -> dict[str, Any]:
    """The dispute, what is still open of each part, and what could be credited today."""
    row, session = disputes.dispute_of(action), action.session
    now = dispute_decision.creditable(session, row, action.today)
    return {
        "dispute": row,
        "left": dispute_marks.left_of(session, row, action.today),
        "proposed": dispute_decision.proposed(row),
        "creditable": sum(now.values(), disputes.ZERO),
    }


def choices(_action: Action) -> list[dict[str, Any]]:
    """The ways on."""
    return [
        _choice("approve", _("Approve"), _("The credit note is booked, the customer is told.")),
        _choice("send_back", _("Send back"), _("Whoever proposed it looks again; a reason is owed.")),
        _choice("refuse", _("Refuse"), _("Nothing is credited; the customer reads your reason.")),
    ]


def complete(action: Action, answer: Decision) -> dict[str, Any]:
    """Carry the decision out. Raises InvalidAnswer naming the field, Conflict."""
    dispute_decision.decide(action, answer)
    return {"decision": answer.choice}


def _choice(value: str, label: str, note: str) -> dict[str, Any]:
    return {"value": value, "label": label, "act": label, "sets": {"decision": value}, "note": note}
