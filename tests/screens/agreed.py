"""What tests of promises, plans and extensions start from: a debtor in collection, and payments that come."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from credit_app import jobs
from credit_app.facts.ledger_allocations import allocate_chosen
from credit_app.facts.ledger_items import live_marks
from credit_app.facts.ledger_receipts import reverse_receipt
from credit_app.models import (
    CollectionCase,
    CollectionMove,
    CollectionSignal,
    Contact,
    Customer,
    ItemMark,
    Receipt,
    ReceivableItem,
)
from tests.factories import TODAY, make_customer, make_invoice, make_receipt
from tests.screens.desk import Desk
from tests.screens.pages import Form, Page
from workflows import clock


def debtor(
    desk: Desk, name: str = "Nordwind AG", country: str = "DE", email: str = "ap@nordwind.example"
) -> Customer:
    """Owes 100.00 (A-1, overdue since 20 days), 40.00 (A-2, since 10) and 60.00 (A-3, due in 10) in euro; collected by
    Cole at the stage of the first letter."""
    customer = make_customer(desk.session, name, branch_id=desk.cast.north.id, country=country)
    for number, amount, days in (("A-1", "100.00", -20), ("A-2", "40.00", -10), ("A-3", "60.00", 10)):
        due = TODAY + timedelta(days=days)
        make_invoice(
            desk.session, customer, amount, due, number=number, external_id=f"{customer.number}-{number}"
        )
    desk.session.add(Contact(customer_id=customer.id, name="Ada Post", email=email, role="Accounts payable"))
    case = CollectionCase(
        number=f"COL-{customer.id}", customer_id=customer.id, status="open", amount=Decimal(140), currency="EUR",
        stage="letter_1", stage_on=TODAY, ladder="medium", opened_on=TODAY, seen_on=TODAY,
        oldest_due=TODAY - timedelta(days=20), collector_id=desk.cast.cole.id,
    )  # fmt: skip
    desk.session.add(case)
    desk.session.flush()
    desk.session.add(
        CollectionMove(
            case_id=case.id, to_stage="letter_1", moved_on=TODAY, cause="ladder", amount=Decimal(140)
        )
    )
    desk.session.commit()
    return customer


def item(desk: Desk, number: str, customer: Customer | None = None) -> ReceivableItem:
    query = select(ReceivableItem).where(ReceivableItem.number == number)
    if customer is not None:
        query = query.where(ReceivableItem.customer_id == customer.id)
    return desk.session.scalars(query).one()


def tick(form: Form, *items: ReceivableItem) -> Form:
    """Tick these items, and no others."""
    wanted = {str(one.id) for one in items}
    for box in form.element.xpath(".//input[@name='items']"):
        box.checked = box.get("value") in wanted
        wanted.discard(box.get("value"))
    assert not wanted, "an item is not offered"
    return form


def pay(desk: Desk, customer: Customer, amount: str, *items: ReceivableItem) -> int:
    """A payment comes in today and pays these items, the first first; returns its number."""
    today = clock.now().date()
    receipt = make_receipt(desk.session, customer, amount, today)
    left = Decimal(amount)
    chosen = {}
    for one in items:
        chosen[one.id] = min(left, one.amount)
        left -= chosen[one.id]
    if chosen:
        allocate_chosen(desk.session, receipt, chosen, today, today)
    desk.session.commit()
    return receipt.id


def recognised(desk: Desk) -> int:
    """The worker's job looks for payments; returns how many it told."""
    return jobs.recognise_payments(desk.app)


def take_back(desk: Desk, receipt: int) -> int:
    """The bank takes a payment back, and the worker's job looks for such; returns how many it had go on."""
    today = clock.now().date()
    with desk.app.test_request_context():
        found = desk.session.get_one(Receipt, receipt)
        reverse_receipt(desk.session, found, today, "bounced", "No funds", today)
        desk.session.commit()
    return jobs.follow_taken_back(desk.app)


def marks(desk: Desk) -> list[tuple[str, Decimal]]:
    """The marks that stand, by item number."""
    desk.fresh()
    ids = list(desk.session.scalars(select(ReceivableItem.id)))
    found = live_marks(desk.session, ids, date(2030, 1, 1))
    return sorted((row.item.number, row.amount) for row in found)


def due_of(desk: Desk) -> set[date | None]:
    """Until when marks that were set hold the debts."""
    return set(desk.session.scalars(select(ItemMark.due_on).where(ItemMark.ends_id.is_(None))))


def moved_up(desk: Desk, customer: Customer) -> tuple[str | None, date | None, bool]:
    """The floor of the customer's case, and whether the worker was told that a promise was broken."""
    desk.fresh()
    case = desk.session.scalars(select(CollectionCase).where(CollectionCase.customer_id == customer.id)).one()
    causes = set(desk.session.scalars(select(CollectionSignal.cause)))
    return case.floor_stage, case.floor_due, "broken_promise" in causes


def newest(desk: Desk, model: Any) -> Any:
    desk.fresh()
    return desk.session.scalars(select(model).order_by(model.id.desc())).first()


def task(desk: Desk, person: Any, case: Any) -> Page:
    """The page of the one open task, for somebody who perhaps signs in anew."""
    (number,) = desk.task_ids(case)
    desk.browsers.clear()
    return desk.get(person, f"/tasks/{number}")
