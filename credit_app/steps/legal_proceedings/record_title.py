"""Record title: what the court or tribunal granted."""

from typing import Any

from credit_app.facts import legal, legal_page, legal_title
from credit_app.facts.legal_title import Title
from credit_app.forms.legal import TitleForm
from credit_app.i18n import _
from workflows import Action

Form = TitleForm
assign = legal.to_counsel
facts = legal_page.facts


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    return _("What was granted against %(name)s?", name=legal.legal_case_of(action).customer.name)


def complete(action: Action, answer: Title) -> dict[str, Any]:
    """Write it down. Raises InvalidAnswer naming the field, Conflict."""
    return dict(legal_title.record_title(action, answer))
