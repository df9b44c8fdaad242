"""Releases of orders in the demo: one waits at each step, others are in force, or have ended in every way."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from types import ModuleType
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app import orders, releases, resources
from credit_app.demo.orders import CUSTOMERS, SOURCE
from credit_app.facts import order_releases
from credit_app.facts.order_releases import Decision, Terms
from credit_app.facts.people import ids_with
from credit_app.models import BlacklistEntry, CreditLimit, Customer
from credit_app.models.orders import OrderRelease, SalesOrder
from credit_app.processes import registry_of
from credit_app.steps.release_decision import assess_order, decide_order_release
from workflows import Actor, Engine, clock
from workflows.tables import OpenTask, Timer

GROUND = "The goods are on the quay, and its last invoices were paid"
VIEW = "Pays some days late, but in full; the order is secured by the goods until they are paid"
SHARE = Decimal("1.3")


@dataclass
class Desk:
    """Sales, analysts and levels of the demo, and its clock."""

    session: Session
    engine: Engine
    now: datetime
    limits: Iterator[CreditLimit]
    number: int = 4800

    def held(self, days_ago: int) -> orders.Message:
        """An order above the limit of the next customer that has one, put on hold some days ago."""
        while True:
            limit = next(self.limits)
            self.number += 1
            then = self.now - timedelta(days=days_ago)
            message = orders.Message(
                f"SO-{self.now.year}-{self.number}", limit.customer_id, (limit.amount * SHARE).quantize(Decimal(1)),
                limit.currency, limit.terms_days, limit.payment_method, then.date(),
                self.now.date() + timedelta(days=10), Decimal(0), Decimal(0), "open", 1,
            )  # fmt: skip
            orders.hold_customers(self.session, [limit.customer_id])
            order = orders.take(self.session, SOURCE, message, then.date(), then).order
            weighed = order_releases.weigh(self.session, order, then.date())
            if order_releases.why_not(self.session, weighed, then.date()) is None:
                return message

    def asked(self, days_ago: int) -> tuple[orders.Message, OrderRelease]:
        """A release that sales asked for some days ago."""
        message = self.held(days_ago)
        order = self.session.scalars(
            select(SalesOrder).where(SalesOrder.external_id == message.external_id)
        ).one()
        branch = order.customer.branch_id
        rep = order.customer.sales_rep_id or ids_with(self.session, "sales_rep", branch)[0]
        with clock.at(self.now - timedelta(days=days_ago)):
            wanted = releases.Wanted("once", None, GROUND)
            return message, releases.ask(
                self.session, self.engine, order, wanted, Actor(rep), "demo", clock.now()
            )

    def answer(self, row: OrderRelease, step: ModuleType, days_ago: int, answer: Any) -> None:
        """Somebody who may answers the open task."""
        task = self.session.scalars(select(OpenTask).where(OpenTask.instance_id == row.instance_id)).one()
        person = next(
            one for one in ids_with(self.session, task.role, task.scope) if one not in task.excluded
        )
        with clock.at(self.now - timedelta(days=days_ago)):
            self.engine.complete(
                self.session, task.id, Actor(person), "demo", lambda action: step.complete(action, answer)
            )

    def assess(
        self, row: OrderRelease, days_ago: int, choice: str, kind: str = "once", days: int = 14
    ) -> None:
        """The analyst proposes something, for so many days from today."""
        last = self.now.date() + timedelta(days=days)
        up_to = row.amount * 2 if kind == "up_to" and row.amount else None
        terms = Terms(choice, kind, last, up_to, VIEW, "A guarantee of the parent company", None)
        self.answer(row, assess_order, days_ago, terms)

    def decide(self, row: OrderRelease, days_ago: int, choice: str = "approve", note: str = "") -> None:
        """The level decides on what the check says that day."""
        day = (self.now - timedelta(days=days_ago)).date()
        seen = order_releases.weigh_release(self.session, row, day).seen
        self.answer(row, decide_order_release, days_ago, Decision(choice, note, seen))

    def tell(self, message: orders.Message, **changes: Any) -> None:
        """A message of yesterday about the order, and what its release hears of it."""
        then = self.now - timedelta(days=1)
        orders.hold_customers(self.session, [message.customer_id])
        orders.take(self.session, SOURCE, replace(message, sequence=2, **changes), then.date(), then)
        self._follow(then)

    def withdraw(self, row: OrderRelease, days_ago: int) -> None:
        """Sales does not want it any more."""
        reason = "The customer pays in advance after all"
        with clock.at(self.now - timedelta(days=days_ago)):
            releases.withdraw(self.session, self.engine, row, reason, Actor(row.made_by), "demo")

    def bar(self, row: OrderRelease, days_ago: int) -> None:
        """The customer comes on the blacklist, which revokes the release."""
        then = self.now - timedelta(days=days_ago)
        manager = ids_with(self.session, "credit_manager", row.customer.branch_id)[0]
        self.session.add(
            BlacklistEntry(
                customer_id=row.customer_id, ground="Cheques of two suppliers were returned unpaid",
                source="Credit insurer", valid_from=then.date(), added_by=manager, added_at=then,
            )
        )  # fmt: skip
        self.session.flush()
        self._follow(then)

    def _follow(self, then: datetime) -> None:
        with clock.at(then):
            for release_id in releases.to_follow(self.session):
                releases.follow(self.session, self.engine, release_id)


def add_order_releases(session: Session, now: datetime) -> None:
    """One release in each state, of customers that have no other order in the demo."""
    query = (
        select(CreditLimit)
        .join(Customer, Customer.id == CreditLimit.customer_id)
        .where(CreditLimit.status == "active", CreditLimit.kind == "permanent", CreditLimit.amount > 0)
        .where(Customer.status == "active")
        .order_by(Customer.number)
    )
    limits = iter(session.scalars(query.offset(CUSTOMERS)).all())
    desk = Desk(session, Engine(registry_of(resources.bpmn())), now, limits)
    desk.asked(1)
    desk.assess(desk.asked(2)[1], 1, "security")
    desk.assess(desk.asked(2)[1], 1, "release")
    for kind in ("once", "up_to"):
        row = desk.asked(3)[1]
        desk.assess(row, 2, "release", kind)
        desk.decide(row, 1)
    _message, row = desk.asked(4)
    desk.assess(row, 3, "release")
    desk.decide(row, 2, "refuse", "The group owes enough as it is")
    _message, row = desk.asked(20)
    desk.assess(row, 19, "release", days=-5)
    desk.decide(row, 18)
    timer = session.scalars(select(Timer).where(Timer.instance_id == row.instance_id)).one()
    with clock.at(timer.due_at + timedelta(minutes=1)):
        desk.engine.fire_timer(session, timer.id)
    message, row = desk.asked(6)
    desk.assess(row, 5, "release")
    desk.decide(row, 4)
    desk.tell(message, delivered=message.amount, invoiced=message.amount, status="closed")
    message, row = desk.asked(2)
    desk.tell(message, status="cancelled")
    desk.withdraw(desk.asked(3)[1], 2)
    _message, row = desk.asked(9)
    desk.assess(row, 8, "release", "until", days=20)
    desk.decide(row, 7)
    desk.bar(row, 4)
