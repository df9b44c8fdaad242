"""What proves the claim of a legal case: papers, demands, interest and limitation, and which pieces are missing."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import or_, select, text
from sqlalchemy.orm import Session, undefer

from credit_app.domain.limitation import interest
from credit_app.facts.legal import terms_of
from credit_app.facts.limitation import ItemLimitation, limitation_of
from credit_app.models import CollectionContact, CustomerDocument, LimitationInterruption, ReceivableItem
from credit_app.models.legal import LegalCase, LegalCaseItem, LegalDocument

MOST_CONTACTS = 2_000
LARGEST_PACK = 60 * 1024 * 1024
# A letter that reached the debtor, with its proof.
PROVEN = ("delivered",)
_BALANCES = text("""
    SELECT item_id, day, sum(sum(amount)) OVER (PARTITION BY item_id ORDER BY day) AS open FROM (
        SELECT id AS item_id, document_date AS day, amount FROM receivable_item WHERE id = ANY(:ids)
        UNION ALL SELECT item_id, adjusted_on, amount FROM adjustment WHERE item_id = ANY(:ids)
        UNION ALL SELECT item_id, allocated_on, -amount FROM allocation WHERE item_id = ANY(:ids)
    ) entry GROUP BY item_id, day ORDER BY item_id, day
""")


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claimed item: what of it is claimed, interest on what was open until the day of the pack, its limitation."""

    item: ReceivableItem
    amount: Decimal
    interest: Decimal
    limitation: ItemLimitation


@dataclass(frozen=True, slots=True)
class Paper:
    """A document of the pack and which piece of evidence it is; its bytes are loaded."""

    piece: str
    document: CustomerDocument


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that proves a claim on `as_of`. `missing`: codes, see MISSING_WORDS; `rate`: of the interest, a year."""

    as_of: date
    rate: Decimal
    claimed: Sequence[Claimed]
    papers: Sequence[Paper]
    contacts: Sequence[CollectionContact]
    missing: Sequence[str]


def evidence_of(session: Session, case: LegalCase, day: date) -> Evidence:
    """The evidence as the file has it on `day`."""
    claimed, terms = claimed_items(session, case, day), terms_of(session, case, day)
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
    if not all_in:
        missing.append("size")
    return Evidence(day, terms.late_interest, claimed, papers, contacts, missing)


def claimed_items(session: Session, case: LegalCase, day: date) -> list[Claimed]:
    """The claimed items with interest and limitation, the oldest first."""
    rate, ids = terms_of(session, case, day).late_interest, [row.item_id for row in case.items]
    balances: dict[int, list[tuple[date, Decimal]]] = defaultdict(list)
    for row in session.execute(_BALANCES, {"ids": ids}):
        balances[row.item_id].append((row.day, row.open))
    limits = limitation_of(session, ids, day)
    query = select(LegalCaseItem, ReceivableItem).join(ReceivableItem).where(LegalCaseItem.case_id == case.id)
    rows = session.execute(query.order_by(ReceivableItem.due_date, ReceivableItem.id)).all()
    return [
        Claimed(item, part.amount, interest(item.due_date, day, balances[item.id], rate), limits[item.id])
        for part, item in rows
    ]


# --- inside -------------------------------------------------------------------------------------------------------


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
