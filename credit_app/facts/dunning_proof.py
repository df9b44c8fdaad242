"""Proof that a letter arrived: receipts handed in and reports of the SMS network; a delivered demand and limitation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from credit_app.domain.dunning import REMINDER, DunningPolicy
from credit_app.facts.collection import log_contact
from credit_app.facts.customer_access import log_access
from credit_app.facts.customer_documents import Handed, file_under
from credit_app.facts.dunning_items import open_on
from credit_app.facts.dunning_sending import held_letter
from credit_app.i18n import _, written_day
from credit_app.models import LimitationInterruption, policy_values
from credit_app.models.dunning import DunningItem, DunningLetter, DunningProof
from workflows import Conflict, InvalidAnswer

GROUND = "demand_delivered"
ON_THE_WAY = ("sent", "held", "failed")


@dataclass(frozen=True, slots=True)
class Proof:
    """What shows it: `kind` delivered or failed, the day, who received it, the number of the consignment."""

    kind: str
    happened_on: date
    received_by: str = ""
    reference: str = ""
    note: str = ""


def record_proof(
    session: Session,
    letter: DunningLetter,
    proof: Proof,
    today: date,
    now: datetime,
    *,
    document: Handed | None = None,
    person_id: int | None = None,
    reported_by: str = "",
) -> DunningProof:
    """Add proof to a letter that has gone out; a delivered demand restarts limitation where policy says so.

    What a person records as delivered needs a document. Raises InvalidAnswer naming the field, Conflict.
    """
    found = held_letter(session, letter.id)
    if found.status == "delivered":
        raise Conflict(_("The delivery of this letter is proven already."))
    if found.status not in ON_THE_WAY:
        raise Conflict(_("This letter has not gone out yet; there is nothing to prove."))
    _check(found, proof, today, document, by_hand=person_id is not None)
    document_id = None
    if document is not None and person_id is not None:
        document_id = file_under(session, found.customer_id, [document], "other", person_id, now)[0].id
        details = {"document": [None, document.filename]}
        log_access(session, found.customer_id, person_id, "change", "documents", now, details=details)
    row = DunningProof(
        letter_id=found.id, kind=proof.kind, happened_on=proof.happened_on, received_by=proof.received_by[:200],
        reference=proof.reference[:100], note=proof.note[:500], document_id=document_id, reported_by=reported_by[:100],
        made_by=person_id, created_at=now,
    )  # fmt: skip
    session.add(row)
    found.status = proof.kind
    found.delivered_on = proof.happened_on if proof.kind == "delivered" else None
    found.sent_on = found.sent_on or found.letter_on
    session.flush()
    log_contact(
        session, found.customer_id, found.channel, proof.kind, reached=proof.received_by, note=found.number,
        document_id=document_id, made_by=person_id,
    )  # fmt: skip
    if proof.kind == "delivered":
        interrupt_limitation(session, found, row)
    session.expire(found, ["proofs"])
    return row


def _check(
    letter: DunningLetter, proof: Proof, today: date, document: Handed | None, *, by_hand: bool
) -> None:
    first = letter.sent_on or letter.letter_on
    if not first <= proof.happened_on <= today:
        raise InvalidAnswer(
            "happened_on",
            _("Give a day from %(first)s, when the letter went out, to today.", first=written_day(first)),
        )
    if not by_hand or proof.kind == "failed":
        return
    if not proof.received_by.strip():
        raise InvalidAnswer("received_by", _("Say who received the letter."))
    if document is None:
        raise InvalidAnswer("file", _("Hand in the document that shows the delivery, such as the receipt."))


def interrupt_limitation(session: Session, letter: DunningLetter, proof: DunningProof) -> int:
    """Note for each debt that a delivered demand claims that limitation runs anew; returns of how many.

    The policy of the day of delivery decides in which countries; a reminder before due demands nothing.
    """
    policy = DunningPolicy.from_policy(policy_values(session, proof.happened_on))
    if letter.level == REMINDER or letter.customer.country not in policy.restarting:
        return 0
    query = select(DunningItem.item_id).where(DunningItem.letter_id == letter.id, DunningItem.claimed > 0)
    rows = [
        {
            "item_id": item_id,
            "interrupted_on": proof.happened_on,
            "ground": GROUND,
            "document_id": proof.document_id,
            "evidence": evidence_of(proof.id),
            "created_at": proof.created_at,
        }
        for item_id in session.scalars(query)
    ]
    if rows:
        session.execute(insert(LimitationInterruption), rows)
    return len(rows)


def evidence_of(proof_id: int) -> str:
    """How an interruption names the proof that it rests on."""
    return f"dunning_proof:{proof_id}"


def interrupted_by(session: Session, letter: DunningLetter) -> int:
    """Of how many debts a letter has restarted limitation."""
    marks = [evidence_of(proof.id) for proof in letter.proofs]
    query = select(func.count()).where(LimitationInterruption.evidence.in_(marks))
    return session.scalar(query) or 0


# --- what the books say now ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Otherwise:
    """A letter that named more as open on its day than the books say now: something was entered for that day or
    before it, after the letter was written. Amounts in `currency`."""

    number: str
    letter_on: date
    currency: str
    named: Decimal
    open_then: Decimal


def otherwise(session: Session, letter: DunningLetter) -> list[Otherwise]:
    """Currency by currency, where the books of the letter's day show less open now than the letter names."""
    now = open_on(session, [item.item_id for item in letter.items], letter.letter_on)
    sums: dict[str, list[Decimal]] = {}
    for item in letter.items:
        one = sums.setdefault(item.currency, [Decimal(0), Decimal(0)])
        one[0] += item.open_amount
        one[1] += now.get(item.item_id, Decimal(0))
    return [
        Otherwise(letter.number, letter.letter_on, code, named, then)
        for code, (named, then) in sorted(sums.items())
        if then < named
    ]


def letters_otherwise(session: Session, customer_id: int, begins: date, as_of: date) -> Sequence[Otherwise]:
    """The same for every letter that went out to a customer between two days."""
    query = select(DunningLetter).where(
        DunningLetter.customer_id == customer_id,
        DunningLetter.letter_on.between(begins, as_of),
        DunningLetter.status.not_in(("proposed", "released", "excluded")),
    )
    letters = session.scalars(query.order_by(DunningLetter.id))
    return [one for letter in letters for one in otherwise(session, letter)]
