"""File claim: where and when the claim was filed."""

from typing import Any

from credit_app.facts import legal, legal_page, legal_proceedings
from credit_app.facts.legal_proceedings import Filed
from credit_app.forms.legal import FileForm
from credit_app.i18n import _
from workflows import Action

Form = FileForm
assign = legal.to_counsel
facts = legal_page.filing


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    return _(
        "Where and when was the claim against %(name)s filed?", name=legal.legal_case_of(action).customer.name
    )


def complete(action: Action, answer: Filed) -> dict[str, Any]:
    """Write it down. Raises InvalidAnswer naming the field, Conflict."""
    return dict(legal_proceedings.file_claim(action, answer))
