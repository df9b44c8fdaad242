"""Breaches of contracts: recorded with their consequence, and how they ended; one may end the contract."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from credit_app.domain.contracts import BREACH_CONSEQUENCES, BREACH_KINDS, BREACH_PARTIES, BREACH_STATUSES
from credit_app.facts.contracts import file_document, note_event
from credit_app.facts.customer_documents import Handed
from credit_app.facts.milestones import LEAST_WORDS, cancel_open, held, milestone_of
from credit_app.i18n import _
from credit_app.models.contract import Contract
from credit_app.models.performance import ContractBreach
from workflows import Conflict, InvalidAnswer, NotFound, clock

# Only what was in force can have been broken; also after it is over.
WAS_IN_FORCE = ("active", "expired", "terminated")
# Breaches by the customer that collection works on.
OWED = ("late_payment", "not_paid")
ENDS = tuple(status for status in BREACH_STATUSES if status != "open")
MOST_SHOWN = 20


def breaches_of(session: Session, contract_id: int) -> list[ContractBreach]:
    """Those of a contract, the newest first."""
    query = select(ContractBreach).where(ContractBreach.contract_id == contract_id)
    return list(session.scalars(query.order_by(ContractBreach.occurred_on.desc(), ContractBreach.id.desc())))


def breach_of(session: Session, contract: Contract, breach_id: int) -> ContractBreach:
    """One of a contract's. Raises NotFound."""
    found = session.get(ContractBreach, breach_id)
    if found is None or found.contract_id != contract.id:
        raise NotFound(_("There is no such breach of this contract."))
    return found


def open_breaches(session: Session, customer_id: int) -> Sequence[ContractBreach]:
    """The breaches of a customer's contracts that are not settled, by either side, the newest first."""
    query = (
        select(ContractBreach)
        .join(Contract, Contract.id == ContractBreach.contract_id)
        .where(Contract.customer_id == customer_id, ContractBreach.status == "open")
        .options(joinedload(ContractBreach.contract))
        .order_by(ContractBreach.occurred_on.desc(), ContractBreach.id.desc())
    )
    return session.scalars(query.limit(MOST_SHOWN)).all()


def record(
    session: Session,
    contract: Contract,
    *,
    by_side: str,
    kind: str,
    occurred_on: date | None,
    description: str,
    consequence: str,
    amount: Decimal | None,
    milestone_id: int | None,
    day: date,
    by: int,
) -> ContractBreach:
    """Write a breach down. Flushed. Raises InvalidAnswer naming the field, Conflict, NotFound."""
    if held(session, contract.id).status not in WAS_IN_FORCE:
        raise Conflict(_("This contract has not come into force; nothing of it can be broken."))
    if by_side not in BREACH_PARTIES:
        raise InvalidAnswer("by_side", _("Choose who broke the contract."))
    if kind not in BREACH_KINDS:
        raise InvalidAnswer("kind", _("Choose what was not kept."))
    first = contract.starts_on or contract.filed_on
    if occurred_on is None or occurred_on > day or (first is not None and occurred_on < first):
        raise InvalidAnswer(
            "occurred_on", _("Give the day on which it happened, from the begin of the contract to today.")
        )
    if len(description) < LEAST_WORDS:
        raise InvalidAnswer("description", _("Say in a few words what happened."))
    if consequence not in BREACH_CONSEQUENCES:
        raise InvalidAnswer("consequence", _("Choose what follows from it."))
    if consequence in ("penalty", "damages") and not amount:
        raise InvalidAnswer("amount", _("Give the amount of the penalty or of the damages."))
    if milestone_id is not None:
        milestone_of(session, contract, milestone_id)
    row = ContractBreach(
        contract_id=contract.id, milestone_id=milestone_id, by_side=by_side, kind=kind, occurred_on=occurred_on,
        description=description[:2000], consequence=consequence, amount=amount, made_by=by, created_at=clock.now(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    note_event(session, contract, "breach_recorded", occurred_on, row.description, by)
    return row


def end(
    session: Session, row: ContractBreach, status: str, closed_on: date | None, note: str, day: date, by: int
) -> None:
    """Write down how it ended: cured, settled or claimed. Raises InvalidAnswer, Conflict."""
    session.get_one(ContractBreach, row.id, with_for_update=True, populate_existing=True)
    if row.status != "open":
        raise Conflict(_("This breach was ended already."))
    if status not in ENDS:
        raise InvalidAnswer("status", _("Choose how it ended."))
    if closed_on is None or not row.occurred_on <= closed_on <= day:
        raise InvalidAnswer("closed_on", _("Give the day on which it ended, from the breach to today."))
    if len(note) < LEAST_WORDS:
        raise InvalidAnswer("note", _("Say in a few words how it ended."))
    row.status, row.closed_on, row.closed_note, row.closed_by = status, closed_on, note[:1000], by
    session.flush()
    note_event(session, row.contract, "breach_ended", closed_on, note, by)


def terminate(
    session: Session, row: ContractBreach, paper: Handed | None, ends_on: date | None, day: date, by: int
) -> None:
    """End the contract for a breach whose consequence is termination; the notice that was received proves it.

    Raises InvalidAnswer naming the field, Conflict.
    """
    contract = session.get_one(Contract, row.contract_id, with_for_update=True, populate_existing=True)
    session.get_one(ContractBreach, row.id, with_for_update=True, populate_existing=True)
    if row.consequence != "termination" or row.status != "open":
        raise Conflict(_("No termination follows from this breach."))
    if contract.status != "active":
        raise Conflict(_("This contract is not in force; it cannot be terminated."))
    if paper is None:
        raise InvalidAnswer("file", _("Hand in the notice with the proof that it was received."))
    if ends_on is None or not row.occurred_on <= ends_on <= day:
        raise InvalidAnswer(
            "ends_on", _("Give the day from which the notice holds, from the breach to today.")
        )
    file_document(session, contract, paper, "notice", by)
    contract.status, contract.terminated_on = "terminated", ends_on
    row.status, row.closed_on, row.closed_by = "claimed", ends_on, by
    cancel_open(session, contract, by)
    note_event(session, contract, "terminated", ends_on, row.description, by)
