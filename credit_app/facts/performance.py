"""Milestones of contracts: those that follow from the terms of the version in force."""

from collections.abc import Iterator
from datetime import date, timedelta

from sqlalchemy import select

from credit_app.domain.dates import add_months
from credit_app.domain.sentences import N_
from credit_app.models.contract import Contract, ContractVersion
from credit_app.models.performance import ContractMilestone
from workflows import Action


def plan_milestones(action: Action, contract: Contract, version: ContractVersion) -> None:
    """Plan what follows from the terms; what was planned so before and is not done yet moves to its new day."""
    session = action.session
    query = select(ContractMilestone).where(
        ContractMilestone.contract_id == contract.id,
        ContractMilestone.made_by.is_(None),
        ContractMilestone.status == "planned",
    )
    planned = {row.kind: row for row in session.scalars(query)}
    wanted = {kind: (title, due_on) for kind, title, due_on in milestones_of(version)}
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
                amount=version.amount if kind == "delivery" else None, created_at=action.now,
            )
        )  # fmt: skip
    session.flush()


def milestones_of(version: ContractVersion) -> Iterator[tuple[str, str, date]]:
    """(kind, title, day) of what the terms say will be due; titles are msgids."""
    if version.delivery_on is not None:
        yield "delivery", N_("Delivery"), version.delivery_on
        if version.warranty_months:
            yield "warranty", N_("Warranty ends"), add_months(version.delivery_on, version.warranty_months)
    if version.ends_on is not None:
        yield "expiry", N_("Contract ends"), version.ends_on
        if version.renewal_notice_days:
            yield (
                "renewal",
                N_("Last day of notice"),
                version.ends_on - timedelta(days=version.renewal_notice_days),
            )
