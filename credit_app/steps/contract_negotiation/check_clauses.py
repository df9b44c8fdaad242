"""Check clauses: for each clause of the policy whether the text has it, deviates or misses it, and why."""

from collections.abc import Sequence
from typing import Any

from credit_app.facts import contract_drafting
from credit_app.facts.contract_cases import review_of, version_of
from credit_app.facts.contract_drafting import Checked
from credit_app.facts.contract_review import to_draft
from credit_app.facts.contracts import policy_of
from credit_app.forms.contract_review import ChecklistForm
from credit_app.i18n import _, in_chinese
from workflows import Action, Assignment

Form = ChecklistForm


def assign(action: Action) -> Assignment:
    """Whoever drafts."""
    return to_draft(action, "contract.answer_days")


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    return _("What does “%(contract)s” say of each clause?", contract=review_of(action).contract.title)


def facts(action: Action) -> dict[str, Any]:
    """The clauses of the policy in the reader's language, and the text."""
    review = review_of(action)
    clauses = policy_of(action.session, action.today).clauses_for(review.contract.side)
    return {
        "review": review,
        "contract": review.contract,
        "version": version_of(review),
        "clauses": {clause.code: clause for clause in clauses},
        "language": "zh" if in_chinese() else "en",
        "longest_text": contract_drafting.LONGEST_TEXT,
    }


def complete(action: Action, answer: tuple[Sequence[Checked], str]) -> dict[str, Any]:
    """Write the checklist down. Raises InvalidAnswer naming the field, Conflict."""
    contract_drafting.check_clauses(action, *answer)
    return {"clauses": "checked"}
