"""Check credit: whether limit and terms granted cover the version under review."""

from typing import Any

from credit_app.facts.contract_cases import review_of
from credit_app.facts.contract_credit import GRANTED, NOT_GRANTED, need_of, note_refusal, outcome_of
from workflows import Action


def run(action: Action) -> dict[str, Any]:
    """Note the figures and set `outcome`; what was refused is drafted again and may be asked for anew."""
    session, review = action.session, review_of(action)
    need, outcome = need_of(session, review, action.today), outcome_of(session, review, action.today)
    if need is not None:
        action.note(
            "contract_credit",
            currency=need.currency,
            wanted=str(need.wanted.amount),
            available=str(need.granted.available),
            wanted_days=need.wanted.days,
            granted_days=need.granted.days,
        )
    if outcome == NOT_GRANTED:
        note_refusal(session, review, action.today)
        review.application_id, review.status = None, "drafting"
    elif outcome != GRANTED:
        review.status = "awaiting_credit"
    return {"outcome": outcome}
