"""A review of a contract under way: its case, who drafted, who looks at it, and where it stands."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from credit_app.domain.contracts import AREAS, DRAFTERS, changed_terms
from credit_app.facts.contract_cases import drafter, drafters, review_of, version_of
from credit_app.facts.contracts import freeze, newest_version, note_event, policy_of
from credit_app.facts.deadlines import due_after
from credit_app.facts.people import ids_with, in_charge
from credit_app.i18n import _
from credit_app.models.contract import ContractEvent, ContractVersion
from credit_app.models.contract_review import ContractComment, ContractOpinion, ContractReview
from workflows import Action, Assignment, Conflict, InvalidAnswer, NotAllowed

LEAST_WORDS = 5
# Why a version that was agreed on is drafted again.
CAME_BACK = ("sent_back", "changes_asked", "credit_refused")


def check_seen(review: ContractReview, seen: str) -> ContractVersion:
    """The version under review, when it is the one whose page was shown. Raises Conflict."""
    version = version_of(review)
    if seen != str(version.id):
        raise Conflict(
            _(
                "Version %(no)s is under review now, not the one that this page showed. Look at it and answer again.",
                no=version.no,
            )
        )
    return version


# --- people --------------------------------------------------------------------------------------------------------


def to_draft(action: Action, policy_key: str | None = None) -> Assignment:
    """Whoever drafts, in their own list; once they have left, everybody of their role in the branch."""
    session, review = action.session, review_of(action)
    contract = review.contract
    due = due_after(session, action.now, action.today, policy_key) if policy_key else None
    who, role = in_charge(session, drafter(review), DRAFTERS[contract.side], contract.branch_id)
    return Assignment(role, contract.branch_id, due, claimed_by=who)


def acting_in(action: Action) -> set[int]:
    """Who acts now: the history does not know that they do before it is written."""
    return {one for one in (action.actor.person_id, action.actor.on_behalf_of) if one is not None}


def refuse_drafters(action: Action) -> None:
    """Raises NotAllowed for whoever drafted, and whoever stands in for them."""
    if acting_in(action) & drafters(action.session, review_of(action)):
        raise NotAllowed(_("Whoever drafted the contract neither reviews it nor decides on it."))


# --- a version is put under review ---------------------------------------------------------------------------------


def put_under_review(action: Action) -> dict[str, Any]:
    """From now on the version stands; returns which areas look at it, and tells those who do.

    Where nobody may look at it for an area, its task waits for somebody with the role; administrators are told.
    """
    session, review = action.session, review_of(action)
    version, contract = version_of(review), review.contract
    freeze(session, version)
    areas = areas_for(session, review, version, action.today)
    review.round += 1
    review.areas, review.status = " ".join(areas), "in_review"
    if review.kind == "new":
        contract.status = "in_review"
    note_event(
        session, contract, "put_under_review", action.today, review.number, action.actor.person_id, version.id
    )
    out = drafters(session, review) | acting_in(action)
    people = {area: askable(session, review, area, out)[1] for area in areas}
    asked = {one for found in people.values() for one in found}
    action.mail(sorted(asked), "contract_opinion_wanted", review_id=review.id)
    if missing := [area for area, found in people.items() if not found]:
        roles = [AREAS[area] for area in missing]
        action.mail(ids_with(session, "admin"), "contract_no_reviewer", review_id=review.id, roles=roles)
    return {f"for_{area}": "yes" if area in areas else "no" for area in AREAS}


def askable(
    session: Session, review: ContractReview, area: str, out: AbstractSet[int]
) -> tuple[int | None, set[int]]:
    """The branch in which an area is asked, and who of it may answer: less those in `out`.

    Where nobody else does it in the contract's branch, the role in all branches (None) is asked: a contract drafted by
    the only one who delivers would wait for them for ever.
    """
    branch = review.contract.branch_id
    here = set(ids_with(session, AREAS[area], branch)) - out
    everywhere = set() if here else set(ids_with(session, AREAS[area])) - out
    return (None, everywhere) if everywhere else (branch, here)


def areas_for(
    session: Session, review: ContractReview, version: ContractVersion, day: date
) -> tuple[str, ...]:
    """Who looks at a version: of a new contract all, of a change those whom the changed terms concern, counsel also
    when the text changed, and whoever asked for something in this review, to see what became of it."""
    if review.kind == "new":
        return tuple(AREAS)
    before = review.contract.current
    changed = changed_terms(before, version) if before is not None else list(AREAS)
    wanted = set(policy_of(session, day).areas_for(changed))
    if before is None or differs_in_text(before, version):
        wanted.add("legal")
    asked = select(ContractComment.area).where(
        ContractComment.review_id == review.id, ContractComment.kind != "remark"
    )
    wanted |= set(session.scalars(asked))
    return tuple(area for area in AREAS if area in wanted)


def differs_in_text(before: ContractVersion, after: ContractVersion) -> bool:
    """Whether two versions have different texts or documents."""
    return before.text != after.text or before.sha256 != after.sha256


def before_of(session: Session, review: ContractReview, version: ContractVersion) -> ContractVersion | None:
    """What a version is compared with: the last one that was reviewed in this review, else the one in force, else the
    last that was reviewed at all."""
    query = select(ContractVersion).where(
        ContractVersion.contract_id == version.contract_id,
        ContractVersion.no < version.no,
        ContractVersion.frozen_at.is_not(None),
    )
    last = session.scalar(query.order_by(ContractVersion.no.desc()).limit(1))
    if review.kind != "new" and (last is None or _of_earlier(session, review, last)):
        return review.contract.current if review.contract.version_id != version.id else None
    return last


def begins_from(session: Session, review: ContractReview) -> ContractVersion | None:
    """The version whose terms and text a draft begins with: the newest of this review; the one in force for a change,
    for what a change was to bring that was withdrawn or refused is not agreed; else the newest of all."""
    newest = newest_version(session, review.contract)
    if review.kind != "new" and (newest is None or _of_earlier(session, review, newest)):
        return review.contract.current
    return newest


def _of_earlier(session: Session, review: ContractReview, version: ContractVersion) -> bool:
    """Whether a version was drafted in a review before this one, or comes from no review."""
    query = select(ContractReview.id).where(
        ContractReview.contract_id == review.contract_id,
        ContractReview.id < review.id,
        ContractReview.version_id == version.id,
    )
    return version.created_at < review.created_at or session.scalar(query.limit(1)) is not None


# --- what is asked, and what becomes of it --------------------------------------------------------------------------


def open_points(session: Session, review: ContractReview) -> list[ContractComment]:
    """What reviewers ask and nobody has settled, by clause; remarks ask nothing."""
    query = select(ContractComment).where(
        ContractComment.review_id == review.id,
        ContractComment.state == "open",
        ContractComment.kind != "remark",
    )
    return in_order(session.scalars(query.order_by(ContractComment.id)))


def to_take_up(session: Session, review: ContractReview, version: ContractVersion) -> list[ContractComment]:
    """What was asked of a reviewed version and is to be taken up in the next, by clause."""
    query = select(ContractComment).where(
        ContractComment.review_id == review.id,
        ContractComment.state.in_(("taken_up", "upheld")),
        func.greatest(ContractComment.answered_at, ContractComment.decided_at) >= version.frozen_at,
    )
    return in_order(session.scalars(query.order_by(ContractComment.id)))


def came_back(session: Session, review: ContractReview) -> ContractEvent | None:
    """Why the version that was reviewed last is drafted again after it was agreed on; None where reviewers ask."""
    query = select(ContractEvent).where(
        ContractEvent.contract_id == review.contract_id,
        ContractEvent.version_id == review.version_id,
        ContractEvent.kind.in_(CAME_BACK),
    )
    return session.scalar(query.order_by(ContractEvent.id.desc()).limit(1))


def in_order(comments: Iterable[ContractComment]) -> list[ContractComment]:
    """Comments by clause, those on the whole first."""
    return sorted(comments, key=lambda row: (row.clause, row.id))


def consolidate(action: Action) -> dict[str, Any]:
    """Put together what the areas ask; the drafter is told where something is open."""
    session, review = action.session, review_of(action)
    remarks = select(ContractComment).where(
        ContractComment.review_id == review.id,
        ContractComment.kind == "remark",
        ContractComment.state == "open",
    )
    for remark in session.scalars(remarks):
        remark.state = "noted"
    asked = open_points(session, review)
    kind = "points_asked" if asked else "opinions_agree"
    note_event(session, review.contract, kind, action.today, review.number, None, review.version_id)
    if not asked:
        return {"outcome": "agreed"}
    review.status = "answering"
    action.mail([drafter(review)], "contract_points_open", review_id=review.id)
    return {"outcome": "open"}


def last_opinion(session: Session, review: ContractReview, area: str) -> ContractOpinion | None:
    """What an area said last of this contract, in this review or an earlier one."""
    query = (
        select(ContractOpinion)
        .join(ContractReview, ContractReview.id == ContractOpinion.review_id)
        .where(ContractReview.contract_id == review.contract_id, ContractOpinion.area == area)
        .order_by(ContractOpinion.id.desc())
    )
    return session.scalar(query.limit(1))


def owed(field: str, text: str, sentence: str) -> str:
    """A text that is owed. Raises InvalidAnswer at the field when it is too short."""
    if len(text) < LEAST_WORDS:
        raise InvalidAnswer(field, sentence)
    return text
