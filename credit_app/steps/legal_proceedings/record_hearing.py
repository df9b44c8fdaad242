"""Record hearing: what came of it."""

from typing import Any

from credit_app.facts import legal, legal_page, legal_proceedings
from credit_app.facts.legal_page import choice
from credit_app.facts.legal_proceedings import Hearing
from credit_app.forms.legal import HearingForm
from credit_app.i18n import _
from workflows import Action

Form = HearingForm
assign = legal.to_counsel
facts = legal_page.facts


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    return _("What came of the hearing against %(name)s?", name=legal.legal_case_of(action).customer.name)


def choices(_action: Action) -> list[dict[str, Any]]:
    """The ways on."""
    return [
        choice("next_date", _("Another hearing"), _("You record it after its day.")),
        choice("judgment", _("A decision"), _("You record it in the next step.")),
        choice("settlement", _("A settlement"), _("You record it in the next step.")),
    ]


def complete(action: Action, answer: Hearing) -> dict[str, Any]:
    """Write it down. Raises InvalidAnswer naming the field, Conflict."""
    return {"outcome": legal_proceedings.hear(action, answer)}
