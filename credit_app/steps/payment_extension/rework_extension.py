"""Rework extension: whoever asked for a payment extension changes it and asks again, or withdraws it."""

from typing import Any

from credit_app.facts import agreements, extensions
from credit_app.facts.extensions import Terms
from credit_app.forms.promises import ReworkExtensionForm
from credit_app.i18n import _
from workflows import Action, Assignment

Form = ReworkExtensionForm


def assign(action: Action) -> Assignment:
    """Whoever asked."""
    return agreements.to_rework(action, extensions.extension_of(action), extensions.DUE)


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    return _(
        "The payment extension of %(name)s was sent back. Ask again?",
        name=extensions.extension_of(action).customer.name,
    )


def facts(action: Action) -> dict[str, Any]:
    """The extension with what was said about it, and what of it is open by now."""
    row = extensions.extension_of(action)
    return {"extension": row, "left": agreements.still_open(action.session, row)}


def choices(_action: Action) -> list[dict[str, Any]]:
    """The ways on."""
    return [
        _choice("again", _("Ask again"), _("It goes to the level that policy names.")),
        _choice("withdraw", _("Withdraw it"), _("Its items are free again.")),
    ]


def complete(action: Action, answer: tuple[str, Terms]) -> dict[str, Any]:
    """Carry the choice out. Raises InvalidAnswer naming the field, Conflict."""
    extensions.rework(action, *answer)
    return {"rework": answer[0]}


def _choice(value: str, label: str, note: str) -> dict[str, Any]:
    return {"value": value, "label": label, "act": label, "sets": {"rework": value}, "note": note}
