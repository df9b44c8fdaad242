"""Find next level: the authority for contracts on value and deviations of the version."""

from typing import Any

from credit_app.domain.authority import NONE
from credit_app.facts import contract_signing
from credit_app.facts.contract_cases import review_of, version_of
from credit_app.facts.deadlines import due_after
from workflows import Action


def inputs(action: Action) -> dict[str, Any]:
    """Value in base currency, and how many clauses depart from policy."""
    review = review_of(action)
    return {
        "value": contract_signing.value_to_sign(action.session, version_of(review), action.today),
        "deviations": contract_signing.deviations(review),
    }


def outputs(action: Action, row: dict[str, Any]) -> dict[str, Any]:
    """The next level that has not signed this version, and when the other side's copy is asked for again."""
    review = review_of(action)
    level = contract_signing.next_level(action.session, review, row["first_level"], row["final_level"])
    review.status = "countersigning" if level == NONE else "signing"
    asked_again = due_after(action.session, action.now, action.today, "contract.countersign_days")
    return {"level": level, "final_level": row["final_level"], "countersign_at": asked_again.isoformat()}
