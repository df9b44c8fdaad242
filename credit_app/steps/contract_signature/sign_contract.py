"""Sign contract: a level of the authority for contracts signs the version, sends it back or refuses it."""

from typing import Any

from credit_app.domain.contract_signing import LEVELS
from credit_app.facts import contract_signing
from credit_app.facts.contract_cases import review_of, version_of
from credit_app.facts.contract_reading import terms_of
from credit_app.facts.contract_review import before_of
from credit_app.facts.contracts import value_in_base
from credit_app.facts.deadlines import due_after
from credit_app.forms.contract_signing import Signing, SigningForm
from credit_app.i18n import _
from workflows import Action, Assignment

Form = SigningForm


def assign(action: Action) -> Assignment:
    """The level that was found, less whoever drafted, reviewed or signed for another level."""
    review = review_of(action)
    due = due_after(action.session, action.now, action.today, "contract.sign_days")
    excluded = tuple(sorted(contract_signing.barred(action.session, review)))
    return Assignment(str(action.data["level"]), review.contract.branch_id, due, excluded)


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    contract = review_of(action).contract
    return _("Sign “%(title)s” with %(name)s?", title=contract.title, name=contract.other_side.name)


def facts(action: Action) -> dict[str, Any]:
    """The review with all that was said, what departs from policy, and which levels sign."""
    session, review = action.session, review_of(action)
    version = version_of(review)
    before = before_of(session, review, version)
    return {
        "review": review,
        "contract": review.contract,
        "version": version,
        "terms": terms_of(version, before),
        "before": before,
        "departing": [clause for clause in version.clauses if clause.state in ("deviating", "missing")],
        "overruled": [comment for comment in review.comments if comment.state == "overruled"],
        "conditions": [comment for comment in review.comments if comment.kind == "condition"],
        "levels": [level for level in LEVELS if level in contract_signing.signed_levels(session, review)],
        "digest": contract_signing.digest_of(session, version),
        "value": value_in_base(session, version, action.today),
    }


def choices(_action: Action) -> list[dict[str, Any]]:
    """The ways on."""
    return [
        _choice("sign", "sign", _("Sign"), _("The next level signs, or the other side.")),
        _choice("send_back", "sent_back", _("Send back"), _("It is drafted again; a reason is owed.")),
        _choice("refuse", "refused", _("Refuse"), _("The review ends; a reason is owed.")),
    ]


def complete(action: Action, answer: Signing) -> dict[str, Any]:
    """Write the decision down. Raises InvalidAnswer naming the field, Conflict, NotAllowed."""
    return {"outcome": contract_signing.sign(action, answer.choice, answer.note, answer.seen)}


def _choice(value: str, outcome: str, label: str, note: str) -> dict[str, Any]:
    return {"value": value, "label": label, "act": label, "sets": {"outcome": outcome}, "note": note}
