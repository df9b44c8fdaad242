"""Decide extension: the level that policy names approves a payment extension, refuses it or sends it back."""

from decimal import Decimal
from typing import Any

from credit_app.domain.money import format_amount
from credit_app.facts import agreements, extensions, promised, promises
from credit_app.facts.agreements import Decision
from credit_app.forms.promises import DecisionForm
from credit_app.i18n import _, written_day
from workflows import Action, Assignment

Form = DecisionForm


def assign(action: Action) -> Assignment:
    """The level that was found, less whoever asked."""
    return agreements.to_decide(action, extensions.extension_of(action), extensions.DUE)


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    row = extensions.extension_of(action)
    return _(
        "Approve that %(name)s pays %(amount)s %(currency)s on %(day)s only?",
        name=row.customer.name,
        amount=format_amount(row.amount or Decimal(0)),
        currency=row.currency,
        day=written_day(row.new_on),
    )


def facts(action: Action) -> dict[str, Any]:
    """The extension, what of it is open by now, and how the customer kept what it promised."""
    session, row = action.session, extensions.extension_of(action)
    return {
        "extension": row,
        "left": agreements.still_open(session, row),
        "came": promised.came_by_item(session, row.items),
        "record": promises.record_of_customer(session, row.customer_id, action.today),
        "overdue": promised.overdue_of(session, row.customer_id, row.currency or "", action.today),
    }


def choices(_action: Action) -> list[dict[str, Any]]:
    """The ways on."""
    return [
        _choice("approve", _("Approve"), _("Collection pauses until then, the customer is told.")),
        _choice("send_back", _("Send back"), _("Whoever asked changes it; a reason is owed.")),
        _choice("refuse", _("Refuse"), _("Whoever asked is told; a reason is owed.")),
    ]


def complete(action: Action, answer: Decision) -> dict[str, Any]:
    """Carry the decision out. Raises InvalidAnswer naming the field, Conflict."""
    extensions.decide(action, answer)
    return {"decision": answer.choice}


def _choice(value: str, label: str, note: str) -> dict[str, Any]:
    return {"value": value, "label": label, "act": label, "sets": {"decision": value}, "note": note}
