"""Milestones of a contract in force: added, done with their paper, moved to another day, or cancelled."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from credit_app.domain.contracts import MILESTONE_KINDS
from credit_app.facts.contracts import file_document, note_event
from credit_app.facts.customer_documents import Handed
from credit_app.facts.retention import plan_retention
from credit_app.i18n import _
from credit_app.models import Person
from credit_app.models.contract import Contract
from credit_app.models.performance import ContractMilestone
from workflows import Conflict, InvalidAnswer, NotFound, clock

LEAST_WORDS = 5
# What is due outlives the end of a contract: a warranty, a last payment. Not so when it was terminated.
PERFORMED = ("active", "expired")
# Kind of milestone -> kind of the paper that proves it.
PAPERS = {"delivery": "delivery", "acceptance": "acceptance"}


def check_in_force(contract: Contract) -> None:
    """Raises Conflict: only a contract in force is performed."""
    if contract.status != "active":
        raise Conflict(_("This contract is not in force; nothing new falls due under it."))


def held(session: Session, contract_id: int) -> Contract:
    """The contract as it is now, held until the commit; it does not end meanwhile."""
    lock = {"key_share": True}
    return session.get_one(Contract, contract_id, with_for_update=lock, populate_existing=True)


def milestones_of(session: Session, contract_id: int) -> list[ContractMilestone]:
    """Those of a contract, the first due one first."""
    query = select(ContractMilestone).where(ContractMilestone.contract_id == contract_id)
    ordered = query.order_by(ContractMilestone.due_on, ContractMilestone.id)
    return list(session.scalars(ordered.options(joinedload(ContractMilestone.owner))))


def milestone_of(session: Session, contract: Contract, milestone_id: int) -> ContractMilestone:
    """One of a contract's. Raises NotFound."""
    found = session.get(ContractMilestone, milestone_id)
    if found is None or found.contract_id != contract.id:
        raise NotFound(_("There is no such milestone of this contract."))
    return found


def add(
    session: Session,
    contract: Contract,
    kind: str,
    title: str,
    due_on: date | None,
    owner: Person | None,
    amount: Decimal | None,
    day: date,
    by: int,
) -> ContractMilestone:
    """Plan something that will be due. Flushed. Raises InvalidAnswer naming the field, Conflict."""
    check_in_force(held(session, contract.id))
    if kind not in MILESTONE_KINDS:
        raise InvalidAnswer("kind", _("Choose what is due."))
    if not title:
        raise InvalidAnswer("title", _("Say what is due."))
    if due_on is None or due_on < day:
        raise InvalidAnswer("due_on", _("Give the day on which it is due, today or later."))
    if owner is None or not owner.active:
        raise InvalidAnswer("owner", _("Choose who sees to it."))
    if amount is not None and amount < 0:
        raise InvalidAnswer("amount", _("Give an amount of zero or more."))
    row = ContractMilestone(
        contract_id=contract.id, kind=kind, title=title[:200], due_on=due_on, owner_id=owner.id, amount=amount,
        made_by=by, created_at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    _moved(session, row)
    note_event(session, contract, "milestone_planned", due_on, row.title, by)
    return row


def nothing_chosen() -> InvalidAnswer:
    """What an answer without a choice is refused with."""
    return InvalidAnswer("choice", _("Choose what became of it."))


def done(
    session: Session,
    row: ContractMilestone,
    seen: int,
    done_on: date | None,
    evidence: str,
    paper: Handed | None,
    day: date,
    by: int,
) -> None:
    """Keep that it was done, and how that is known: the words or the paper. Raises InvalidAnswer, Conflict."""
    _held(session, row, seen)
    if done_on is None or done_on > day:
        raise InvalidAnswer("done_on", _("Give the day on which it was done, today at the latest."))
    if paper is None and len(evidence) < LEAST_WORDS:
        raise InvalidAnswer("evidence", _("Say how it is known, or hand in the paper that proves it."))
    if paper is not None:
        filed = file_document(session, row.contract, paper, PAPERS.get(row.kind, "other"), by)
        evidence = f"{evidence} [{filed.filename}]".strip()
    row.status, row.done_on, row.evidence, row.closed_by = "done", done_on, evidence[:1000], by
    session.flush()
    _moved(session, row)
    note_event(session, row.contract, "milestone_done", done_on, row.title, by)


def move(
    session: Session, row: ContractMilestone, seen: int, due_on: date | None, owner: Person | None, why: str,
    day: date, by: int,
) -> None:  # fmt: skip
    """Give it another day or owner. Raises InvalidAnswer, Conflict."""
    _held(session, row, seen)
    if due_on is None or due_on < day:
        raise InvalidAnswer("due_on", _("Give the day on which it is due, today or later."))
    if owner is None or not owner.active:
        raise InvalidAnswer("owner", _("Choose who sees to it."))
    if due_on == row.due_on and owner.id == row.owner_id:
        raise InvalidAnswer("due_on", _("Nothing would change; give another day or another owner."))
    if len(why) < LEAST_WORDS:
        raise InvalidAnswer("why", _("Say in a few words why."))
    moved = f"{row.title}: {row.due_on.isoformat()} → {due_on.isoformat()}. {why}"
    row.due_on, row.owner_id = due_on, owner.id
    session.flush()
    _moved(session, row)
    note_event(session, row.contract, "milestone_moved", due_on, moved, by)


def cancel(session: Session, row: ContractMilestone, seen: int, why: str, day: date, by: int) -> None:
    """It will not come about. Raises InvalidAnswer, Conflict."""
    _held(session, row, seen)
    if len(why) < LEAST_WORDS:
        raise InvalidAnswer("why", _("Say in a few words why."))
    row.status, row.evidence, row.closed_by = "cancelled", why[:1000], by
    session.flush()
    _moved(session, row)
    note_event(session, row.contract, "milestone_cancelled", day, f"{row.title}. {why}", by)


def cancel_open(session: Session, contract: Contract, by: int | None) -> None:
    """Cancel what is planned still: the contract was ended before its time."""
    for row in _planned(session, contract):
        row.status, row.closed_by = "cancelled", by
    session.flush()


def reach_end(session: Session, contract: Contract, ended_on: date) -> None:
    """The contract has run out: its end is reached and its day of notice over; warranty and payments go on."""
    for row in _planned(session, contract):
        if row.kind == "expiry":
            row.status, row.done_on = "done", ended_on
        elif row.kind == "renewal":
            row.status = "cancelled"
    session.flush()


def _planned(session: Session, contract: Contract) -> Sequence[ContractMilestone]:
    query = select(ContractMilestone).where(
        ContractMilestone.contract_id == contract.id, ContractMilestone.status == "planned"
    )
    return session.scalars(query.order_by(ContractMilestone.id).with_for_update()).all()


def _moved(session: Session, row: ContractMilestone) -> None:
    """What counts from an acceptance moves with it; the contract is held."""
    if row.kind == "acceptance":
        contract = session.get_one(Contract, row.contract_id)
        plan_retention(session, contract, contract.current, clock.now())


def _held(session: Session, row: ContractMilestone, seen: int) -> None:
    """Hold the contract and the row until the commit. Raises Conflict when it is not the one that the page showed, or
    was ended."""
    held(session, row.contract_id)
    session.get_one(ContractMilestone, row.id, with_for_update=True, populate_existing=True)
    if row.contract.status not in PERFORMED:
        raise Conflict(_("This contract is not in force; nothing is due under it any more."))
    if row.version != seen:
        raise Conflict(_("Somebody changed this milestone meanwhile; look at it again."))
    if row.status != "planned":
        raise Conflict(_("This milestone was ended already."))
