"""Balance confirmations of the demo: one waits, one has differences to settle, earlier ones are agreed."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from credit_app import confirmations, resources
from credit_app.facts.confirmation import statement_in
from credit_app.facts.confirmation_answer import Answer, Named
from credit_app.facts.statement import statement_of
from credit_app.facts.statement_snapshot import frozen
from credit_app.models import BalanceConfirmation, Customer, ItemBalance, Person
from credit_app.processes import registry_of
from credit_app.steps.balance_confirmation import record_answer
from workflows import SYSTEM, Actor, Engine, clock
from workflows.tables import OpenTask

EARLIER = timedelta(days=45)  # none is due again in the first weeks
ASKED, ANSWERED = timedelta(days=6), timedelta(days=2)
ANSWERED_BY = "Head of accounting"


def add_confirmations(
    session: Session, customers: dict[str, Customer], keeper: Person, now: datetime
) -> None:
    """Everybody agreed some weeks ago, but the two who are asked now; `keeper` keeps the receivables."""
    waiting, answering = _owing(session, now.date() - ASKED)
    for customer in customers.values():
        if customer.id not in (waiting, answering):
            _agreed(session, customer, now - EARLIER)
    engine = Engine(registry_of(resources.bpmn()))
    with clock.at(now - ASKED):
        confirmations.start(session, engine, waiting, SYSTEM, "job:start_confirmations")
        asked = confirmations.start(session, engine, answering, SYSTEM, "job:start_confirmations")
    task = session.scalars(select(OpenTask.id).where(OpenTask.instance_id == asked.instance_id)).one()
    answer = Answer(
        "differences", (now - ANSWERED).date(), ANSWERED_BY, signed=False, document=None, named=_named(asked)
    )
    with clock.at(now - ANSWERED):
        engine.complete(
            session, task, Actor(keeper.id), "demo", lambda action: record_answer.complete(action, answer)
        )


def _owing(session: Session, day: date) -> list[int]:
    """Two active customers with several debts that are still open since before `day`."""
    query = (
        select(ItemBalance.customer_id)
        .join(Customer, Customer.id == ItemBalance.customer_id)
        .where(
            Customer.status == "active",
            ItemBalance.kind == "invoice",
            ItemBalance.open_amount > 100,
            ItemBalance.document_date < day,
        )
        .group_by(ItemBalance.customer_id)
        .having(func.count() >= 3)
        .order_by(func.count().desc(), ItemBalance.customer_id)
        .limit(2)
    )
    return list(session.scalars(query))


def _agreed(session: Session, customer: Customer, instant: datetime) -> None:
    """What was open then, were it nothing; so nobody is due in a new demo."""
    day = instant.date()
    statement = statement_of(session, customer.id, day, day - confirmations.PERIOD)
    session.add(
        BalanceConfirmation(
            customer_id=customer.id, as_of=day, statement=frozen(statement), status="agreed", sent_at=instant,
            sendings=1, answered_on=day + timedelta(days=4), answered_by=ANSWERED_BY, created_at=instant,
        )
    )  # fmt: skip


def _named(asked: BalanceConfirmation) -> tuple[Named, ...]:
    account = statement_in(asked).accounts[0]
    first, second = [item for item in account.items if item.kind == "invoice"][:2]
    part = (first.open_amount / 4).quantize(Decimal("0.01"))
    return (
        Named("0", first.number, part, "", "Part of the delivery was damaged and went back"),
        Named("1", second.number, Decimal("84.00"), "", "Freight was to be free from 5,000 on"),
        Named("2", "", Decimal("120.00"), account.currency, "A bonus for last year is still due to us"),
    )
