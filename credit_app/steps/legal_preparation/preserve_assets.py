"""Preserve assets: what the court said to the application."""

from typing import Any

from credit_app.facts import legal, legal_page, legal_preparation
from credit_app.facts.legal_page import choice
from credit_app.facts.legal_preparation import Preservation
from credit_app.forms.legal import PreserveForm
from credit_app.i18n import _
from workflows import Action

Form = PreserveForm
assign = legal.to_counsel
facts = legal_page.facts


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    return _(
        "What did the court say to preserving assets of %(name)s?",
        name=legal.legal_case_of(action).customer.name,
    )


def choices(_action: Action) -> list[dict[str, Any]]:
    """The ways on."""
    return [
        choice("granted", _("Preservation granted"), _("It lapses unless the claim is filed in time.")),
        choice("refused", _("Refused"), _("The claim is filed without it.")),
    ]


def complete(action: Action, answer: Preservation) -> dict[str, Any]:
    """Write it down. Raises InvalidAnswer naming the field, Conflict."""
    legal_preparation.preserve(action, answer)
    return {"outcome": "go"}
