"""Decide action: a credit manager or the finance director approves, refuses or sends back."""

from typing import Any

from credit_app.facts import legal, legal_page, legal_preparation
from credit_app.facts.legal_page import choice
from credit_app.forms.legal import DecideForm
from credit_app.i18n import _
from workflows import Action

Form = DecideForm
assign = legal_preparation.to_approver
facts = legal_page.assessing


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    return _("Approve legal action against %(name)s?", name=legal.legal_case_of(action).customer.name)


def choices(_action: Action) -> list[dict[str, Any]]:
    """The ways on."""
    return [
        choice("approved", _("Approve"), _("The evidence is gathered and counsel chosen.")),
        choice("sent_back", _("Send back"), _("Counsel assesses it again.")),
        choice("refused", _("Refuse"), _("The case ends.")),
    ]


def complete(action: Action, answer: tuple[str, str]) -> dict[str, Any]:
    """Decide; `answer` is (choice, reason). Raises InvalidAnswer naming the field, Conflict."""
    return {"outcome": legal_preparation.decide(action, *answer)}


check = legal_preparation.check_decider
