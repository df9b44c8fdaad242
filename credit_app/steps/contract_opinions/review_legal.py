"""Review legal: counsel says whether the clauses hold."""

from typing import Any

from credit_app.facts import contract_opinions, contract_reading
from credit_app.facts.contract_cases import review_of
from credit_app.facts.contract_review import refuse_drafters
from credit_app.forms.contract_review import OpinionForm
from workflows import Action

Form = OpinionForm
assign = contract_opinions.to_review
check = refuse_drafters
question = contract_opinions.question_to
choices = contract_opinions.verdicts
complete = contract_opinions.give_opinion


def facts(action: Action) -> dict[str, Any]:
    """The version with what changed, its checklist, what was asked before."""
    return contract_reading.for_reviewer(action, review_of(action), contract_opinions.area_of(action))
