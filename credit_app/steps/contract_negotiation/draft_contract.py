"""Draft contract: the terms, and the text from a template, typed or as a document; after a return what is asked."""

from typing import Any

from credit_app.facts import contract_drafting, contract_reading
from credit_app.facts.contract_cases import review_of
from credit_app.facts.contract_drafting import Drafted
from credit_app.facts.contract_review import begins_from, to_draft
from credit_app.facts.contract_texts import texts_for
from credit_app.facts.contract_words import TERM_GROUPS
from credit_app.forms.contract_review import DraftForm
from credit_app.i18n import _
from workflows import Action, Assignment

Form = DraftForm


def assign(action: Action) -> Assignment:
    """Whoever drafts."""
    return to_draft(action, "contract.answer_days")


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    contract = review_of(action).contract
    return _("Draft “%(contract)s” with %(name)s.", contract=contract.title, name=contract.other_side.name)


def facts(action: Action) -> dict[str, Any]:
    """The need, and after a return what is asked for, what was decided, and the version before."""
    review = review_of(action)
    found = contract_reading.for_drafter(action, review)
    return found | {
        "groups": TERM_GROUPS,
        "basis": begins_from(action.session, review),
        "texts": texts_for(action.session, review.contract.side),
    }


def choices(action: Action) -> list[dict[str, Any]]:
    """Where the text comes from."""
    words = {
        "template": (_("From a template"), _("The fields of the template are filled with the terms.")),
        "typed": (_("Written here"), _("The text stands below and can be changed.")),
        "upload": (_("From a document"), _("The document is kept, its text is read.")),
        "keep": (_("Text of the version before"), _("Only terms change.")),
    }
    if begins_from(action.session, review_of(action)) is None:
        del words["keep"]
    return [
        {"value": one, "label": label, "act": _("Go on to the clauses"), "next": note}
        for one, (label, note) in words.items()
    ]


def complete(action: Action, answer: Drafted) -> dict[str, Any]:
    """Make the version. Raises InvalidAnswer naming the field, Conflict."""
    contract_drafting.draft(action, answer)
    return {"draft": "made"}
