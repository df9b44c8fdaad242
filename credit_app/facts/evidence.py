"""What proves the claim of a legal case: papers, demands, interest and limitation, and which pieces are missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, undefer

from credit_app.domain.late_interest import Interest
from credit_app.facts.contact_outcomes import outcomes_of
from credit_app.facts.interest_claims import dealt_with, unclaimed_of
from credit_app.facts.late_interest import InterestRefused
from credit_app.facts.limitation import ItemLimitation, limitation_of
from credit_app.models import (
    CollectionContact,
    CustomerDocument,
    LimitationInterruption,
    MissingRate,
    ReceivableItem,
)
from credit_app.models.legal import LegalCase, LegalCaseItem, LegalDocument

MOST_CONTACTS = 2_000
LARGEST_PACK = 60 * 1024 * 1024
# A letter that reached the debtor, with its proof.
PROVEN = ("delivered",)
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claimed item: what of it is claimed, its late interest until the day of the pack, its limitation.

    `interest` is what was neither claimed nor let go before, as the statement of account and the next claim have it
    (None: a rate is missing); what was `claimed_before` is owed by items of its own, `waived` was let go.
    """

    item: ReceivableItem
    amount: Decimal
    interest: Interest | None
    claimed_before: Decimal
    waived: Decimal
    limitation: ItemLimitation


@dataclass(frozen=True, slots=True)
class Paper:
    """A document of the pack and which piece of evidence it is; its bytes are loaded."""

    piece: str
    document: CustomerDocument


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that proves a claim on `as_of`. `outcomes`: what came of each contact, by id; `missing`: codes, see
    MISSING_WORDS."""

    as_of: date
    claimed: Sequence[Claimed]
    papers: Sequence[Paper]
    contacts: Sequence[CollectionContact]
    outcomes: Mapping[int, str]
    missing: Sequence[str]


def evidence_of(session: Session, case: LegalCase, day: date) -> Evidence:
    """The evidence as the file has it on `day`."""
    claimed = claimed_items(session, case, day)
    query = select(CollectionContact).where(CollectionContact.customer_id == case.customer_id)
    query = query.order_by(CollectionContact.made_at.desc(), CollectionContact.id.desc())
    contacts = session.scalars(query.limit(MOST_CONTACTS)).all()
    papers, all_in = _papers(session, case, claimed, contacts)
    pieces = {paper.piece for paper in papers}
    missing = [piece for piece in ("contract", "delivery") if piece not in pieces]
    if "demands" not in pieces and not any(row.outcome in PROVEN for row in contacts):
        missing.append("demands")
    if any(one.limitation.chain.days_left(day) < 0 for one in claimed):
        missing.append("limitation")
    links = [link for one in claimed for link in one.limitation.chain.links if link.why_not is None]
    if any(not (link.event.ref.document_id or link.event.ref.evidence) for link in links):
        missing.append("interruption")
    if any(one.interest is None for one in claimed):
        missing.append("interest")
    if not all_in:
        missing.append("size")
    return Evidence(day, claimed, papers, contacts, outcomes_of(session, contacts), missing)


def claimed_items(session: Session, case: LegalCase, day: date) -> list[Claimed]:
    """The claimed items with interest and limitation, the oldest first."""
    ids = [row.item_id for row in case.items]
    left, before = _interest(session, case, ids, day), dealt_with(session, ids)
    limits = limitation_of(session, ids, day)
    query = select(LegalCaseItem, ReceivableItem).join(ReceivableItem).where(LegalCaseItem.case_id == case.id)
    rows = session.execute(query.order_by(ReceivableItem.due_date, ReceivableItem.id)).all()
    return [
        Claimed(
            item,
            part.amount,
            None if left is None else left.get(item.id, Interest(ZERO, item.currency, day, day)),
            *before.get(item.id, (ZERO, ZERO)),
            limits[item.id],
        )
        for part, item in rows
    ]


# --- inside -------------------------------------------------------------------------------------------------------


def _interest(
    session: Session, case: LegalCase, ids: Sequence[int], day: date
) -> Mapping[int, Interest] | None:
    """Late interest that is left, by item; None where a rate is missing: that keeps no case from going on."""
    try:
        return unclaimed_of(session, ids, case.customer.country, day)
    except (InterestRefused, MissingRate):
        return None


def _papers(
    session: Session, case: LegalCase, claimed: Sequence[Claimed], contacts: Sequence[CollectionContact]
) -> tuple[list[Paper], bool]:
    """The papers by piece, and whether all of them fit into a pack; the largest are left out first."""
    pieces: dict[int, str] = {
        row.document_id: "demands" for row in contacts if row.document_id and row.outcome in PROVEN
    }
    ids = [one.item.id for one in claimed]
    chain = select(LimitationInterruption.document_id, LimitationInterruption.ground).where(
        LimitationInterruption.item_id.in_(ids), LimitationInterruption.document_id.is_not(None)
    )
    for document_id, ground in session.execute(chain):
        pieces[int(document_id or 0)] = "demands" if ground == "demand_delivered" else "acknowledgement"
    handed = select(LegalDocument).where(LegalDocument.case_id == case.id)
    pieces |= {row.document_id: row.piece for row in session.scalars(handed)}
    query = (
        select(CustomerDocument)
        .where(
            CustomerDocument.customer_id == case.customer_id,
            or_(CustomerDocument.kind == "contract", CustomerDocument.id.in_(pieces)),
        )
        .order_by(CustomerDocument.size, CustomerDocument.id)
    )
    found, size, all_in = [], 0, True
    for document in session.scalars(query):
        size += document.size
        if size > LARGEST_PACK:
            all_in = False
            break
        found.append(document.id)
    loaded = select(CustomerDocument).where(CustomerDocument.id.in_(found)).order_by(CustomerDocument.id)
    rows = session.scalars(
        loaded.options(undefer(CustomerDocument.content)).execution_options(populate_existing=True)
    )
    return [Paper(pieces.get(row.id, "contract"), row) for row in rows], all_in
