"""Disputes of the demo at every status, and old debts with their classes and a campaign that has begun."""

from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app import disputes, resources
from credit_app.facts import legacy, legacy_campaign
from credit_app.facts.dispute_decision import Decision, creditable
from credit_app.facts.dispute_investigation import Found
from credit_app.facts.dispute_opening import Claim, Part
from credit_app.facts.disputes import ZERO
from credit_app.facts.ledger_allocations import allocate_chosen
from credit_app.facts.legacy_campaign import Target
from credit_app.facts.people import ids_with
from credit_app.models import Customer, ItemBalance, Person, Receipt, ReceivableItem
from credit_app.models.disputes import Dispute
from credit_app.models.legacy import LegacyDebt
from credit_app.processes import registry_of
from credit_app.steps.dispute_handling import decide_credit, investigate_dispute
from workflows import Actor, Engine, clock
from workflows.tables import OpenTask

# (days ago, reason, claim, how far it came)
STORIES = (
    (1, "amount", "The discount of 3 % agreed in March is missing", "open"),
    (16, "delivery", "Two of twelve pallets never arrived", "open"),
    (6, "quality", "A third of the goods were past their date", "proposed"),
    (24, "amount", "Billed at the old price list", "credited"),
    (30, "service", "The cold chain was broken, we threw half away", "partly"),
    (35, "unclear_clause", "Clause 7 does not say who pays the freight", "rejected"),
)
OLD_DAYS = (520, 640, 430)


def add_disputes(session: Session, collector: Person, now: datetime) -> None:
    """Six disputes, each at another step; `collector` took them down."""
    engine = Engine(registry_of(resources.bpmn()))
    for story, item in zip(STORIES, _debts(session, len(STORIES), now), strict=False):
        days, reason, claim, step = story
        customer = session.get_one(Customer, item.customer_id)
        amount = (session.get_one(ItemBalance, item.id).open_amount / 3).quantize(Decimal("0.01"))
        taken = Claim(reason, claim, "Head of purchasing", "call", (Part("rows-0", item.number, amount),))
        with clock.at(now - timedelta(days=days)):
            found = disputes.open_dispute(
                session, engine, customer, taken, Actor(collector.id), "demo", clock.now()
            )
        if step != "open":
            with clock.at(now - timedelta(days=days // 2)):
                _work(session, engine, found, step)


def _debts(session: Session, most: int, now: datetime) -> list[ReceivableItem]:
    """An invoice with something open of each of several customers, dated before the oldest story."""
    oldest = now.date() - timedelta(days=max(story[0] for story in STORIES) + 1)
    query = (
        select(ReceivableItem)
        .join(ItemBalance, ItemBalance.item_id == ReceivableItem.id)
        .join(Customer, Customer.id == ReceivableItem.customer_id)
        .where(
            ItemBalance.kind == "invoice",
            ItemBalance.open_amount > 300,
            ItemBalance.document_date < oldest,
            Customer.status == "active",
            ~ReceivableItem.disputed,
        )
        .order_by(ReceivableItem.customer_id, ReceivableItem.due_date)
    )
    first: dict[int, ReceivableItem] = {}
    for item in session.scalars(query):
        first.setdefault(item.customer_id, item)
    return list(first.values())[:most]


def _work(session: Session, engine: Engine, found: Dispute, step: str) -> None:
    part = found.items[0]
    half = {part.id: ("rows-0", (part.amount / 2).quantize(Decimal("0.01")))} if step == "partly" else {}
    proposal = {"partly": "partly", "rejected": "rejected"}.get(step, "credited")
    cause = {"quality": "defective_goods", "service": "poor_service", "unclear_clause": "unclear_contract"}
    answer = Found(
        proposal, cause.get(found.reason, "wrong_price"), "Looked into with the warehouse and the contract",
        "The delivery note was signed without a remark", half,
    )  # fmt: skip
    branch = found.customer.branch_id
    owner = ids_with(session, found.owner_role or "", branch)[0]
    _complete(session, engine, found, owner, lambda action: investigate_dispute.complete(action, answer))
    if step in ("proposed", "rejected"):
        return
    level = next(iter(set(ids_with(session, "credit_manager", branch)) - {owner, found.made_by}))
    seen = str(sum(creditable(session, found, clock.now().date()).values(), ZERO))
    decision = Decision("approve", "", seen)
    _complete(session, engine, found, level, lambda action: decide_credit.complete(action, decision))


def _complete(session: Session, engine: Engine, found: Dispute, person_id: int, answer: object) -> None:
    task = session.scalars(select(OpenTask.id).where(OpenTask.instance_id == found.instance_id)).one()
    engine.complete(session, task, Actor(person_id), "demo", answer)  # type: ignore[arg-type]


def add_old_debts(session: Session, collector: Person, leader: Person, now: datetime) -> None:
    """Three debtors with debts from before the take-over; one is still to be confirmed, a campaign is under way."""
    today = now.date()
    query = select(Customer).where(Customer.status.in_(("in_default", "on_hold", "active")))
    query = query.where(Customer.branch_id.is_not(None)).order_by(Customer.status.desc(), Customer.id)
    debtors = session.scalars(query.limit(len(OLD_DAYS))).all()
    for days, customer in zip(OLD_DAYS, debtors, strict=True):
        due = today - timedelta(days=days)
        session.add(
            ReceivableItem(
                source="takeover", external_id=f"old-{customer.number}", customer_id=customer.id,
                number=f"OLD-{days}", document_date=due - timedelta(days=30), due_date=due,
                amount=Decimal(days * 10), currency="EUR",
            )
        )  # fmt: skip
    session.flush()
    legacy.triage(session, today, now)
    rows = session.scalars(select(LegacyDebt).order_by(LegacyDebt.oldest_due, LegacyDebt.id)).all()
    for row in rows[:-1]:
        legacy.give_class(session, row, row.suggested, "", collector.id, now)
    session.flush()
    branch_id = rows[0].customer.branch_id
    target = Target("rows-0", branch_id or 0, Decimal(4000), today + timedelta(days=60))
    legacy_campaign.begin(
        session, "Old debts of the take-over", today + timedelta(days=90), [target], leader.id, today, now
    )
    receipt = Receipt(
        source="takeover", external_id="old-part", customer_id=rows[0].customer_id, received_on=today,
        amount=Decimal(900), currency="EUR", reference="Part of an old debt",
    )  # fmt: skip
    session.add(receipt)
    session.flush()
    item = session.scalars(
        select(ReceivableItem).where(
            ReceivableItem.source == "takeover", ReceivableItem.customer_id == rows[0].customer_id
        )
    ).one()
    allocate_chosen(session, receipt, {item.id: Decimal(900)}, today, today)
