"""When the retention of a contract falls due: after each invoice, or once everything was accepted, as its terms say."""

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.domain.contract_performance import CENT, RetentionTerm
from credit_app.domain.sentences import N_
from credit_app.models.contract import Contract, ContractVersion
from credit_app.models.ledger import ReceivableItem
from credit_app.models.performance import ContractItem, ContractMilestone

KIND = "retention"
TITLE = N_("Retention falls due")


def retention_of(
    session: Session, contract: Contract, version: ContractVersion | None
) -> RetentionTerm | None:
    """When retention falls due by the terms of a version; None where nothing is retained.

    Everything is accepted once each acceptance that was planned is done: the last one counts.
    """
    if version is None or not version.retention_share:
        return None
    share, days = version.retention_share, version.retention_days or 0
    if version.retention_from != "acceptance":
        return RetentionTerm(share, days)
    query = select(ContractMilestone.done_on, ContractMilestone.due_on).where(
        ContractMilestone.contract_id == contract.id,
        ContractMilestone.kind == "acceptance",
        ContractMilestone.status != "cancelled",
    )
    rows = session.execute(query).all()
    last = max((done_on or due_on for done_on, due_on in rows), default=None)
    accepted = all(done_on is not None for done_on, _due_on in rows)
    return RetentionTerm(
        share, days, True, accepted_on=last if accepted else None, expected_on=None if accepted else last
    )


def plan_retention(
    session: Session, contract: Contract, version: ContractVersion | None, now: datetime
) -> None:
    """Keep the milestone of retention that counts from acceptance on its day, which moves with the acceptance; gone
    where the terms know none. What people ended stays ended. The contract is held by the caller. Flushed."""
    query = select(ContractMilestone).where(
        ContractMilestone.contract_id == contract.id,
        ContractMilestone.kind == KIND,
        ContractMilestone.made_by.is_(None),
    )
    rows = session.scalars(query.with_for_update()).all()
    planned = next((row for row in rows if row.status == "planned"), None)
    term = retention_of(session, contract, version)
    due = term.falls_due() if term is not None and term.from_acceptance else None
    if due is None or term is None:
        if planned is not None:
            planned.status = "cancelled"
    elif planned is not None:
        planned.due_on, planned.amount = due, _amount(term, version)
    elif not any(row.status == "done" or row.closed_by is not None for row in rows):
        session.add(
            ContractMilestone(
                contract_id=contract.id, kind=KIND, title=TITLE, due_on=due, owner_id=contract.owner_id,
                amount=_amount(term, version), created_at=now,
            )
        )  # fmt: skip
    session.flush()


def due_after_invoice(version: ContractVersion | None, item: ReceivableItem) -> date | None:
    """The day on which the retention of an invoice falls due, where it counts from it."""
    if version is None or not version.retention_share or version.retention_from != "invoice":
        return None
    return (
        item.document_date + timedelta(days=version.retention_days or 0) if item.kind == "invoice" else None
    )


def plan_items(session: Session, contract: Contract, version: ContractVersion) -> None:
    """Keep with each linked item when its retention falls due by the terms of a version that comes into force."""
    rows = select(ContractItem, ReceivableItem).join(
        ReceivableItem, ReceivableItem.id == ContractItem.item_id
    )
    for row, item in session.execute(
        rows.where(ContractItem.contract_id == contract.id).with_for_update(of=ContractItem)
    ):
        row.retention_due_on = due_after_invoice(version, item)
    session.flush()


def _amount(term: RetentionTerm, version: ContractVersion | None) -> Decimal | None:
    """What is retained of the agreed value."""
    if version is None or version.amount is None:
        return None
    return (version.amount * term.share).quantize(CENT, ROUND_HALF_UP)
