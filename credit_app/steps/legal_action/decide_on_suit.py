"""Decide on the suit: the debtor has paid, wholly or in part; withdraw it, or go on for the rest or for the costs."""

from typing import Any

from credit_app.facts import legal, legal_enforcement, legal_page
from credit_app.facts.legal_page import choice
from credit_app.forms.legal import SuitForm
from credit_app.i18n import _
from workflows import Action

Form = SuitForm
assign = legal.to_counsel
facts = legal_page.paid


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    return _(
        "%(name)s has paid. Does the legal action go on?", name=legal.legal_case_of(action).customer.name
    )


def choices(_action: Action) -> list[dict[str, Any]]:
    """The ways on."""
    return [
        choice("withdraw", _("Withdraw it"), _("The case ends; what was filed is withdrawn in court.")),
        choice("go_on", _("Go on"), _("It resumes where it stood.")),
    ]


def complete(action: Action, answer: tuple[str, str]) -> dict[str, Any]:
    """Decide; `answer` is (choice, note). Raises InvalidAnswer naming the field."""
    return dict(legal_enforcement.decide_on_suit(action, *answer))
