"""Choose counsel: who acts, by which way, and whether assets are preserved first."""

from typing import Any

from credit_app.facts import legal, legal_page, legal_preparation
from credit_app.facts.legal_preparation import Arrangement
from credit_app.forms.legal import ArrangeForm
from credit_app.i18n import _
from workflows import Action

Form = ArrangeForm
assign = legal.to_counsel
facts = legal_page.facts


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    return _("Who acts against %(name)s, and how?", name=legal.legal_case_of(action).customer.name)


def complete(action: Action, answer: Arrangement) -> dict[str, Any]:
    """Write it down. Raises InvalidAnswer naming the field, Conflict."""
    return {"preserve": legal_preparation.arrange(action, answer), "outcome": "go"}
