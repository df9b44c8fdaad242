"""Promises, plans and extensions of the demo: one of each kind waits, is decided about, is kept and is broken."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from types import ModuleType
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app import collecting, promises, resources
from credit_app.domain.dates import add_months
from credit_app.domain.promises import equal_parts
from credit_app.facts import promised
from credit_app.facts.agreements import Decision
from credit_app.facts.extensions import Terms
from credit_app.facts.ledger_allocations import allocate_chosen
from credit_app.facts.ledger_receipts import enter_receipt
from credit_app.facts.people import ids_with
from credit_app.facts.plans import Schedule
from credit_app.facts.promised import AnyCase, Debt
from credit_app.facts.promises import Given
from credit_app.models import CollectionCase, Customer, Person
from credit_app.models.promises import PromiseToPay
from credit_app.processes import registry_of
from credit_app.steps.payment_extension import decide_extension
from credit_app.steps.payment_plan import decide_plan
from workflows import Actor, Engine, clock
from workflows.tables import OpenTask, Timer

ITEMS = 2  # a promise or plan is about the two oldest debts that are free
WHO = "Head of accounting"
GROUND = "Its largest customer pays late itself"


@dataclass
class Desk:
    """Whoever collects, and the clock of the demo."""

    session: Session
    engine: Engine
    now: datetime

    def debts(self, customer: Customer) -> list[Debt]:
        """The oldest debts that stand in nothing else, of one currency."""
        found = [
            one
            for one in promised.debts(self.session, customer.id, clock.now().date())
            if one.free and not one.held_by
        ]
        return [one for one in found if one.item.currency == found[0].item.currency][:ITEMS]

    def promise(
        self, customer: Customer, by: Person, days_ago: int, due_in: int
    ) -> tuple[PromiseToPay, list[Debt]]:
        """A promise over its oldest debts, taken down some days ago."""
        with clock.at(self.now - timedelta(days=days_ago)):
            chosen = self.debts(customer)
            given = Given(
                sum((one.free for one in chosen), Decimal(0)), chosen[0].item.currency,
                self.now.date() + timedelta(days=due_in), tuple(one.item.id for one in chosen), WHO, "call",
            )  # fmt: skip
            row = promises.take_promise(
                self.session,
                self.engine,
                customer,
                given,
                Actor(by.id),
                "demo",
                clock.now(),
                may_go_beyond=True,
            )
        return row, chosen

    def pay(self, customer: Customer, parts: dict[int, Decimal], currency: str, day: date) -> None:
        """A receipt that pays these items."""
        with clock.at(self.now):
            total = sum(parts.values(), Decimal(0))
            receipt = enter_receipt(
                self.session, customer.id, total, currency, day, self.now.date(), reference="As promised"
            )
            allocate_chosen(self.session, receipt, parts, day, self.now.date())

    def day_over(self, row: PromiseToPay) -> None:
        """The promised day and its grace have passed."""
        timer = self.session.scalars(select(Timer).where(Timer.instance_id == row.instance_id)).one()
        with clock.at(timer.due_at + timedelta(minutes=1)):
            self.engine.fire_timer(self.session, timer.id)

    def decide(self, row: AnyCase, step: ModuleType, days_ago: int, choice: str, note: str = "") -> None:
        """Somebody of the level decides, never whoever asked."""
        task = self.session.scalars(select(OpenTask).where(OpenTask.instance_id == row.instance_id)).one()
        person = next(one for one in ids_with(self.session, task.role, task.scope) if one != row.made_by)
        answer = Decision(choice, note, str(row.amount))
        complete: Callable[..., dict[str, Any]] = step.complete
        with clock.at(self.now - timedelta(days=days_ago)):
            self.engine.complete(
                self.session, task.id, Actor(person), "demo", lambda action: complete(action, answer)
            )

    def plan(self, customer: Customer, by: Person, days_ago: int, count: int, first_in: int) -> Any:
        """A plan of equal monthly instalments over its oldest debts, asked for some days ago."""
        with clock.at(self.now - timedelta(days=days_ago)):
            chosen = self.debts(customer)
            total = sum((one.free for one in chosen), Decimal(0))
            first = self.now.date() + timedelta(days=first_in)
            days = [add_months(first, month) for month in range(count)]
            rows = tuple(zip(days, equal_parts(total, count), strict=True))
            schedule = Schedule(rows, True, "", GROUND)
            ids = [one.item.id for one in chosen]
            return promises.ask_for_plan(
                self.session, self.engine, customer, ids, schedule, Actor(by.id), "demo", clock.now()
            )

    def extension(self, customer: Customer, by: Person, days_ago: int, days: int) -> Any:
        """An extension for its oldest debts, asked for some days ago."""
        with clock.at(self.now - timedelta(days=days_ago)):
            chosen = self.debts(customer)
            latest = max([one.item.due_date for one in chosen] + [self.now.date()])
            terms = Terms(latest + timedelta(days=days), False, "", GROUND)
            ids = [one.item.id for one in chosen]
            return promises.ask_for_extension(
                self.session, self.engine, customer, ids, terms, WHO, Actor(by.id), "demo", clock.now()
            )


def add_promises(session: Session, people: dict[str, Person], now: datetime) -> None:
    """Stories of the customers with the largest cases; then the cases move by what happened."""
    desk = Desk(session, Engine(registry_of(resources.bpmn())), now)
    amira, ben = people["amira.haddad"], people["ben.carter"]
    owing = _owing(session)
    desk.promise(next(owing), amira, 1, 6)
    _kept_in_part(desk, next(owing), ben)
    kept = next(owing)
    _kept(desk, kept, amira)
    broken = next(owing)
    row, _chosen = desk.promise(broken, ben, 30, -24)
    desk.day_over(row)
    desk.decide(desk.plan(next(owing), ben, 12, 3, 5), decide_plan, 11, "approve")
    desk.plan(next(owing), amira, 1, 4, 20)
    desk.decide(desk.plan(broken, ben, 3, 6, 14), decide_plan, 2, "send_back", "Three instalments are enough")
    desk.decide(desk.extension(next(owing), amira, 2, 10), decide_extension, 1, "approve")
    desk.extension(next(owing), ben, 1, 12)
    desk.decide(
        desk.extension(kept, amira, 2, 14), decide_extension, 1, "send_back", "A week is enough for this debt"
    )
    with clock.at(now):
        while collecting.move_some(session, desk.engine, 50):
            pass


def _owing(session: Session) -> Iterator[Customer]:
    """Active customers in collection with several debts, the largest first."""
    query = (
        select(Customer)
        .join(CollectionCase, CollectionCase.customer_id == Customer.id)
        .where(CollectionCase.status == "open", Customer.status == "active")
        .order_by(CollectionCase.amount.desc(), Customer.id)
    )
    for customer in session.scalars(query).all():
        debts = promised.debts(session, customer.id, clock.now().date())
        if (
            len([one for one in debts if one.free and one.item.document_date < clock.now().date()])
            >= 2 * ITEMS
        ):
            yield customer


def _kept_in_part(desk: Desk, customer: Customer, by: Person) -> None:
    row, chosen = desk.promise(customer, by, 11, -5)
    half = (chosen[0].free / 2).quantize(Decimal("0.01"))
    desk.pay(
        customer, {chosen[0].item.id: half}, chosen[0].item.currency, desk.now.date() - timedelta(days=7)
    )
    desk.day_over(row)


def _kept(desk: Desk, customer: Customer, by: Person) -> None:
    row, chosen = desk.promise(customer, by, 20, -13)
    parts = {one.item.id: one.free for one in chosen}
    desk.pay(customer, parts, chosen[0].item.currency, desk.now.date() - timedelta(days=15))
    with clock.at(desk.now - timedelta(days=15)):
        promises.tell(
            desk.session, desk.engine, promises.Paid(promises.PROMISE, row.id, row.instance_id or 0)
        )
