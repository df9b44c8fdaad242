"""Apply to enforce: where and when enforcement was applied for."""

from typing import Any

from credit_app.facts import legal, legal_enforcement, legal_page
from credit_app.facts.legal_enforcement import Applied
from credit_app.forms.legal import ApplyForm
from credit_app.i18n import _
from workflows import Action

Form = ApplyForm
assign = legal.to_counsel
facts = legal_page.facts


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    return _(
        "Where and when was enforcement against %(name)s applied for?",
        name=legal.legal_case_of(action).customer.name,
    )


def complete(action: Action, answer: Applied) -> dict[str, Any]:
    """Write it down. Raises InvalidAnswer naming the field, Conflict."""
    legal_enforcement.apply(action, answer)
    return {"outcome": "another"}
