"""Late interest, write-offs and provisions of the demo: some claimed, some waived, a write-off at each status."""

import hashlib
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from credit_app import resources, write_offs
from credit_app.demo.file_papers import paper
from credit_app.domain.provision import last_month_end
from credit_app.facts import interest_claims, provision, recovery
from credit_app.facts.ledger_receipts import enter_receipt
from credit_app.facts.write_off import Proposal, debts_of
from credit_app.models import Customer, CustomerDocument, ItemBalance, ItemMark, Person, ReceivableItem
from credit_app.models.write_off import WriteOff
from credit_app.processes import registry_of
from credit_app.steps.write_off import decide_write_off, propose_write_off
from workflows import Actor, Engine, clock
from workflows.tables import OpenTask

PROPOSED, DECIDED, RECOVERED = timedelta(days=12), timedelta(days=9), timedelta(days=2)
NOTE = "Insolvency proceedings were closed for want of assets; letters and two visits came to nothing."
LATE_DAYS = 20
SHARE_RECOVERED = Decimal("0.10")


def add_losses(session: Session, people: dict[str, Person], now: datetime) -> None:
    """Interest of one debtor is claimed and in part waived; others have write-offs; two months are provided for."""
    interest, *debtors = _late(session, now)
    _claims(session, interest, people, now)
    engine = Engine(registry_of(resources.bpmn()))
    collector, manager = people["amira.haddad"], people["ines.moreau"]
    for customer, status in zip(debtors, ("proposing", "in_approval", "written_off"), strict=False):
        with clock.at(now - PROPOSED):
            found = write_offs.start(session, engine, customer.id, Actor(collector.id), "demo")
            if status != "proposing":
                _propose(session, engine, found, collector, now - PROPOSED)
        if status == "written_off":
            with clock.at(now - DECIDED):
                _approve(session, engine, found, manager)
            with clock.at(now - RECOVERED):
                _recover(session, found, people["marta.kowalska"], now - RECOVERED)
    last = last_month_end(now.date())
    for month in (last_month_end(last), last):
        provision.run_until(session, month, now.date(), None)


def _late(session: Session, now: datetime) -> list[Customer]:
    """Up to four active customers with undisputed invoices long past due, the oldest due date first."""
    marked = exists().where(ItemMark.item_id == ItemBalance.item_id)
    query = (
        select(Customer)
        .join(ItemBalance, ItemBalance.customer_id == Customer.id)
        .join(ReceivableItem, ReceivableItem.id == ItemBalance.item_id)
        .where(
            Customer.status == "active",
            ItemBalance.kind == "invoice",
            ItemBalance.open_amount > 0,
            ItemBalance.due_date < now.date() - timedelta(days=LATE_DAYS),
            ~ReceivableItem.disputed,
            ~marked,
        )
        .group_by(Customer.id)
        .order_by(func.min(ItemBalance.due_date), Customer.id)
        .limit(4)
    )
    return list(session.scalars(query))


def _claims(session: Session, customer: Customer, people: dict[str, Person], now: datetime) -> None:
    day = now.date()
    late = interest_claims.late_items(session, customer.id, day)
    left = [
        item for item in late if item in interest_claims.unclaimed_of(session, late, customer.country, day)
    ]
    interest_claims.claim(session, customer, left[:1], day, people["marta.kowalska"].id)
    if left[1:2]:
        interest_claims.waive(
            session, customer, left[1:2], [], "Our delivery came late too", day, people["michael.okafor"]
        )


def _propose(session: Session, engine: Engine, found: WriteOff, by: Person, at: datetime) -> None:
    """The oldest undisputed debt, with the court's decision as evidence."""
    content = paper("Decision of the insolvency court (demonstration)")
    document = CustomerDocument(
        customer_id=found.customer_id, kind="other", filename="Insolvency decision.pdf",
        content_type="application/pdf", size=len(content), sha256=hashlib.sha256(content).hexdigest(),
        content=content, uploaded_by=by.id, uploaded_at=at,
    )  # fmt: skip
    session.add(document)
    session.flush()
    marked = set(session.scalars(select(ItemMark.item_id)))
    debts = debts_of(session, found.customer_id, at.date())
    item = next(one.item.id for one in debts if not one.item.disputed and one.item.id not in marked)
    answer = Proposal("proposed", [item], "insolvency", [document.id], NOTE)
    engine.complete(
        session,
        _task(session, found),
        Actor(by.id),
        "demo",
        lambda one: propose_write_off.complete(one, answer),
    )


def _approve(session: Session, engine: Engine, found: WriteOff, manager: Person) -> None:
    engine.complete(
        session, _task(session, found), Actor(manager.id), "demo",
        lambda one: decide_write_off.complete(one, ("approve", "")),
    )  # fmt: skip


def _recover(session: Session, found: WriteOff, keeper: Person, at: datetime) -> None:
    """A tenth comes in after all."""
    session.refresh(found)
    claim = found.items[0]
    amount = (claim.claim * SHARE_RECOVERED).quantize(Decimal("0.01"))
    receipt = enter_receipt(
        session, found.customer_id, amount, claim.item.currency, at.date(), at.date(),
        reference="Administrator, share of the estate", made_by=keeper.id,
    )  # fmt: skip
    recovery.recover(session, claim, receipt, amount, at.date(), keeper.id)


def _task(session: Session, found: WriteOff) -> int:
    return session.scalars(select(OpenTask.id).where(OpenTask.instance_id == found.instance_id)).one()
