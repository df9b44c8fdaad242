"""Signing a contract: who signs next, what a level decides, and the copy that the other side signed."""

import hashlib
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from credit_app.domain.contract_signing import LEVELS, departures, next_to_sign
from credit_app.domain.policy_values import decimal_of
from credit_app.facts.contract_cases import drafters, locked, reviewers, version_of
from credit_app.facts.contracts import LARGEST, file_document, note_event, value_in_base
from credit_app.facts.customer_documents import Handed, file_under
from credit_app.facts.people import ids_with
from credit_app.i18n import _
from credit_app.models import policy_values
from credit_app.models.contract import ContractVersion
from credit_app.models.contract_review import ContractReview, ContractSignature
from workflows import Action, Conflict, InvalidAnswer, NotAllowed

LEAST_WORDS = 5


def value_to_sign(session: Session, version: ContractVersion, day: date) -> Decimal:
    """The value (base currency) that the levels who sign go by. One that names none may come to anything: it is signed
    as the largest that policy lets be entered. Raises MissingRate."""
    value = value_in_base(session, version, day)
    return value if value is not None else decimal_of(policy_values(session, day), LARGEST)


def deviations(review: ContractReview) -> int:
    """Clauses of the version that depart from policy, and objections that were overruled in this review: drafting once
    more does not make them good, for nobody is asked of them again."""
    overruled = sum(1 for comment in review.comments if comment.state == "overruled")
    return departures(clause.state for clause in version_of(review).clauses) + overruled


def signed_levels(session: Session, review: ContractReview) -> frozenset[str]:
    """The levels that have signed this version."""
    query = select(ContractSignature.level).where(
        ContractSignature.review_id == review.id,
        ContractSignature.version_id == review.version_id,
        ContractSignature.decision == "sign",
    )
    return frozenset(session.scalars(query))


def barred(session: Session, review: ContractReview) -> frozenset[int]:
    """Who may not sign: whoever drafted, gave an opinion, or signed for another level."""
    query = select(ContractSignature.signed_by, ContractSignature.on_behalf_of).where(
        ContractSignature.review_id == review.id, ContractSignature.version_id == review.version_id
    )
    signers = {one for row in session.execute(query) for one in row if one is not None}
    return drafters(session, review) | reviewers(session, review) | signers


def next_level(session: Session, review: ContractReview, first: str, final: str) -> str:
    """The level that signs next, or "none"."""
    out, branch = barred(session, review), review.contract.branch_id
    somebody = {level for level in LEVELS if set(ids_with(session, level, branch)) - out}
    return next_to_sign(first, final, signed_levels(session, review), somebody)


def digest_of(session: Session, version: ContractVersion) -> str:
    """SHA-256 of the version's document, or of its text where it has none."""
    if version.sha256 is not None:
        return version.sha256
    query = (
        select(ContractVersion).where(ContractVersion.id == version.id).options(undefer(ContractVersion.text))
    )
    return hashlib.sha256(session.scalars(query).one().text.encode()).hexdigest()


def sign(action: Action, choice: str, note: str, seen: str) -> str:
    """Write down what a level decides on the version that its page showed (`seen`); returns the outcome.

    Raises InvalidAnswer naming the field, Conflict when another version is there, NotAllowed for whoever drafted.
    """
    outcomes = {"sign": "sign", "send_back": "sent_back", "refuse": "refused"}
    if choice not in outcomes:
        raise InvalidAnswer("choice", _("Choose sign, send back or refuse."))
    if choice != "sign" and len(note) < LEAST_WORDS:
        raise InvalidAnswer("note", _("Say in a few words why."))
    session, review = action.session, locked(action, "signing")
    version = version_of(review)
    digest = digest_of(session, version)
    if seen != digest:
        raise Conflict(_("The contract is not the one that this page showed; look at it again."))
    people = {one for one in (action.actor.person_id, action.actor.on_behalf_of) if one is not None}
    if people & barred(session, review):
        raise NotAllowed(_("Nobody signs what they drafted, reviewed or signed already."))
    session.add(
        ContractSignature(
            review_id=review.id, version_id=version.id, level=str(action.data["level"]), decision=choice,
            note=note[:2000], sha256=digest, signed_by=action.actor.person_id,
            on_behalf_of=action.actor.on_behalf_of, signed_at=action.now,
        )
    )  # fmt: skip
    if choice == "send_back":
        review.status = "drafting"
    session.flush()
    kind = {"sign": "signed", "send_back": "sent_back", "refuse": "signature_refused"}[choice]
    note_event(session, review.contract, kind, action.today, note, action.actor.person_id, version.id)
    return outcomes[choice]


def countersign(action: Action, choice: str, signed_on: date | None, copy: Handed | None, note: str) -> str:
    """Take down what became of the other side's signature; returns the outcome. Raises InvalidAnswer, Conflict."""
    outcomes = {"signed": "signed", "changes": "sent_back", "declined": "refused"}
    if choice not in outcomes:
        raise InvalidAnswer("choice", _("Choose signed, changes or declined."))
    session, review = action.session, locked(action, "countersigning")
    if choice == "signed":
        _file_copy(action, review, signed_on, copy, note)
    elif len(note) < LEAST_WORDS:
        raise InvalidAnswer("note", _("Say in a few words what the other side wants."))
    else:
        review.outcome_note = note[:1000]
        kind = "changes_asked" if choice == "changes" else "other_side_declined"
        note_event(
            session, review.contract, kind, action.today, note, action.actor.person_id, review.version_id
        )
        if choice == "changes":
            review.status = "drafting"
    session.flush()
    return outcomes[choice]


def _file_copy(
    action: Action, review: ContractReview, signed_on: date | None, copy: Handed | None, note: str
) -> None:
    if copy is None:
        raise InvalidAnswer("file", _("Hand in the copy that the other side signed."))
    if signed_on is None or not review.created_at.date() <= signed_on <= action.today:
        raise InvalidAnswer(
            "signed_on", _("Give the day of the signature, from the begin of the review to today.")
        )
    session, contract, who = action.session, review.contract, action.actor.person_id
    file_document(session, contract, copy, "signed", who, review.version_id)
    if contract.customer_id is not None:
        file_under(
            session, contract.customer_id, [copy], "contract", who or review.contract.owner_id, action.now
        )
    if review.kind == "new":
        contract.signed_on = signed_on
    note_event(session, contract, "countersigned", signed_on, note, who, review.version_id)
