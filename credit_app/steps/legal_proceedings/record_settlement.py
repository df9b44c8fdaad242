"""Record settlement: what was agreed and until when it is paid."""

from typing import Any

from credit_app.facts import legal, legal_page, legal_title
from credit_app.facts.legal_title import Settlement
from credit_app.forms.legal import SettlementForm
from credit_app.i18n import _
from workflows import Action

Form = SettlementForm
assign = legal.to_counsel
facts = legal_page.facts


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    return _("What was agreed with %(name)s?", name=legal.legal_case_of(action).customer.name)


def complete(action: Action, answer: Settlement) -> dict[str, Any]:
    """Write it down. Raises InvalidAnswer naming the field, Conflict."""
    return dict(legal_title.settle(action, answer))
