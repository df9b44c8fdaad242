"""Follow title: whether it stands, was contested, was paid, or grants nothing."""

from typing import Any

from credit_app.facts import legal, legal_page, legal_title
from credit_app.facts.legal_page import choice
from credit_app.facts.legal_title import Followed
from credit_app.forms.legal import FollowForm
from credit_app.i18n import _
from workflows import Action

Form = FollowForm
assign = legal.to_counsel
facts = legal_page.facts


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    return _("What became of the title against %(name)s?", name=legal.legal_case_of(action).customer.name)


def choices(_action: Action) -> list[dict[str, Any]]:
    """The ways on."""
    return [
        choice("enforce", _("It is final and not paid"), _("It is enforced.")),
        choice("contested", _("It was contested"), _("Hearings go on; there is no title meanwhile.")),
        choice("settled", _("It was paid or kept"), _("The case ends.")),
        choice("lost", _("Nothing was granted, finally"), _("The case ends; a write-off is proposed.")),
    ]


def complete(action: Action, answer: Followed) -> dict[str, Any]:
    """Write it down. Raises InvalidAnswer naming the field, Conflict."""
    return {"outcome": legal_title.follow(action, answer)}
