"""Assess case: counsel says what is claimed, with which evidence and prospects, and whether it is worth it."""

from typing import Any

from credit_app.facts import legal, legal_page, legal_preparation
from credit_app.facts.legal_page import choice
from credit_app.facts.legal_preparation import Assessment
from credit_app.forms.legal import AssessForm
from credit_app.i18n import _
from workflows import Action

Form = AssessForm
assign = legal.to_counsel
facts = legal_page.assessing


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    return _("Should the debts of %(name)s be taken to law?", name=legal.legal_case_of(action).customer.name)


def choices(_action: Action) -> list[dict[str, Any]]:
    """The ways on."""
    return [
        choice("proposed", _("Propose legal action"), _("Somebody with the authority decides.")),
        choice("dropped", _("Drop it"), _("The case ends; say why.")),
    ]


def complete(action: Action, answer: Assessment) -> dict[str, Any]:
    """Write the assessment down. Raises InvalidAnswer naming the field, Conflict."""
    return {"outcome": legal_preparation.assess(action, answer)}
