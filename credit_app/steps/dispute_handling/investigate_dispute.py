"""Investigate dispute: the root cause, what was found, and what is proposed: a credit note for all, a part, or none."""

from typing import Any

from credit_app.domain.money import format_amount
from credit_app.facts import dispute_investigation, dispute_marks, disputes
from credit_app.facts.dispute_investigation import Found
from credit_app.forms.disputes import InvestigationForm
from credit_app.i18n import _
from workflows import Action, Assignment

Form = InvestigationForm


def assign(action: Action) -> Assignment:
    """Whoever the reason belongs to in the customer's branch."""
    return dispute_investigation.to_investigate(action)


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    row = disputes.dispute_of(action)
    return _(
        "%(name)s disputes %(amount)s %(currency)s. What is it about?",
        name=row.customer.name,
        amount=format_amount(row.amount or disputes.ZERO),
        currency=row.currency,
    )


def facts(action: Action) -> dict[str, Any]:
    """The dispute, and what of each part is still open."""
    row = disputes.dispute_of(action)
    return {"dispute": row, "left": dispute_marks.left_of(action.session, row, action.today)}


def choices(_action: Action) -> list[dict[str, Any]]:
    """What can be proposed."""
    return [
        _choice("credited", _("Credit all of it"), _("A level of authority decides.")),
        _choice("partly", _("Credit a part"), _("A level of authority decides; the rest counts again.")),
        _choice("rejected", _("Reject it"), _("The customer is told why; all of it counts again.")),
    ]


def complete(action: Action, answer: Found) -> dict[str, Any]:
    """Write down what was found. Raises InvalidAnswer naming the field, Conflict."""
    dispute_investigation.investigate(action, answer)
    return {"proposal": answer.proposal}


def _choice(value: str, label: str, note: str) -> dict[str, Any]:
    return {"value": value, "label": label, "act": label, "sets": {"proposal": value}, "note": note}
