"""The real file: what it says of itself must come out of the books."""

import csv
from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from credit_app.importers import import_file
from credit_app.models import Allocation, Customer, Receipt, ReceivableItem, open_items, paid_items

FILE = Path(__file__).parents[2].parent / "shared" / "data" / "ibm_accounts_receivable.csv"
AFTER = date(2014, 12, 31)

pytestmark = pytest.mark.skipif(not FILE.exists(), reason=f"the sample file is not at {FILE}")


def test_the_sample_gives_its_own_figures(session: Session, company: None) -> None:
    told: list[tuple[int, int]] = []
    report = import_file(
        session,
        "invoices",
        FILE.name,
        FILE,
        "ibm_accounts_receivable",
        progress=lambda done, about: told.append((done, about)),
    )
    assert (report.rows_total, report.rows_new, report.rows_bad) == (2466, 2466, 0)
    assert report.made == {"customers": 100, "items": 2466, "receipts": 2466, "allocations": 2466}
    assert told[-1] == (2466, 2466)
    assert session.scalar(select(func.sum(ReceivableItem.amount))) == Decimal("147703.18")
    assert set(session.scalars(select(ReceivableItem.currency))) == {"USD"}
    disputed = select(func.count()).select_from(ReceivableItem).where(ReceivableItem.disputed)
    assert session.scalar(disputed) == 561

    ids = list(session.scalars(select(Customer.id)))
    assert len(ids) == 100
    assert open_items(session, ids, AFTER) == []
    paid = {item.number: item for item in paid_items(session, ids, AFTER)}
    with FILE.open(encoding="utf-8-sig") as file:
        own = list(csv.DictReader(file))
    assert {row["invoiceNumber"]: int(row["DaysLate"]) for row in own} == {
        number: item.days_late for number, item in paid.items()
    }
    assert sum(item.days_late > 0 for item in paid.values()) == 877
    assert max(item.days_late for item in paid.values()) == 45
    assert all(len(number) == 10 for number in paid)  # leading zeros are kept


def test_the_sample_can_be_seen_as_of_a_day_in_the_middle(session: Session, company: None) -> None:
    import_file(session, "invoices", FILE.name, FILE, "ibm_accounts_receivable")
    day = date(2012, 12, 31)

    def parse(text: str) -> date:
        return datetime.strptime(text, "%m/%d/%Y").date()  # noqa: DTZ007 - a day has no zone

    with FILE.open(encoding="utf-8-sig") as file:
        expected = sum(
            Decimal(row["InvoiceAmount"])
            for row in csv.DictReader(file)
            if parse(row["InvoiceDate"]) <= day < parse(row["SettledDate"])
        )
    ids = list(session.scalars(select(Customer.id)))
    assert sum(item.open_amount for item in open_items(session, ids, day)) == expected


def test_importing_the_sample_twice_changes_nothing(session: Session, company: None) -> None:
    def counts() -> list[int | None]:
        tables = (Customer, ReceivableItem, Receipt, Allocation)
        return [session.scalar(select(func.count()).select_from(table)) for table in tables]

    import_file(session, "invoices", FILE.name, FILE, "ibm_accounts_receivable")
    before = counts()
    again = import_file(session, "invoices", FILE.name, FILE, "ibm_accounts_receivable")
    assert (again.rows_new, again.rows_same, again.rows_bad) == (0, 2466, 0)
    assert counts() == before
    assert Counter(again.made.values()) == {0: 4}
