"""Contracts of the demo in force: with milestones, invoices and breaches, one to be decided on, one terminated."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from credit_app import renewing, resources
from credit_app.demo.file_papers import paper
from credit_app.facts import breaches, contract_items, milestones
from credit_app.facts.contracts import draft_version, freeze, note_event, record_need, take_over
from credit_app.facts.performance import plan
from credit_app.forms.uploads import Upload
from credit_app.models import Customer, ItemBalance, Person, ReceivableItem
from credit_app.models.contract import Contract
from credit_app.models.performance import ContractMilestone
from credit_app.processes import registry_of
from workflows import Actor, Engine, clock

TEXT = "Payment within the days agreed. Retention of title until full payment. Law and forum as agreed."
# (title, kind, days since it began, days until it ends, terms)
STORIES: tuple[tuple[str, str, int, int, dict[str, Any]], ...] = (
    ("Pumps and valves, frame of the year", "framework", 200, 165, {
        "payment_days": 30, "renewal": "automatic", "renewal_notice_days": 60, "goods": "Pumps, valves and seals",
    }),
    ("Conveyor line 4", "goods", 120, 400, {
        "payment_days": 45, "retention_share": Decimal("0.05"), "retention_days": 360, "retention_from": "acceptance",
        "warranty_months": 24,
        "goods": "Conveyor line with installation",
    }),
    ("Service of the filling plant", "service", 300, 64, {
        "payment_days": 30, "renewal": "by_agreement", "renewal_notice_days": 30, "goods": "Monthly service",
    }),
    ("Spare parts for the press shop", "goods", 250, 115, {"payment_days": 14, "goods": "Spare parts"}),
)  # fmt: skip


def add_contract_performance(session: Session, people: Mapping[str, Person], now: datetime) -> None:
    """Four contracts in force with customers who have invoices; needs the ledger and the collection cases."""
    engine = Engine(registry_of(resources.bpmn()))
    found = [
        _in_force(session, customer, customer.sales_rep or people["sara.lind"], story, now)
        for story, customer in zip(STORIES, _customers(session, len(STORIES)), strict=False)
    ]
    acts = (_framework, _with_retention, _to_decide, _terminated)
    for act, contract in zip(acts, found, strict=False):
        act(session, engine, contract, now)


def _framework(session: Session, _engine: Engine, contract: Contract, now: datetime) -> None:
    """Delivered in part; the customer pays late, which is a breach."""
    who, day = contract.owner_id, now.date()
    done = _plan(session, contract, "delivery", "First call-off", day - timedelta(days=150), now)
    _plan(session, contract, "delivery", "Second call-off", day + timedelta(days=12), now)
    _plan(session, contract, "payment", "Bonus of the half-year", day - timedelta(days=6), now)
    with clock.at(now - timedelta(days=149)):
        milestones.done(
            session, done, done.version, day - timedelta(days=150), "Delivery note signed by the warehouse", None,
            day - timedelta(days=149), who,
        )  # fmt: skip
    with clock.at(now - timedelta(days=9)):
        breaches.record(
            session, contract, by_side="them", kind="late_payment", occurred_on=day - timedelta(days=10),
            description="The invoices of two months are paid three weeks late", consequence="notice", amount=None,
            milestone_id=None, day=day - timedelta(days=9), by=who,
        )  # fmt: skip


def _with_retention(session: Session, _engine: Engine, contract: Contract, now: datetime) -> None:
    """Delivered late by us, a penalty was paid; retention counts from the acceptance, put off to tomorrow."""
    who, day = contract.owner_id, now.date()
    with clock.at(now - timedelta(days=60)):
        row = breaches.record(
            session, contract, by_side="us", kind="late_delivery", occurred_on=day - timedelta(days=61),
            description="The second truck came five days late", consequence="penalty", amount=Decimal(1500),
            milestone_id=None, day=day - timedelta(days=60), by=who,
        )  # fmt: skip
    with clock.at(now - timedelta(days=40)):
        then = day - timedelta(days=40)
        breaches.end(session, row, "settled", then, "Penalty taken off the last invoice", then, who)
    accepted = session.scalars(
        select(ContractMilestone).where(
            ContractMilestone.contract_id == contract.id, ContractMilestone.kind == "acceptance"
        )
    ).one()
    with clock.at(now - timedelta(days=60)):
        milestones.move(
            session, accepted, accepted.version, day + timedelta(days=1), contract.owner,
            "The second truck was late, the line is not complete", day - timedelta(days=60), who,
        )  # fmt: skip


def _to_decide(session: Session, engine: Engine, contract: Contract, now: datetime) -> None:
    """Its owner is asked whether it goes on."""
    with clock.at(now - timedelta(days=4)):
        renewing.ask(session, engine, contract.id)


def _terminated(session: Session, engine: Engine, contract: Contract, now: datetime) -> None:
    """Ended three weeks ago for what was not paid."""
    day = now.date() - timedelta(days=21)
    with clock.at(now - timedelta(days=21)):
        row = breaches.record(
            session, contract, by_side="them", kind="not_paid", occurred_on=day - timedelta(days=30),
            description="Nothing was paid after two notices", consequence="termination", amount=None,
            milestone_id=None, day=day, by=contract.owner_id,
        )  # fmt: skip
        content = paper("Notice of termination, received by the managing director")
        notice = Upload("termination.pdf", "application/pdf", content, sha256(content).hexdigest())
        renewing.end_for_breach(session, engine, row, notice, day, Actor(contract.owner_id))


def _plan(
    session: Session, contract: Contract, kind: str, title: str, due_on: date, now: datetime
) -> ContractMilestone:
    """A milestone that was planned when the contract began."""
    filed = contract.filed_on or due_on
    with clock.at(now - (now.date() - filed)):
        return milestones.add(
            session,
            contract,
            kind,
            title,
            due_on,
            contract.owner,
            None,
            min(filed, due_on),
            contract.owner_id,
        )


def _in_force(
    session: Session,
    customer: Customer,
    owner: Person,
    story: tuple[str, str, int, int, dict[str, Any]],
    now: datetime,
) -> Contract:
    title, kind, ago, ahead, terms = story
    began = now.date() - timedelta(days=ago)
    with clock.at(now - timedelta(days=ago)):
        contract = record_need(
            session, customer, owner.id, began, side="sales", kind=kind, title=title,
            need=f"{terms['goods']} for the plant in {customer.city or customer.name}",
        )  # fmt: skip
        bought = _bought(session, customer)
        newest = next(iter(_items(session, customer, began)))
        days = (
            {}
            if "retention_share" in terms
            else {"payment_days": (newest.due_date - newest.document_date).days}
        )
        version = draft_version(
            session, contract,
            {
                "amount": bought * 2, "currency": "EUR", "payment_method": "open_account", "starts_on": began,
                "ends_on": began + timedelta(days=ago + ahead), "delivery_on": began + timedelta(days=50),
                "governing_law": customer.country or "DE", "renewal": "none",
            } | terms | days,
            began, owner.id, text=TEXT,
        )  # fmt: skip
        freeze(session, version)
        take_over(contract, version)
        contract.status, contract.filed_on, contract.signed_on = "active", began, began
        session.flush()
        plan(session, contract, version, clock.now())
        note_event(session, contract, "review_filed", began, "", None, version.id)
    _delivered(session, contract, began + timedelta(days=48), now)
    for item in _items(session, customer, began):
        contract_items.link(session, contract, item.number, now.date(), owner.id)
    return contract


def _delivered(session: Session, contract: Contract, on: date, now: datetime) -> None:
    query = select(ContractMilestone).where(
        ContractMilestone.contract_id == contract.id, ContractMilestone.kind == "delivery"
    )
    row = session.scalars(query).one()
    with clock.at(now - (now.date() - on)):
        milestones.done(session, row, row.version, on, "Delivery note", None, on, contract.owner_id)


def _customers(session: Session, count: int) -> list[Customer]:
    """Active customers with the most open items in euros."""
    open_items = (
        select(ItemBalance.customer_id, func.count().label("count"))
        .where(ItemBalance.open_amount > 0, ItemBalance.currency == "EUR", ItemBalance.kind == "invoice")
        .group_by(ItemBalance.customer_id)
        .subquery()
    )
    query = (
        select(Customer)
        .join(open_items, open_items.c.customer_id == Customer.id)
        .where(Customer.status == "active")
        .order_by(open_items.c.count.desc(), Customer.id)
    )
    return list(session.scalars(query.limit(count)))


def _items(session: Session, customer: Customer, since: date) -> Iterable[ReceivableItem]:
    """The newest invoices in euros; what is paid in parts is left out."""
    query = select(ReceivableItem).where(
        ReceivableItem.customer_id == customer.id,
        ReceivableItem.currency == "EUR",
        ReceivableItem.kind == "invoice",
        ReceivableItem.instalment.is_(None),
        ReceivableItem.document_date >= since,
    )
    return session.scalars(query.order_by(ReceivableItem.id.desc()).limit(8)).all()


def _bought(session: Session, customer: Customer) -> Decimal:
    total = select(func.sum(ReceivableItem.amount)).where(
        ReceivableItem.customer_id == customer.id, ReceivableItem.currency == "EUR"
    )
    return (session.scalar(total) or Decimal(50_000)).quantize(Decimal(1000))
