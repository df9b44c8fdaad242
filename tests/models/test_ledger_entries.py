"""The ledger ties on every day, in every currency, whatever the order of its entries and whoever books at once."""

import csv
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from threading import Barrier
from time import sleep
from typing import Any

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from credit_app.db import make_engine
from credit_app.facts import ledger, ledger_allocations, ledger_items, ledger_receipts
from credit_app.facts.ageing import Filter, ageing, balance_total, control_total
from credit_app.facts.days_late import average_days_late
from credit_app.facts.ledger import LedgerRefused
from credit_app.facts.ledger_check import balances_that_do_not_tie
from credit_app.i18n import said
from credit_app.models import (
    Allocation,
    ItemBalance,
    ItemMark,
    Policy,
    Receipt,
    ReceivableItem,
    open_items,
    unallocated_receipts,
)
from tests.factories import (
    TODAY,
    Cast,
    allocate,
    make_cast,
    make_customer,
    make_invoice,
    make_rate,
    make_receipt,
)
from workflows import Refused

FILE = Path(__file__).parents[2].parent / "shared" / "data" / "ibm_accounts_receivable.csv"
FIRST = TODAY - timedelta(days=45)
WAITING = """SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"""


@pytest.fixture
def books(session: Session, cast: Cast) -> Session:
    return session


@dataclass
class Shadow:
    """The same ledger kept by a few lines of Python: every change as (day, currency, amount)."""

    items: dict[int, list[tuple[date, Decimal]]] = field(default_factory=lambda: defaultdict(list))
    receipts: dict[int, list[tuple[date, Decimal]]] = field(default_factory=lambda: defaultdict(list))

    def open(self, entries: dict[int, list[tuple[date, Decimal]]], day: date) -> dict[int, Decimal]:
        found = {
            key: sum((amount for on, amount in rows if on <= day), Decimal(0))
            for key, rows in entries.items()
        }
        return {key: amount for key, amount in found.items() if amount}


class Clerk:
    """Books at random, with dates in any order; what the ledger refuses is left out of the shadow."""

    def __init__(self, session: Session, seed: int) -> None:
        self.session, self.random, self.shadow = session, Random(seed), Shadow()  # noqa: S311
        self.customers = [make_customer(session) for _ in range(2)]
        self.refused = 0

    def day(self) -> date:
        return FIRST + timedelta(days=self.random.randrange(46))

    def amount(self) -> Decimal:
        return Decimal(self.random.randrange(1, 50_000)) / 100

    def work(self, steps: int) -> None:
        acts = (
            self.invoice,
            self.credit,
            self.receive,
            self.pay,
            self.pay,
            self.undo,
            self.adjust,
            self.set_off,
            self.bounce,
        )
        for step in range(steps):
            try:
                with self.session.begin_nested():
                    (self.invoice if step < 12 else self.random.choice(acts))()
            except (Refused, IntegrityError, IndexError):
                self.session.expire_all()
                self.refused += 1

    def one(self, model: Any, *conditions: Any) -> Any:
        rows = self.session.scalars(select(model).where(*conditions).order_by(model.id)).all()
        return self.random.choice(rows)

    def invoice(self, kind: str = "invoice") -> None:
        day = self.day()
        item = make_invoice(
            self.session, self.random.choice(self.customers), self.amount(), day + timedelta(days=30),
            kind=kind, currency=self.random.choice(("EUR", "USD")), document_date=day,
        )  # fmt: skip
        self.shadow.items[item.id].append((day, item.amount))

    def credit(self) -> None:
        self.invoice("credit_note")

    def receive(self) -> None:
        receipt = ledger_receipts.enter_receipt(
            self.session, self.random.choice(self.customers).id, self.amount(),
            self.random.choice(("EUR", "USD")), self.day(), TODAY,
        )  # fmt: skip
        self.shadow.receipts[receipt.id].append((receipt.received_on, receipt.amount))

    def pay(self) -> None:
        receipt, day = self.one(Receipt), self.day()
        if self.random.random() < 0.5:
            rows = ledger_allocations.allocate_oldest(self.session, receipt, day, TODAY)
        else:
            item = self.one(ReceivableItem, ReceivableItem.kind != "credit_note")
            rows = ledger_allocations.allocate_chosen(
                self.session, receipt, {item.id: self.amount()}, day, TODAY
            )
        self.keep(rows)

    def keep(self, rows: list[Allocation]) -> None:
        for row in rows:
            self.shadow.items[row.item_id].append((row.allocated_on, -row.amount))
            if row.receipt_id:
                self.shadow.receipts[row.receipt_id].append((row.allocated_on, -row.amount))
            if row.credit_item_id:
                self.shadow.items[row.credit_item_id].append((row.allocated_on, -row.amount))

    def undo(self) -> None:
        row = self.one(Allocation, Allocation.reverses_id.is_(None))
        self.keep([ledger_allocations.undo_allocation(self.session, row, self.day(), TODAY)])

    def adjust(self) -> None:
        item = self.one(ReceivableItem)
        amount = self.amount() * self.random.choice((-1, 1))
        row = ledger_items.adjust_item(
            self.session, item, amount, self.day(), "correction", "Price list", TODAY
        )
        self.shadow.items[item.id].append((row.adjusted_on, row.amount))

    def set_off(self) -> None:
        note = self.one(ReceivableItem, ReceivableItem.kind == "credit_note")
        item = self.one(ReceivableItem, ReceivableItem.kind != "credit_note")
        self.keep(
            ledger_allocations.use_credit_note(
                self.session, note, {item.id: self.amount()}, self.day(), TODAY
            )
        )

    def bounce(self) -> None:
        receipt, day = self.one(Receipt), self.day()
        before = {row.id for row in self.session.scalars(select(Allocation))}
        ledger_receipts.reverse_receipt(self.session, receipt, day, "bounced", "No funds", TODAY)
        self.keep([row for row in self.session.scalars(select(Allocation)) if row.id not in before])
        self.shadow.receipts[receipt.id].append((day, -receipt.amount))


