"""File signed copy: the drafter hands in what the other side signed, or says that it asks for changes or declines."""

from typing import Any

from credit_app.facts import contract_signing
from credit_app.facts.contract_cases import review_of, version_of
from credit_app.facts.contract_review import to_draft
from credit_app.forms.contract_signing import CountersignatureForm, Countersigned
from credit_app.i18n import _
from workflows import Action, Assignment

Form = CountersignatureForm


def assign(action: Action) -> Assignment:
    """Whoever drafts."""
    return to_draft(action, "contract.countersign_days")


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    return _("Has %(name)s signed?", name=review_of(action).other_side.name)


def facts(action: Action) -> dict[str, Any]:
    """The review, the version and who signed it for us."""
    review = review_of(action)
    signed = [one for one in review.signatures if one.version_id == review.version_id]
    return {
        "review": review, "contract": review.contract, "version": version_of(review), "signatures": signed,
    }  # fmt: skip


def choices(_action: Action) -> list[dict[str, Any]]:
    """The ways on."""
    return [
        _choice("signed", "signed", _("Signed"), _("The contract is filed and in force.")),
        _choice("changes", "sent_back", _("Asks for changes"), _("It is drafted again.")),
        _choice("declined", "refused", _("Declines"), _("The review ends.")),
    ]


def complete(action: Action, answer: Countersigned) -> dict[str, Any]:
    """Take it down. Raises InvalidAnswer naming the field, Conflict."""
    outcome = contract_signing.countersign(action, answer.choice, answer.signed_on, answer.copy, answer.note)
    return {"outcome": outcome}


def _choice(value: str, outcome: str, label: str, note: str) -> dict[str, Any]:
    return {"value": value, "label": label, "act": label, "sets": {"outcome": outcome}, "note": note}
