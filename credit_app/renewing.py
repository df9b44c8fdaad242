"""Asks in time whether contracts are renewed, begins what was decided, and ends or prolongs them on their last day."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from credit_app import contracting
from credit_app.contracting import today_of
from credit_app.domain.contract_performance import decide_by, prolonged
from credit_app.facts.breaches import terminate
from credit_app.facts.contract_warnings import policy_of
from credit_app.facts.contracts import contract_of, note_event
from credit_app.facts.customer_documents import Handed
from credit_app.facts.milestones import reach_end
from credit_app.facts.performance import plan
from credit_app.facts.renewals import drop, remind_at, running_of
from credit_app.i18n import _
from credit_app.models import Company, next_case_number
from credit_app.models.contract import Contract, ContractVersion
from credit_app.models.performance import ContractBreach, ContractRenewal
from workflows import SYSTEM, Action, Actor, Conflict, Engine, clock

PROCESS = "contract_renewal"
MESSAGE = "contract_over"
# Milestones that move when a contract renews itself.
OF_THE_END = ("expiry", "renewal")


# --- the question ---------------------------------------------------------------------------------------------------


def to_ask(session: Session) -> list[int]:
    """The contracts in force whose end, or last day of notice, comes near, and whose end nobody was asked about yet."""
    if session.get(Company, 1) is None:
        return []
    day = today_of(session)
    asked = exists().where(
        ContractRenewal.contract_id == Contract.id, ContractRenewal.ends_on == Contract.ends_on
    )
    notice = func.coalesce(ContractVersion.renewal_notice_days, 0)
    query = (
        select(Contract.id)
        .join(ContractVersion, ContractVersion.id == Contract.version_id)
        .where(
            Contract.status == "active",
            Contract.ends_on >= day,
            Contract.ends_on - notice - policy_of(session, day).renewal_days <= day,
            ~asked,
        )
    )
    return list(session.scalars(query.order_by(Contract.ends_on, Contract.id)))


def ask(session: Session, engine: Engine, contract_id: int) -> ContractRenewal | None:
    """Ask the owner of a contract whether it goes on; None when that was done meanwhile. The caller commits."""
    contract = contract_of(session, contract_id, lock=True)
    day, terms = today_of(session), contract.current
    known = select(ContractRenewal.id).where(
        ContractRenewal.contract_id == contract.id, ContractRenewal.ends_on == contract.ends_on
    )
    if contract.status != "active" or contract.ends_on is None or session.scalar(known.limit(1)) is not None:
        return None
    row = ContractRenewal(
        number=next_case_number(session, PROCESS, day.year), contract_id=contract.id, status="deciding",
        customer_id=contract.customer_id, party_id=contract.party_id, amount=contract.amount,
        currency=contract.currency, ends_on=contract.ends_on, created_at=clock.now(),
        decide_by=decide_by(contract.ends_on, terms.renewal_notice_days if terms else None, day),
    )  # fmt: skip
    session.add(row)
    session.flush()
    note_event(session, contract, "renewal_asked", day, row.number)
    data = {"renewal_id": row.id, "remind_at": remind_at(session, row, day).isoformat()}
    rest = engine.start(session, PROCESS, row.id, data, SYSTEM, "job:start_renewals")
    row.instance_id = rest.instance_id
    session.flush()
    return row


def start_asked(session: Session, engine: Engine, params: Mapping[str, Any]) -> str:
    """Begin the change that a renewal asks for; the number of the review, the one under way when there is one.

    Empty when the contract can no longer be renewed.
    """
    contract = contract_of(session, int(params["contract_id"]), lock=True)
    running = contracting.running_of(session, contract.id)
    if running is not None:
        return running.number
    if contract.status not in contracting.FROM_STATUS["renewal"]:
        return ""
    actor = Actor(int(params["asked_by"]))
    row = contracting.start_review(
        session, engine, contract.id, actor, "process:contract_renewal", kind="renewal",
        changes=str(params["changes"]),
    )  # fmt: skip
    return row.number


# --- the end --------------------------------------------------------------------------------------------------------


def end_for_breach(
    session: Session, engine: Engine, row: ContractBreach, paper: Handed | None, ends_on: date | None, actor: Actor
) -> None:  # fmt: skip
    """Terminate the contract of a breach; a decision on its renewal is dropped. The caller commits.

    Raises InvalidAnswer, Conflict, also while a change of the contract is under way: filed, it would be in force again.
    """
    running = contracting.running_of(session, row.contract_id)
    if running is not None:
        raise Conflict(
            _("A change of this contract is under way: %(number)s. Withdraw it first.", number=running.number)
        )
    terminate(session, row, paper, ends_on, today_of(session), actor.person_id or 0)
    _tell_over(session, engine, row.contract_id, actor, "screen:contracts.terminate")


def ended(session: Session) -> list[int]:
    """The contracts in force whose last day is over, the first one first."""
    if session.get(Company, 1) is None:
        return []
    query = select(Contract.id).where(Contract.status == "active", Contract.ends_on < today_of(session))
    return list(session.scalars(query.order_by(Contract.ends_on, Contract.id)))


def end_or_prolong(session: Session, engine: Engine, contract_id: int) -> bool:
    """Prolong a contract that renews itself and was not given notice of by its own length, end any other one; False
    when that was done meanwhile. The caller commits."""
    day = today_of(session)
    contract = contract_of(session, contract_id, lock=True)
    session.refresh(contract)
    if contract.status != "active" or contract.ends_on is None or contract.ends_on >= day:
        return False
    if _renews_itself(session, contract):
        _prolong(session, contract, day)
    else:
        contract.status = "expired"
        reach_end(session, contract, contract.ends_on)
        note_event(session, contract, "expired", contract.ends_on)
    _tell_over(session, engine, contract.id, SYSTEM, "job:expire_contracts")
    return True


def _renews_itself(session: Session, contract: Contract) -> bool:
    if contract.current is None or contract.current.renewal != "automatic":
        return False
    noticed = select(ContractRenewal.id).where(
        ContractRenewal.contract_id == contract.id,
        ContractRenewal.ends_on == contract.ends_on,
        ContractRenewal.status == "notice_given",
    )
    return session.scalar(noticed.limit(1)) is None


def _prolong(session: Session, contract: Contract, day: date) -> None:
    """The version stands as it was agreed: it says that the contract renews itself, the contract says until when."""
    terms = contract.current
    assert terms is not None and contract.ends_on is not None, "asked before"  # noqa: PT018, S101
    agreed = terms.ends_on or contract.ends_on
    began = terms.starts_on or contract.signed_on or contract.filed_on or agreed
    contract.ends_on = prolonged(min(began, agreed), agreed, contract.ends_on, day)
    session.flush()
    plan(session, contract, terms, clock.now(), OF_THE_END)
    note_event(session, contract, "prolonged", contract.ends_on)


def _tell_over(session: Session, engine: Engine, contract_id: int, actor: Actor, source: str) -> None:
    row = running_of(session, contract_id)
    if row is None or row.instance_id is None:
        return
    day = today_of(session)

    def dropped(_action: Action) -> None:
        drop(session, row, day)

    engine.send(session, row.instance_id, MESSAGE, actor, source, before=dropped)