@pytest.mark.parametrize("seed", range(4))
def test_open_items_tie_with_all_entries_on_every_day(books: Session, seed: int) -> None:
    make_rate(books, "USD", "EUR", "0.90", FIRST)
    clerk = Clerk(books, seed)
    clerk.work(150)
    ids = [customer.id for customer in clerk.customers]
    assert 10 < clerk.refused < 120  # it was tried to book what does not fit, and much did fit
    for day in [FIRST - timedelta(days=1), *(FIRST + timedelta(days=n) for n in range(0, 46, 5)), TODAY]:
        owed = {item.item_id: abs(item.open_amount) for item in open_items(books, ids, day)}
        assert owed == clerk.shadow.open(clerk.shadow.items, day)
        assert all(amount > 0 for amount in owed.values())
        left = {one.receipt_id: one.amount for one in unallocated_receipts(books, ids, day)}
        assert left == clerk.shadow.open(clerk.shadow.receipts, day)
        assert balance_total(books, day) == control_total(books, day)
    assert balances_that_do_not_tie(books) == []


def test_two_clerks_at_once_never_pay_an_invoice_twice(
    database_app_url: str, session: Session, clock: datetime
) -> None:
    make_cast(session)
    customer = make_customer(session)
    item = make_invoice(session, customer, "100.00", due=TODAY)
    receipts = [make_receipt(session, customer, "70.00") for _ in range(4)]
    session.commit()
    engine, barrier = make_engine(database_app_url, pooled=False), Barrier(4)

    def pay(receipt_id: int) -> Decimal:
        with Session(engine) as own:
            barrier.wait()
            rows = ledger_allocations.allocate_oldest(own, own.get_one(Receipt, receipt_id), TODAY, TODAY)
            own.commit()
            return sum((row.amount for row in rows), Decimal(0))

    with ThreadPoolExecutor(4) as pool:
        paid = list(pool.map(pay, [receipt.id for receipt in receipts]))
    engine.dispose()
    assert sorted(paid) == [0, 0, 30, 70]
    assert open_items(session, [item.customer_id], TODAY) == []
    assert balances_that_do_not_tie(session) == []


