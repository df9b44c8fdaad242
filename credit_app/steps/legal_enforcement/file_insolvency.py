"""File in insolvency: the claim, its administrator, and when claims are examined."""

from typing import Any

from credit_app.facts import legal, legal_enforcement, legal_page
from credit_app.facts.legal_enforcement import Insolvency
from credit_app.forms.legal import InsolvencyForm
from credit_app.i18n import _
from workflows import Action

Form = InsolvencyForm
assign = legal.to_counsel
facts = legal_page.facts


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    return _("What was filed in the insolvency of %(name)s?", name=legal.legal_case_of(action).customer.name)


def complete(action: Action, answer: Insolvency) -> dict[str, Any]:
    """Write it down. Raises InvalidAnswer naming the field, Conflict."""
    legal_enforcement.file_insolvency(action, answer)
    return {"outcome": "insolvency"}
