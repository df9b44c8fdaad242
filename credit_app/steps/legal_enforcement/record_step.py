"""Record step: what was done to enforce the title and what came of it."""

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
    return _(
        "What came of enforcing the title against %(name)s?", name=legal.legal_case_of(action).customer.name
    )


def choices(_action: Action) -> list[dict[str, Any]]:
    """The ways on."""
    return [
        choice("another", _("Another step follows"), _("You record it in the next step.")),
        choice("insolvency", _("The debtor is insolvent"), _("The claim is filed with the administrator.")),
        choice("recovered", _("Everything is recovered"), _("The case ends.")),
        choice("uncollectable", _("Nothing more is to be had"), _("The case ends; a write-off is proposed.")),
    ]


def complete(action: Action, answer: Step) -> dict[str, Any]:
    """Write it down. Raises InvalidAnswer naming the field, Conflict."""
    return {"outcome": legal_enforcement.record_step(action, answer)}