def test_a_double_click_takes_back_once(database_app_url: str, session: Session, clock: datetime) -> None:
    """The second waits for the first and is then told; without the lock it would meet the table's own guard."""
    make_cast(session)
    customer = make_customer(session)
    item = make_invoice(session, customer, "100.00", due=TODAY)
    first, second = (make_receipt(session, customer, "30.00") for _ in range(2))
    paid, also = (
        ledger_allocations.allocate_oldest(session, one, TODAY, TODAY)[0] for one in (first, second)
    )
    mark = ledger_items.mark_item(session, item, "disputed", Decimal(10), TODAY, "Late", TODAY)
    session.commit()
    undo: list[tuple[str, Callable[[Session], object]]] = [
        ("This allocation was taken back already.",
            lambda own: ledger_allocations.undo_allocation(own, own.get_one(Allocation, paid.id), TODAY, TODAY)),
        ("This receipt was reversed already.",
            lambda own: ledger_receipts.reverse_receipt(
                own, own.get_one(Receipt, second.id), TODAY, "bounced", "No funds", TODAY)),
        ("This mark was ended already.",
            lambda own: ledger_items.end_mark(own, own.get_one(ItemMark, mark.id), TODAY, "Settled", TODAY)),
    ]  # fmt: skip
    engine = make_engine(database_app_url, pooled=False)

    def late(act: Callable[[Session], object]) -> str:
        with Session(engine) as own, pytest.raises(LedgerRefused) as refused:
            act(own)
        return said(refused.value)

    for sentence, act in undo:
        with Session(engine) as own, ThreadPoolExecutor(1) as pool:
            act(own)
            waiting = pool.submit(late, act)
            for _ in range(200):
                session.rollback()
                if session.scalar(text(WAITING)):
                    break
                sleep(0.02)
            else:
                raise AssertionError(f"nobody waits: {sentence}")
            own.commit()
            assert waiting.result(10) == sentence
    engine.dispose()
    assert session.get_one(ItemBalance, item.id, populate_existing=True).open_amount == 100
    assert balances_that_do_not_tie(session) == []
    assert also.receipt_id == second.id


def test_money_pays_costs_then_interest_then_the_oldest_invoice(books: Session) -> None:
    customer = make_customer(books)
    old = make_invoice(books, customer, "100.00", due=TODAY - timedelta(days=40))
    cost = make_invoice(books, customer, "40.00", due=TODAY, kind="cost")
    interest = make_invoice(books, customer, "12.50", due=TODAY - timedelta(days=5), kind="interest")
    make_invoice(
        books, customer, "90.00", due=TODAY + timedelta(days=31)
    )  # dated tomorrow: nobody pays it yet
    receipt = ledger_receipts.enter_receipt(books, customer.id, Decimal(110), "EUR", TODAY, TODAY)
    rows = ledger_allocations.allocate_oldest(books, receipt, TODAY, TODAY)
    assert [(row.item_id, row.amount) for row in rows] == [
        (cost.id, 40),
        (interest.id, Decimal("12.50")),
        (old.id, Decimal("57.50")),
    ]


def test_bounced_payment_opens_again_what_it_paid(books: Session) -> None:
    customer = make_customer(books)
    item = make_invoice(books, customer, "100.00", due=TODAY - timedelta(days=10))
    receipt = ledger_receipts.enter_receipt(
        books, customer.id, Decimal(100), "EUR", TODAY - timedelta(days=6), TODAY
    )
    ledger_allocations.allocate_oldest(books, receipt, TODAY - timedelta(days=6), TODAY)
    ledger_receipts.reverse_receipt(
        books, receipt, TODAY - timedelta(days=2), "bounced", "Insufficient funds", TODAY
    )
    seen = {days: open_items(books, [customer.id], TODAY - timedelta(days=days)) for days in (7, 3, 2)}
    assert [len(rows) for rows in seen.values()] == [1, 0, 1]
    assert seen[2][0].open_amount == item.amount
    assert unallocated_receipts(books, [customer.id], TODAY) == []
    with pytest.raises(LedgerRefused, match="reversed already"):
        ledger_receipts.reverse_receipt(books, receipt, TODAY, "bounced", "Again", TODAY)


def test_part_of_an_item_is_disputed_until_the_dispute_ends(books: Session) -> None:
    item = make_invoice(books, make_customer(books), "100.00", due=TODAY - timedelta(days=10))
    mark = ledger_items.mark_item(
        books, item, "disputed", Decimal(60), TODAY - timedelta(days=5), "Wrong price", TODAY
    )
    with pytest.raises(LedgerRefused, match=r"40\.00 of"):
        ledger_items.mark_item(books, item, "disputed", Decimal("40.01"), TODAY, "More", TODAY)
    disputed = lambda day: open_items(books, [item.customer_id], day)[0].disputed  # noqa: E731
    assert [disputed(TODAY - timedelta(days=days)) for days in (6, 5, 0)] == [False, True, True]
    ledger_items.end_mark(books, mark, TODAY, "Credit note given", TODAY)
    assert not disputed(TODAY)
    with pytest.raises(LedgerRefused, match="ended already"):
        ledger_items.end_mark(books, mark, TODAY, "Again", TODAY)
    with pytest.raises(LedgerRefused, match="day for which payment is promised"):
        ledger_items.mark_item(books, item, "promised", Decimal(10), TODAY, "", TODAY)


