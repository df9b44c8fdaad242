"""File signed copy: the drafter hands in what the other side signed, or says that it asks for changes or declines."""

from typing import Any

from credit_app.facts import contract_signing
from credit_app.facts.contract_cases import drafter, review_of, version_of
from credit_app.facts.deadlines import due_after
from credit_app.forms.contract_signing import CountersignatureForm, Countersigned
from credit_app.i18n import _
from credit_app.models import Person
from workflows import Action, Assignment

Form = CountersignatureForm
# In whose name somebody drafts; the first that they hold.
DRAFTING = ("sales_rep", "sales_manager", "delivery")


def assign(action: Action) -> Assignment:
    """Whoever drafts, in their own list; once they have left, everybody with their role."""
    review, session = review_of(action), action.session
    due = due_after(session, action.now, action.today, "contract.countersign_days")
    person = session.get(Person, drafter(review))
    held = {row.role for row in person.roles} if person is not None else set()
    role = next((one for one in DRAFTING if one in held), DRAFTING[0])
    there = person is not None and person.active
    return Assignment(role, review.contract.branch_id, due, claimed_by=drafter(review) if there else None)


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
