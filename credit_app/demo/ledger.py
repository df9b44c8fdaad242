"""Two years of invoices and receipts for the demo customers, each paying in its own way."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from credit_app.demo.customers import CUSTOMERS, DemoCustomer
from credit_app.models import Allocation, Customer, Receipt, ReceivableItem

YEARS = 2
SOURCE = "demo"
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How a customer pays: days after due (mean, spread), share disputed, days ago when it stopped paying."""

    mean: float
    spread: float
    disputed: float = 0.01
    stopped: int = 0
    trend: float = 0.0  # further days late at the end of the two years
    per_month: float = 3.0
    buys_until: int = 0  # days ago of the last invoice


BEHAVIOURS = {
    "steady": Behaviour(-6, 2, 0.0),
    "prompt": Behaviour(-2, 3),
    "fair": Behaviour(1, 4, 0.02),
    "slow": Behaviour(9, 6, 0.03),
    "disputed": Behaviour(3, 4, 0.28),
    "overdue": Behaviour(5, 5, 0.05, stopped=75),
    "worsening": Behaviour(-1, 4, 0.02, trend=14),
    "new": Behaviour(-1, 3, per_month=2.5),
    "defaulted": Behaviour(30, 12, 0.04, stopped=420, buys_until=380),
}


@dataclass(slots=True)
class Books:
    """Rows to insert; ids are given here so that allocations can refer to items and receipts."""

    items: list[dict[str, Any]] = field(default_factory=list)
    receipts: list[dict[str, Any]] = field(default_factory=list)
    allocations: list[dict[str, Any]] = field(default_factory=list)

    def item(self, customer: Customer, demo: DemoCustomer, **values: Any) -> dict[str, Any]:
        """Adds an invoice or credit note."""
        number = f"R{values['document_date']:%y}{len(self.items) + 1:05d}"
        row = {"external_id": number, "number": number, "source": SOURCE, "customer_id": customer.id}
        self.items.append(row | {"currency": demo.currency, "kind": "invoice", "disputed": False} | values)
        return self.items[-1]

    def receipt(self, item: dict[str, Any], on: date, amount: Decimal) -> dict[str, Any]:
        """Adds money received from the item's customer."""
        row = {"external_id": f"B{len(self.receipts) + 1:06d}", "source": SOURCE, "received_on": on}
        same = {name: item[name] for name in ("customer_id", "currency")}
        same["created_at"] = datetime.combine(on, time(), UTC)
        self.receipts.append(row | same | {"amount": amount, "reference": item["number"]})
        return self.receipts[-1]

    def pay(self, item: dict[str, Any], on: date, amount: Decimal) -> None:
        """Adds a receipt that pays `amount` of the item."""
        receipt = self.receipt(item, on, amount)
        row = {"item": item["external_id"], "receipt": receipt["external_id"]}
        self.allocations.append(row | {"amount": amount, "allocated_on": on})


def add_ledger(session: Session, random: Random, customers: dict[str, Customer], today: date) -> None:
    """Writes two years of items, receipts and allocations up to `today`."""
    books = Books()
    for demo in CUSTOMERS:
        _write(books, random, demo, customers[demo.name], today)
    # By date, so that the newest rows are the newest documents.
    books.items.sort(key=lambda row: row["document_date"])
    books.receipts.sort(key=lambda row: row["received_on"])
    item_ids = _insert(session, ReceivableItem, books.items)
    receipt_ids = _insert(session, Receipt, books.receipts)
    session.execute(
        insert(Allocation),
        [
            {
                "item_id": item_ids[row["item"]],
                "receipt_id": receipt_ids[row["receipt"]],
                "amount": row["amount"],
                "allocated_on": row["allocated_on"],
            }
            for row in books.allocations
        ],
    )


def _insert(
    session: Session, model: type[ReceivableItem] | type[Receipt], rows: list[dict[str, Any]]
) -> dict[str, int]:
    found = session.execute(insert(model).returning(model.external_id, model.id), rows)
    return {row.external_id: row.id for row in found}


def _write(books: Books, random: Random, demo: DemoCustomer, customer: Customer, today: date) -> None:
    how = BEHAVIOURS[demo.behaviour]
    begin = today - timedelta(days=70 if demo.behaviour == "new" else 365 * YEARS)
    if demo.behaviour == "new" and demo.size > 10_000:
        return  # applies before its first order
    terms = random.choice((14, 30, 30, 45, 60))
    for day in _document_days(random, begin, today - timedelta(days=how.buys_until), how.per_month):
        amount = _amount(random, demo.size)
        item = books.item(
            customer,
            demo,
            document_date=day,
            due_date=day + timedelta(days=terms),
            amount=amount,
            disputed=random.random() < how.disputed,
        )
        if random.random() < 0.08 and (today - day).days < 40:  # older ones were set off long ago
            credit = (amount * Decimal("0.1")).quantize(CENT)
            books.item(customer, demo, document_date=day, due_date=day, amount=credit, kind="credit_note")
        _settle(books, random, how, item, begin=begin, today=today)
    if demo.behaviour == "prompt" and random.random() < 0.3 and books.items:
        _pay_in_advance(books, random, customer, demo, today)


def _document_days(random: Random, begin: date, end: date, per_month: float) -> Iterator[date]:
    day = begin
    while True:
        day += timedelta(days=max(1, round(random.expovariate(per_month / 30))))
        if day > end:
            return
        if day.weekday() < 5:
            yield day


def _amount(random: Random, size: int) -> Decimal:
    return Decimal(str(round(size * random.lognormvariate(0, 0.45), 2))).quantize(CENT)


def _settle(
    books: Books, random: Random, how: Behaviour, item: dict[str, Any], *, begin: date, today: date
) -> None:
    """Pays the item in whole or in two parts, unless the customer has not come to it yet or has stopped."""
    passed = (item["document_date"] - begin).days / (365 * YEARS)
    late = random.gauss(how.mean + how.trend * passed, how.spread) + (15 if item["disputed"] else 0)
    on = max(item["document_date"] + timedelta(days=1), item["due_date"] + timedelta(days=round(late)))
    on += timedelta(days=(7 - on.weekday()) if on.weekday() >= 5 else 0)
    if on > today - timedelta(days=how.stopped):
        return
    if random.random() < 0.06:
        half = (item["amount"] / 2).quantize(CENT)
        books.pay(item, on, half)
        rest = on + timedelta(days=random.randrange(7, 28))
        if rest <= today - timedelta(days=how.stopped):
            books.pay(item, rest, item["amount"] - half)
        return
    books.pay(item, on, item["amount"])


def _pay_in_advance(
    books: Books, random: Random, customer: Customer, demo: DemoCustomer, today: date
) -> None:
    on = today - timedelta(days=random.randrange(1, 9))
    on -= timedelta(days=max(0, on.weekday() - 4))
    whose = {"customer_id": customer.id, "currency": demo.currency, "number": "advance"}
    books.receipt(whose, on, _amount(random, demo.size))