def wrong(books: Session) -> Iterator[tuple[Any, str]]:
    """Entries that do not fit, and what is said of each."""
    customer, other = make_customer(books), make_customer(books)
    item = make_invoice(books, customer, "100.00", due=TODAY + timedelta(days=30))
    foreign = make_invoice(books, other, "100.00", due=TODAY)
    dollars = make_invoice(books, customer, "100.00", due=TODAY, currency="USD")
    receipt = make_receipt(books, customer, "150.00")
    enter = lambda amount, currency="EUR", on=TODAY: ledger_receipts.enter_receipt(  # noqa: E731
        books, customer.id, Decimal(amount), currency, on, TODAY
    )
    pay = lambda chosen: ledger_allocations.allocate_chosen(books, receipt, chosen, TODAY, TODAY)  # noqa: E731
    adjust = lambda amount, note="Price", on=TODAY: ledger_items.adjust_item(  # noqa: E731
        books, item, Decimal(amount), on, "price", note, TODAY
    )
    yield lambda: enter("-5"), "amount above zero"
    yield lambda: enter("5.005"), "more decimals"
    yield lambda: enter("5.5", "JPY"), "more decimals"
    yield lambda: enter("5", "XXX"), "not in use"
    yield lambda: enter("5", on=TODAY + timedelta(days=1)), "has not come yet"
    yield lambda: enter("5", on=FIRST - timedelta(days=1)), "is closed"
    yield lambda: pay({item.id: Decimal("100.01")}), "more than the 100.00 that is open"
    yield lambda: pay({item.id: Decimal(-1)}), "above zero"
    yield lambda: pay({foreign.id: Decimal(1)}), "another customer or currency"
    yield lambda: pay({dollars.id: Decimal(1)}), "another customer or currency"
    yield lambda: pay({999_999: Decimal(1)}), "is not open"
    yield lambda: adjust("-100.01"), r"Only 100\.00 is open"
    yield lambda: adjust("5", note=" "), "what is corrected"
    yield lambda: adjust("0"), "above zero"
    yield (
        lambda: ledger_allocations.use_credit_note(books, item, {dollars.id: Decimal(1)}, TODAY, TODAY),
        "Only a credit note",
    )
    yield lambda: ledger.hold_item(books, 999_999), "does not exist"


def test_entries_that_do_not_fit_are_refused_in_one_sentence(books: Session) -> None:
    for number, (act, says) in enumerate(wrong(books)):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.match(says), number


def test_the_database_refuses_what_only_fits_in_the_end(books: Session) -> None:
    customer = make_customer(books)
    item = make_invoice(books, customer, "100.00", due=TODAY - timedelta(days=10))
    first = make_receipt(books, customer, "100.00", TODAY - timedelta(days=9))
    second = make_receipt(books, customer, "100.00", FIRST)
    ledger_allocations.undo_allocation(books, allocate(books, first, item), TODAY, TODAY)
    late = {"receipt_id": second.id, "item_id": item.id, "amount": 60}
    with pytest.raises(IntegrityError, match="on an earlier day"), books.begin_nested():
        books.execute(insert(Allocation), [late | {"allocated_on": TODAY - timedelta(days=5)}])
    books.execute(insert(Allocation), [late | {"allocated_on": TODAY}])
    assert open_items(books, [customer.id], TODAY)[0].open_amount == 40


