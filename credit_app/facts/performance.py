"""Milestones of contracts: those that follow from the terms of the version in force."""

from collections.abc import Collection, Iterator
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.domain.contract_performance import last_notice
from credit_app.domain.contracts import MILESTONE_KINDS
from credit_app.domain.dates import add_months
from credit_app.domain.sentences import N_
from credit_app.facts import retention
from credit_app.models.contract import Contract, ContractVersion
from credit_app.models.performance import ContractMilestone
from workflows import Action


def plan_milestones(action: Action, contract: Contract, version: ContractVersion) -> None:
    """Plan what follows from the terms of a version that comes into force."""
    plan(action.session, contract, version, action.now)


def plan(
    session: Session,
    contract: Contract,
    version: ContractVersion,
    now: datetime,
    kinds: Collection[str] = MILESTONE_KINDS,
) -> None:
    """Plan what of these kinds follows from the terms and from the contract's end; what was planned so before and is
    not done yet moves to its new day, what people ended does not come again."""
    query = select(ContractMilestone).where(
        ContractMilestone.contract_id == contract.id,
        ContractMilestone.made_by.is_(None),
        ContractMilestone.kind.in_([kind for kind in kinds if kind != retention.KIND]),
    )
    rows = list(session.scalars(query))
    planned = {row.kind: row for row in rows if row.status == "planned"}
    ended = {(row.kind, row.due_on) for row in rows if row.status == "done" or row.closed_by is not None}
    wanted = {
        kind: (title, due_on)
        for kind, title, due_on in milestones_of(version, contract.ends_on)
        if kind in kinds and not any(one == kind and due_on <= day for one, day in ended)
    }
    if "acceptance" in wanted and _accepted_by_hand(session, contract):
        del wanted["acceptance"]
    for kind, row in planned.items():
        if kind not in wanted:
            row.status = "cancelled"
    for kind, (title, due_on) in wanted.items():
        if kind in planned:
            planned[kind].due_on = due_on
            continue
        session.add(
            ContractMilestone(
                contract_id=contract.id, kind=kind, title=title, due_on=due_on, owner_id=contract.owner_id,
                amount=version.amount if kind == "delivery" else None, created_at=now,
            )
        )  # fmt: skip
    session.flush()
    if retention.KIND in kinds:
        retention.plan_retention(session, contract, version, now)
        retention.plan_items(session, contract, version)


def _accepted_by_hand(session: Session, contract: Contract) -> bool:
    """Whether people have planned the acceptances of a contract themselves."""
    query = select(ContractMilestone.id).where(
        ContractMilestone.contract_id == contract.id,
        ContractMilestone.kind == "acceptance",
        ContractMilestone.made_by.is_not(None),
        ContractMilestone.status != "cancelled",
    )
    return session.scalar(query.limit(1)) is not None


def milestones_of(version: ContractVersion, ends_on: date | None) -> Iterator[tuple[str, str, date]]:
    """(kind, title, day) of what the terms say will be due, the contract ending on `ends_on`; titles are msgids."""
    if version.delivery_on is not None:
        yield "delivery", N_("Delivery"), version.delivery_on
        if version.retention_share and version.retention_from == "acceptance":
            yield "acceptance", N_("Acceptance"), version.delivery_on
        if version.warranty_months:
            yield "warranty", N_("Warranty ends"), add_months(version.delivery_on, version.warranty_months)
    if ends_on is not None:
        yield "expiry", N_("Contract ends"), ends_on
        if version.renewal_notice_days:
            yield "renewal", N_("Last day of notice"), last_notice(ends_on, version.renewal_notice_days)
