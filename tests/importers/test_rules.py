"""What an import takes, what it refuses, and that nothing is taken twice."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from credit_app.importers import ImportReport
from credit_app.models import (
    Allocation,
    Customer,
    ImportBatch,
    ImportProblem,
    Receipt,
    ReceivableItem,
    open_items,
    unallocated_receipts,
)
from tests.factories import make_customer, make_invoice
from tests.importers.conftest import CUSTOMERS, INVOICES, RECEIPTS, Import, lines

GOOD = "R1,K1,2026-01-05,2026-02-04,100.00,EUR,no,"
DAY = date(2026, 3, 10)


@pytest.fixture
def known(session: Session, company: None) -> Customer:
    return make_customer(session, "Nordwind GmbH", external_id="K1", registration_number="HRB 1")


def count(session: Session, table: type[object]) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def told(report: ImportReport) -> list[tuple[int, str, str, str]]:
    return [(p.row, p.column, p.value, p.reason) for p in report.problems]


def test_an_open_invoice_is_written_once(session: Session, run: Import, known: Customer) -> None:
    first = run("invoices", lines(INVOICES, GOOD))
    again = run("invoices", lines(INVOICES, GOOD))
    assert (first.rows_new, again.rows_new, again.rows_same) == (1, 0, 1)
    [item] = session.scalars(select(ReceivableItem))
    assert (item.amount, item.currency, item.due_date) == (Decimal("100.00"), "EUR", date(2026, 2, 4))
    assert (item.source, item.batch_id) == ("credit_desk", first.batch_id)


def test_an_invoice_paid_since_gets_its_receipt(session: Session, run: Import, known: Customer) -> None:
    run("invoices", lines(INVOICES, GOOD))
    report = run("invoices", lines(INVOICES, GOOD + "2026-02-10"))
    assert (report.rows_new, report.rows_changed, report.rows_bad) == (0, 1, 0)
    assert report.made == {"customers": 0, "items": 0, "receipts": 1, "allocations": 1}
    assert open_items(session, [known.id], DAY) == []
    assert run("invoices", lines(INVOICES, GOOD + "2026-02-10")).rows_same == 1


@pytest.mark.parametrize(
    ("row", "column", "value"),
    [
        ("R1,K1,2026-01-05,2026-02-04,100.01,EUR,no,", "amount", "100.01"),
        ("R1,K1,2026-01-05,2026-02-05,100.00,EUR,no,", "due_date", "2026-02-05"),
        ("R1,K1,2026-01-05,2026-02-04,100.00,USD,no,", "currency", "USD"),
        ("R1,K1,2026-01-05,2026-02-04,100.00,EUR,yes,", "disputed", "true"),
        ("R1,K2,2026-01-05,2026-02-04,100.00,EUR,no,", "customer_id", "K2"),
    ],
)
def test_the_books_are_never_changed(
    session: Session, run: Import, known: Customer, row: str, column: str, value: str
) -> None:
    make_customer(session, external_id="K2")
    run("invoices", lines(INVOICES, GOOD))
    report = run("invoices", lines(INVOICES, row))
    reason = "differs from the books, which are never changed; correct it with a credit note"
    assert told(report) == [(2, column, value, reason)]
    assert report.status == "refused"
    assert session.scalar(select(ReceivableItem.amount)) == Decimal("100.00")


def test_a_settlement_is_never_moved_to_another_day(session: Session, run: Import, known: Customer) -> None:
    run("invoices", lines(INVOICES, GOOD + "2026-02-10"))
    report = run("invoices", lines(INVOICES, GOOD + "2026-02-11"))
    assert [(p.column, p.value) for p in report.problems] == [("settled_on", "2026-02-11")]


def test_one_bad_row_stops_everything(session: Session, run: Import, known: Customer) -> None:
    bad = "R2,K1,2026-01-05,2026-02-04,abc,EUR,no,"
    report = run("invoices", lines(INVOICES, GOOD, bad))
    assert (report.status, report.rows_new, report.rows_bad) == ("refused", 1, 1)
    assert count(session, ReceivableItem) == 0
    [batch] = session.scalars(select(ImportBatch))
    assert (batch.status, batch.rows_total, batch.rows_bad) == ("refused", 2, 1)
    [problem] = session.scalars(select(ImportProblem))
    assert (problem.row, problem.column, problem.value) == (3, "amount", "abc")
    assert (problem.reason, problem.reason_values) == (
        "is not an amount with “%(mark)s” before the decimals",
        {"mark": "."},
    )


def test_bad_rows_are_skipped_when_asked(session: Session, run: Import, known: Customer) -> None:
    bad = "R2,K9,2026-01-05,2026-02-04,5.00,EUR,no,"
    report = run("invoices", lines(INVOICES, bad, GOOD), mode="skip_bad_rows")
    assert (report.status, report.rows_new, report.rows_bad) == ("done", 1, 1)
    assert told(report) == [(2, "customer_id", "K9", "is no customer; import the customers first")]
    assert count(session, ReceivableItem) == 1


def test_a_dry_run_reports_and_writes_no_books(session: Session, run: Import, known: Customer) -> None:
    report = run("invoices", lines(INVOICES, GOOD + "2026-02-10"), dry_run=True)
    assert (report.rows_new, report.status, report.made) == (1, "done", {})
    assert [count(session, t) for t in (ReceivableItem, Receipt, Allocation)] == [0, 0, 0]
    assert session.scalars(select(ImportBatch)).one().dry_run


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("R1,K1,2026-01-05,2026-02-04,,EUR,no,", "amount", "is empty"),
        ("R1,K1,2026-01-05,2026-02-04,0,EUR,no,", "amount", "is zero"),
        ("R1,K1,2026-01-05,2026-02-04,1.234,EUR,no,", "amount", "has more than two decimals"),
        ("R1,K1,2026-01-05,2026-02-04,12345678901234,EUR,no,", "amount", "has more than 15 digits"),
        ("R1,K1,2026-01-05,2026-02-04,10.50,JPY,no,", "amount", "has decimals, which its currency has not"),
        (
            "R1,K1,2026-01-05,2026-02-04,1e3,EUR,no,",
            "amount",
            "is not an amount with “.” before the decimals",
        ),
        ("R1,K1,2026-01-05,2026-02-04,1.00,XXX,no,", "currency", "is not a currency in use here"),
        ("R1,K1,05.01.2026,2026-02-04,1.00,EUR,no,", "document_date", "is not a date written YYYY-MM-DD"),
        ("R1,K1,2026-02-30,2026-03-04,1.00,EUR,no,", "document_date", "is a day that does not exist"),
        ("R1,K1,0026-01-05,2026-02-04,1.00,EUR,no,", "document_date", "is before 1970 or after 2199"),
        ("R1,K1,2026-01-05,2026-01-04,1.00,EUR,no,", "due_date", "is before the document date 2026-01-05"),
        (
            "R1,K1,2026-01-05,2026-02-04,1.00,EUR,maybe,",
            "disputed",
            "is neither of yes, y, true, 1, no, n, false, 0",
        ),
        (",K1,2026-01-05,2026-02-04,1.00,EUR,no,", "invoice_number", "is empty"),
        (
            "R1,K1,2026-01-05,2026-02-04,-1.00,EUR,no,2026-02-04",
            "settled_on",
            "is given, but a credit note is not paid",
        ),
        ("R\x001,K1,2026-01-05,2026-02-04,1.00,EUR,no,", "", ""),
        ("R1,K1,2026-01-05", "", "has 3 cells under 8 columns"),
        ("R1,K1,2026-01-05,2026-02-04,1.00,EUR,no,,surplus", "", "has 9 cells under 8 columns"),
        (
            "R" * 101 + ",K1,2026-01-05,2026-02-04,1.00,EUR,no,",
            "invoice_number",
            "is longer than 100 characters",
        ),
        ("R1\x07,K1,2026-01-05,2026-02-04,1.00,EUR,no,", "invoice_number", "contains a control character"),
    ],
)
def test_a_bad_value_is_named_with_column_and_reason(
    run: Import, known: Customer, row: str, column: str, reason: str
) -> None:
    if "\x00" in row:
        with pytest.raises(Exception, match="binary data"):
            run("invoices", lines(INVOICES, row))
        return
    report = run("invoices", lines(INVOICES, row))
    assert [(p.row, p.column, p.reason) for p in report.problems] == [(2, column, reason)]


def test_a_negative_amount_is_a_credit_note(session: Session, run: Import, known: Customer) -> None:
    run("invoices", lines(INVOICES, "G1,K1,2026-01-05,2026-01-05,-25.00,EUR,,"))
    [item] = session.scalars(select(ReceivableItem))
    assert (item.kind, item.amount) == ("credit_note", Decimal("25.00"))


def test_the_same_row_twice_in_a_file_counts_once(session: Session, run: Import, known: Customer) -> None:
    report = run("invoices", lines(INVOICES, GOOD, GOOD))
    assert (report.rows_new, report.rows_same) == (1, 1)
    other = GOOD.replace("100.00", "200.00").replace("R1", "R2")
    report = run("invoices", lines(INVOICES, other, other.replace("200.00", "201.00")))
    assert told(report) == [(3, "invoice_number", "R2", "stands in the file before with other values")]


def test_text_that_looks_like_a_formula_stays_text(session: Session, run: Import) -> None:
    formula = "=cmd|'/c calc'!A1"
    run("customers", lines(CUSTOMERS, f'K1,"{formula}",,,@SUM(A1),+1,-2'))
    [customer] = session.scalars(select(Customer))
    assert (customer.name, customer.industry, customer.city) == (formula, "@SUM(A1)", "+1")


def test_customers_are_added_and_updated(session: Session, run: Import) -> None:
    run("customers", lines(CUSTOMERS, "K1,Nordwind,HRB 1,DE,Steel,Kiel,", "K2,Südwind,HRB 2,DE,,,"))
    report = run(
        "customers", lines(CUSTOMERS, "K1,Nordwind GmbH,HRB 1,DE,Steel,Kiel,", "K2,Südwind,HRB 2,DE,,,")
    )
    assert (report.rows_changed, report.rows_same) == (1, 1)
    assert report.made == {"customers": 0, "customers_changed": 1}
    first, second = session.scalars(select(Customer).order_by(Customer.id))
    session.refresh(first)
    assert (first.name, first.version, first.number, second.number) == (
        "Nordwind GmbH",
        2,
        "C-000001",
        "C-000002",
    )


def test_a_customer_entered_by_hand_gets_its_external_id(session: Session, run: Import) -> None:
    by_hand = make_customer(session, "Nordwind", registration_number="hrb-1", country="DE")
    report = run("customers", lines(CUSTOMERS, "K1,Nordwind GmbH,HRB 1,DE,,,"))
    session.refresh(by_hand)
    assert (report.rows_changed, by_hand.external_id, by_hand.name) == (1, "K1", "Nordwind GmbH")


def test_one_registration_number_is_one_customer(session: Session, run: Import, known: Customer) -> None:
    reason = "is the registration number of another customer"
    report = run("customers", lines(CUSTOMERS, "K2,Other,HRB1,DE,,,"))
    assert told(report) == [(2, "registration_number", "HRB1", reason)]
    report = run("customers", lines(CUSTOMERS, "K3,A,HRB 9,DE,,,", "K4,B,HRB 9,DE,,,"))
    assert told(report) == [(3, "registration_number", "HRB 9", reason)]


def test_a_registration_number_needs_its_country(run: Import) -> None:
    report = run("customers", lines(CUSTOMERS, "K2,Other,HRB1,,,,"))
    assert told(report) == [(2, "country", "", "is empty, but a registration number belongs to a country")]


def test_a_receipt_pays_the_invoice_it_names_as_far_as_it_is_open(
    session: Session, run: Import, known: Customer
) -> None:
    run("invoices", lines(INVOICES, GOOD))
    rows = (
        "B1,K1,2026-02-01,30.00,EUR,part,R1",
        "B2,K1,2026-02-02,90.00,EUR,too much,R1",
        "B3,K1,2026-02-03,5.00,EUR,,",
    )
    report = run("receipts", lines(RECEIPTS, *rows))
    assert report.made == {"receipts": 3, "allocations": 2}
    assert open_items(session, [known.id], DAY) == []
    free = [r.amount for r in unallocated_receipts(session, [known.id], DAY)]
    assert free == [Decimal("20.00"), Decimal("5.00")]
    assert run("receipts", lines(RECEIPTS, *rows)).rows_same == 3


def test_a_receipt_names_an_invoice_of_its_customer_and_currency(
    session: Session, run: Import, known: Customer
) -> None:
    make_invoice(session, make_customer(session, external_id="K2"), source="credit_desk", external_id="R7")
    rows = ("B1,K1,2026-02-01,30.00,EUR,,R7", "B2,K1,2026-02-01,-3.00,EUR,,")
    report = run("receipts", lines(RECEIPTS, *rows))
    assert told(report) == [
        (2, "invoice_number", "R7", "is no invoice of this customer in this currency"),
        (3, "amount", "-3.00", "is negative"),
    ]


def test_a_customer_with_an_invoice_is_no_longer_new(session: Session, run: Import) -> None:
    run("customers", lines(CUSTOMERS, "K1,Nordwind,,,,,"))
    [customer] = session.scalars(select(Customer))
    assert customer.is_new
    run("invoices", lines(INVOICES, GOOD))
    session.refresh(customer)
    assert not customer.is_new