def test_what_was_opened_again_is_paid_from_that_day_on(books: Session) -> None:
    customer = make_customer(books)
    item = make_invoice(books, customer, "100.00", due=TODAY - timedelta(days=10), number="BACK")
    first = make_receipt(books, customer, "100.00", TODAY - timedelta(days=9))
    ledger_allocations.undo_allocation(books, allocate(books, first, item), TODAY - timedelta(days=2), TODAY)
    second = make_receipt(books, customer, "70.00", TODAY - timedelta(days=5))
    (row,) = ledger_allocations.allocate_oldest(books, second, TODAY - timedelta(days=5), TODAY)
    assert (row.amount, row.allocated_on) == (70, TODAY - timedelta(days=2))
    with pytest.raises(LedgerRefused, match="opened again"):
        ledger_items.adjust_item(books, item, Decimal(-10), TODAY - timedelta(days=4), "price", "List", TODAY)
    ledger_items.adjust_item(books, item, Decimal(-10), TODAY, "price", "List", TODAY)
    assert open_items(books, [customer.id], TODAY)[0].open_amount == 20


@pytest.mark.skipif(not FILE.exists(), reason=f"the sample file is not at {FILE}")
def test_ageing_of_a_real_ledger_is_that_of_its_file_at_each_end_of_a_month(books: Session) -> None:
    make_rate(books, "USD", "EUR", "1", date(2012, 1, 1))
    books.add(Policy(key="currency.max_age_days", valid_from=date(2000, 1, 1), value=9999, source="test"))
    books.flush()
    with FILE.open(encoding="utf-8-sig") as opened:
        rows = [plain(row) for row in csv.DictReader(opened)]
    customers = {one: make_customer(books).id for one in sorted({row["customer"] for row in rows})}
    replay(books, rows, customers)
    months = [
        date(year, month, 1) - timedelta(days=1) for year in (2012, 2013, 2014) for month in range(1, 13)
    ]
    ends = (0, 30, 60, 90, 180, 365, 730, 1095)
    checked = 0
    for day in [one for one in months if date(2012, 1, 1) <= one <= date(2013, 12, 31)]:
        own: dict[int, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 9)
        for row in rows:
            if row["document"] <= day < row["settled"]:
                age = (day - row["due"]).days
                own[customers[row["customer"]]][sum(age > end for end in ends)] += row["amount"]
        found = ageing(books, day)
        assert {row.key: row.buckets for row in found.rows} == own, day
        assert found.total.owed == sum((sum(row, Decimal(0)) for row in own.values()), Decimal(0))
        assert (
            control_total(books, day)
            == balance_total(books, day)
            == ({"USD": found.total.owed} if own else {})
        )
        checked += found.total.items
    assert checked > 2000


def plain(row: dict[str, str]) -> dict[str, Any]:
    """A row of the file with its days and its amount; it writes month/day/year."""
    days = {"document": "InvoiceDate", "due": "DueDate", "settled": "SettledDate"}
    return {
        "number": row["invoiceNumber"],
        "customer": row["customerID"],
        "amount": Decimal(row["InvoiceAmount"]),
    } | {name: datetime.strptime(row[column], "%m/%d/%Y").date() for name, column in days.items()}  # noqa: DTZ007


