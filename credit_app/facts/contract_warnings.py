"""Warnings ahead of the milestones of contracts in force, and once after the day: each goes out once."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import Integer, Text, case, cast, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, joinedload

from credit_app.domain.contract_performance import OVERDUE, PerformancePolicy
from credit_app.facts.milestones import PERFORMED
from credit_app.facts.people import ids_with
from credit_app.models import policy_values
from credit_app.models.contract import Contract
from credit_app.models.performance import ContractMilestone, ContractWarning
from workflows import clock, outbox

MAIL = "contract_dates"
PREFIX = "milestone:"
MOST = 50  # that one mail lists; it counts the rest


def policy_of(session: Session, day: date) -> PerformancePolicy:
    """The policy of `day`."""
    return PerformancePolicy.from_policy(policy_values(session, day))


def warn(session: Session, day: date) -> int:
    """Queue the warnings that `day` owes; returns of how many milestones. Run twice, it queues nothing the second time.
    The caller commits.

    Every owner gets one mail with all of theirs; for one who has left the contract's owner does, else the heads of
    sales.
    """
    owed = _noted(session, day)
    if not owed:
        return 0
    query = select(ContractMilestone).where(ContractMilestone.id.in_(owed))
    query = query.options(
        joinedload(ContractMilestone.owner),
        joinedload(ContractMilestone.contract).joinedload(Contract.owner),
    )
    mine: dict[int, list[int]] = defaultdict(list)
    for row in session.scalars(query.order_by(ContractMilestone.due_on, ContractMilestone.id)):
        for person_id in _readers(session, row):
            mine[person_id].append(row.id)
    for person_id, ids in mine.items():
        key = f"{MAIL}:{day.isoformat()}:{person_id}:{ids[0]}:{len(ids)}"
        facts = {"milestone_ids": ids[:MOST], "more": max(0, len(ids) - MOST), "day": day.isoformat()}
        outbox.queue(session, key, "mail", f"person:{person_id}", MAIL, facts)
    return len(owed)


def warned_of(session: Session, ids: Sequence[int]) -> list[ContractMilestone]:
    """The milestones with these ids, the first due one first."""
    query = select(ContractMilestone).where(ContractMilestone.id.in_(ids))
    query = query.options(joinedload(ContractMilestone.contract)).order_by(ContractMilestone.due_on)
    return list(session.scalars(query))


def _noted(session: Session, day: date) -> list[int]:
    """Write the warnings of today down in one statement; the ids of the milestones that are told now."""
    steps = sorted(policy_of(session, day).warnings)
    left = cast(ContractMilestone.due_on - literal(day), Integer)
    step = case((left < 0, OVERDUE), *((left <= days, days) for days in steps))
    wanted = (
        select(
            ContractMilestone.contract_id,
            func.concat(PREFIX, cast(ContractMilestone.id, Text)),
            ContractMilestone.due_on,
            step,
            literal(clock.now()),
        )
        .join(Contract, Contract.id == ContractMilestone.contract_id)
        .where(
            ContractMilestone.status == "planned",
            ContractMilestone.due_on <= day + timedelta(days=steps[-1]),
            Contract.status.in_(PERFORMED),
        )
    )
    columns = ["contract_id", "what", "due_on", "days", "sent_at"]
    row = insert(ContractWarning).from_select(columns, wanted)
    new = row.on_conflict_do_nothing(constraint="uq_contract_warning").returning(ContractWarning.what)
    return [int(what.removeprefix(PREFIX)) for what in session.scalars(new)]


def _readers(session: Session, row: ContractMilestone) -> list[int]:
    for person in (row.owner, row.contract.owner):
        if person.active:
            return [person.id]
    return list(ids_with(session, "sales_manager", row.contract.branch_id))
