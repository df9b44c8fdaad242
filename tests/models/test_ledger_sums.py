"""The sums that the database adds up are those of the rows, whatever was paid when."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from sqlalchemy.orm import Session

from credit_app.facts.customer_figures import MonthPaid, ledger_figures
from credit_app.facts.days_late import average_days_late
from credit_app.models import (
    open_amounts,
    open_items,
    paid_items,
    unallocated_amounts,
    unallocated_receipts,
)
from tests.factories import TODAY, allocate, make_cast, make_customer, make_invoice, make_receipt

ENDS = (0, 30, 60, 90)


def busy(session: Session, seed: int) -> list[int]:
    """Two customers with invoices, credit notes, part payments and money on account, from before to after TODAY."""
    random, ids = Random(seed), []  # noqa: S311
    for _ in range(2):
        customer = make_customer(session)
        ids.append(customer.id)
        for _ in range(40):
            due = TODAY + timedelta(days=random.randint(-600, 60))
            kind = "credit_note" if random.random() < 0.2 else "invoice"
            currency = random.choice(("EUR", "EUR", "USD"))
            item = make_invoice(session, customer, random.randint(1, 900), due, kind=kind, currency=currency)
            for part in random.choice(((), (1,), (2, 2), (3,))) if kind == "invoice" else ():
                on = due + timedelta(days=random.randint(-20, 90))
                paid = make_receipt(
                    session, customer, item.amount + random.randint(0, 1), on, currency=currency
                )
                allocate(
                    session, paid, item, (item.amount / part).quantize(Decimal("0.01"), "ROUND_DOWN"), on
                )
    return ids


def test_sums_of_the_database_are_the_sums_of_the_rows_on_every_day(
    session: Session, clock: datetime
) -> None:
    make_cast(session)
    ids = busy(session, 7)
    for day in (TODAY - timedelta(days=120), TODAY, TODAY + timedelta(days=400)):
        owed: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
        for item in open_items(session, ids, day):
            owed[item.customer_id, item.currency] += item.open_amount
        free: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
        for receipt in unallocated_receipts(session, ids, day):
            free[receipt.customer_id, receipt.currency] += receipt.amount
        for rows, found in ((owed, open_amounts), (free, unallocated_amounts)):
            summed = {(customer, code): amount for customer, code, amount in found(session, ids, day)}
            assert summed == {key: amount for key, amount in rows.items() if amount}


def test_figures_of_a_customer_are_those_of_its_items(session: Session, clock: datetime) -> None:
    make_cast(session)
    for customer in busy(session, 11):
        items, paid = open_items(session, [customer], TODAY), paid_items(session, [customer], TODAY)
        found = ledger_figures(session, customer, TODAY, ENDS)
        opened: dict[tuple[str, int], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
        for item in items:
            bucket = next((n for n, end in enumerate(ENDS) if item.days_overdue <= end), len(ENDS))
            opened[item.currency, bucket][0] += item.open_amount
            opened[item.currency, bucket][1] += (
                item.open_amount if item.days_overdue > 0 < item.open_amount else 0
            )
        assert {key: list(pair) for key, pair in found.open.items()} == opened
        months: dict[tuple[int, int], list[int]] = defaultdict(list)
        for one in paid:
            months[one.paid_on.year, one.paid_on.month].append(one.days_late)
        assert found.months == {key: MonthPaid(len(late), sum(late)) for key, late in months.items()}
        year = [one.days_late for one in paid if one.paid_on >= TODAY - timedelta(days=365)]
        assert (found.open_count, found.paid_count) == (len(items), len(year))
        assert len(year) < len(paid)  # there are older ones, which the board does not count either
        board = average_days_late(session, TODAY, "customer").get(customer)
        assert board == (found.average_days_late and round(found.average_days_late, 1))


def test_customer_without_items_has_no_figures(session: Session, clock: datetime) -> None:
    make_cast(session)
    customer = make_customer(session)
    found = ledger_figures(session, customer.id, date(2026, 1, 1), ENDS)
    assert (found.open, found.months, found.average_days_late) == ({}, {}, None)