def replay(books: Session, rows: list[dict[str, Any]], customers: dict[str, int]) -> None:
    """Every day's invoices, then its payments, as they would have come in."""
    documents: dict[date, list[dict[str, Any]]] = defaultdict(list)
    payments: dict[date, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        documents[row["document"]].append(row)
        payments[row["settled"]].append(row)
    ids: dict[str, int] = {}
    for day in sorted({*documents, *payments}):
        values = [
            {"source": "ibm", "external_id": row["number"], "number": row["number"], "currency": "USD"}
            | {"customer_id": customers[row["customer"]], "amount": row["amount"]}
            | {"document_date": row["document"], "due_date": row["due"]}
            for row in documents[day]
        ]
        if values:
            added = books.execute(
                insert(ReceivableItem).returning(ReceivableItem.external_id, ReceivableItem.id), values
            )
            ids |= {one.external_id: one.id for one in added}
        money = [
            {"source": "ibm", "external_id": row["number"], "customer_id": customers[row["customer"]]}
            | {"received_on": day, "amount": row["amount"], "currency": "USD"}
            for row in payments[day]
        ]
        if money:
            received = books.execute(
                insert(Receipt).returning(Receipt.external_id, Receipt.id, Receipt.amount), money
            )
            parts = [
                {
                    "receipt_id": one.id,
                    "item_id": ids[one.external_id],
                    "amount": one.amount,
                    "allocated_on": day,
                }
                for one in received
            ]
            books.execute(insert(Allocation), parts)


def test_ageing_by_each_grouping_comes_to_the_same_total(books: Session) -> None:
    make_rate(books, "USD", "EUR", "0.90", TODAY)
    parent = make_customer(books)
    child = make_customer(books, parent_id=parent.id)
    make_invoice(books, parent, "100.00", due=TODAY - timedelta(days=40))
    make_invoice(books, child, "50.00", due=TODAY + timedelta(days=5), currency="USD")
    make_invoice(books, child, "20.00", due=TODAY, kind="credit_note")
    make_receipt(books, child, "10.00")
    for by in ("customer", "group", "rep", "branch", "rating", "currency", "total"):
        found = ageing(books, TODAY, by)
        assert (found.total.owed, found.total.overdue, found.total.net) == (145, 100, 115), by
    assert [(row.key, row.owed) for row in ageing(books, TODAY, "group").rows] == [(parent.id, Decimal(145))]
    no_rate = make_invoice(books, child, "5.00", due=TODAY, currency="GBP")
    lacking = ageing(books, TODAY)
    assert [str(one.sentence) for one in lacking.missing] == [
        "There is no exchange rate from GBP to EUR for 2026-03-10."
    ]
    assert lacking.total.owed == 145, no_rate


def test_ageing_rows_are_the_same_however_they_are_looked_at(books: Session) -> None:
    small, large, payer, same = (make_customer(books) for _ in range(4))
    for customer, amount in ((small, "10.00"), (same, "10.00"), (large, "70.00")):
        make_invoice(books, customer, amount, due=TODAY - timedelta(days=31))
    make_invoice(books, small, "4.00", due=TODAY, kind="credit_note")
    make_receipt(books, payer, "25.00")  # money, and nothing that it could pay
    found = ageing(books, TODAY)
    assert [row.key for row in found.rows] == [large.id, small.id, same.id, payer.id]
    assert found.rows[:2] == list(found.rows)[:2] == [found.rows[0], found.rows[1]]
    first, second, last = found.rows[0], found.rows[1], found.rows[-1]
    assert (first.buckets[2], first.owed, first.overdue, first.items) == (70, 70, 70, 1)
    assert (second.owed, second.credits, second.net, second.items) == (10, 4, 6, 2)
    assert (last.owed, last.unallocated, last.net, last.buckets) == (0, 25, -25, [0] * 9)
    assert (found.total.owed, found.total.net, found.total.items) == (90, 61, 4)


def test_only_the_customers_asked_for_are_aged(books: Session) -> None:
    first, second = make_customer(books), make_customer(books)
    make_invoice(books, first, "100.00", due=TODAY)
    make_invoice(books, second, "70.00", due=TODAY)
    assert ageing(books, TODAY, only=Filter(customer_ids=[second.id])).total.owed == 70
    assert ageing(books, TODAY, only=Filter(branches=[])).total.owed == 170  # customers of no branch
    assert ageing(books, TODAY, only=Filter(grade="AAA")).total.owed == 0
    assert ageing(books, TODAY, only=Filter(currency="USD")).total.owed == 0


def test_days_late_are_averaged_by_every_grouping_as_of_any_day(books: Session) -> None:
    first, second = make_customer(books), make_customer(books)
    make_invoice(books, first, due=TODAY - timedelta(days=30), paid_on=TODAY - timedelta(days=20))
    make_invoice(books, first, due=TODAY - timedelta(days=40), paid_on=TODAY - timedelta(days=44))
    late = make_invoice(books, second, due=TODAY - timedelta(days=30), paid_on=TODAY - timedelta(days=27))
    make_invoice(books, second, due=TODAY - timedelta(days=900), paid_on=TODAY - timedelta(days=500))
    assert average_days_late(books, TODAY, "customer") == {first.id: 5, second.id: 3}
    assert average_days_late(books, TODAY, "currency") == {"EUR": Decimal("4.3")}
    assert average_days_late(books, TODAY - timedelta(days=25), "customer") == {first.id: 0, second.id: 3}
    (paid,) = books.scalars(select(Allocation).where(Allocation.item_id == late.id))
    ledger_allocations.undo_allocation(books, paid, TODAY, TODAY)
    assert average_days_late(books, TODAY, "customer") == {first.id: 5}
    assert average_days_late(books, TODAY - timedelta(days=1), "customer") == {first.id: 5, second.id: 3}
