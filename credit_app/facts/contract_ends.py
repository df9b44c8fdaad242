"""How a review of a contract ends: refused, withdrawn, filed, or its change put in force."""

from sqlalchemy import select

from credit_app.facts.contract_cases import close, review_of, took_part, version_of
from credit_app.facts.contracts import take_over
from credit_app.facts.performance import plan_milestones
from credit_app.models.contract_review import ContractReview, ContractSignature
from workflows import Action


def refuse(action: Action) -> None:
    """End the review as refused with the reason that was given, and tell those who took part."""
    review = review_of(action)
    close(action.session, review, "refused", action.today, _reason(action, review), action.actor.person_id)
    action.mail(took_part(action.session, review), "contract_refused", review_id=review.id)


def file(action: Action) -> None:
    """Put the version in force: the contract shows it, its milestones follow from it, everybody is told."""
    review = review_of(action)
    contract, version = review.contract, version_of(review)
    take_over(contract, version)
    contract.status, review.amount, review.currency = "active", version.amount, version.currency
    if contract.filed_on is None:
        contract.filed_on = action.today
    close(action.session, review, "filed", action.today, "", None)
    plan_milestones(action, contract, version)
    action.mail(took_part(action.session, review), "contract_filed", review_id=review.id)


def _reason(action: Action, review: ContractReview) -> str:
    """What the level that refused wrote; else what was noted of the other side or of the objections."""
    query = (
        select(ContractSignature.note)
        .where(ContractSignature.review_id == review.id, ContractSignature.decision == "refuse")
        .order_by(ContractSignature.id.desc())
        .limit(1)
    )
    return action.session.scalar(query) or review.outcome_note
