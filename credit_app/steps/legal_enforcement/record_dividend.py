"""Record dividend: what the insolvency paid, and whether anything more is to be had."""

from typing import Any

from credit_app.facts import legal, legal_enforcement, legal_page
from credit_app.facts.legal_enforcement import Step
from credit_app.facts.legal_page import choice
from credit_app.forms.legal import StepForm
from credit_app.i18n import _
from workflows import Action

Form = StepForm
assign = legal.to_counsel
facts = legal_page.facts


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    return _("What did the insolvency of %(name)s pay?", name=legal.legal_case_of(action).customer.name)


def choices(_action: Action) -> list[dict[str, Any]]:
    """The ways on."""
    return [
        choice("recovered", _("Everything is recovered"), _("The case ends.")),
        choice("uncollectable", _("Nothing more is to be had"), _("The case ends; a write-off is proposed.")),
    ]


def complete(action: Action, answer: Step) -> dict[str, Any]:
    """Write it down. Raises InvalidAnswer naming the field, Conflict."""
    return {"outcome": legal_enforcement.record_dividend(action, answer)}
