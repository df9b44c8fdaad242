"""The review of a contract behind a process: the row, who took part in it, and refusing or withdrawing it."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.facts.contracts import note_event
from credit_app.i18n import _
from credit_app.models.contract import ContractVersion
from credit_app.models.contract_review import ContractOpinion, ContractReview
from workflows import Action, Conflict, NotFound, history

DRAFTING = tuple(
    ("contract_negotiation", node) for node in ("draft_contract", "check_clauses", "answer_comments")
)


def review_of(action: Action) -> ContractReview:
    """The review that a process is about. Raises NotFound."""
    found = action.session.get(ContractReview, action.subject_id)
    if found is None:
        raise NotFound(_("There is no such review, or it is not yours to see."))
    return found


def locked(action: Action, *statuses: str) -> ContractReview:
    """The review, held until the commit. Raises Conflict when it is in none of these statuses any more."""
    found = review_of(action)
    action.session.refresh(found, with_for_update={"of": ContractReview})
    if found.status not in statuses:
        raise Conflict(_("This review was dealt with already."))
    return found


def version_of(review: ContractReview) -> ContractVersion:
    """The version under review. Raises Conflict when none is."""
    if review.reviewed is None:
        raise Conflict(_("No version of this contract is under review."))
    return review.reviewed


def drafters(session: Session, review: ContractReview) -> frozenset[int]:
    """Who drafted a version of the contract in this review, owns the contract, or asked for the review; also who did so
    for somebody else, and for whom."""
    wrote = select(ContractVersion.made_by).where(
        ContractVersion.contract_id == review.contract_id, ContractVersion.created_at >= review.created_at
    )
    found = {review.contract.owner_id, review.made_by, *session.scalars(wrote)}
    if review.instance_id is not None:
        found |= history.people_who_completed(session, review.instance_id, DRAFTING)
    return frozenset(one for one in found if one is not None)


def reviewers(session: Session, review: ContractReview) -> frozenset[int]:
    """Who gave an opinion in any round."""
    query = select(ContractOpinion.given_by).where(ContractOpinion.review_id == review.id)
    return frozenset(session.scalars(query))


def drafter(review: ContractReview) -> int:
    """Who drafts and answers: whoever began the review, else the owner of the contract."""
    return review.made_by if review.made_by is not None else review.contract.owner_id


def took_part(session: Session, review: ContractReview, less: Iterable[int | None] = ()) -> list[int]:
    """Drafters and reviewers, in the order of their ids."""
    return sorted((drafters(session, review) | reviewers(session, review)) - set(less))


def close(
    session: Session, review: ContractReview, status: str, day: date, note: str, by: int | None
) -> None:
    """End a review as `filed`, `refused` or `withdrawn`; what a new contract becomes follows from it."""
    review.status, review.closed_on, review.outcome_note = status, day, note[:1000]
    contract = review.contract
    if status != "filed" and review.kind == "new":
        contract.status = status
    note_event(session, contract, f"review_{status}", day, note, by, review.version_id)
