"""Invoices by terms, in instalments, of every kind; credit notes that name their invoice; days that are closed."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.importers import ImportReport
from credit_app.models import Allocation, Customer, ItemBalance, Receipt, ReceivableItem
from tests.factories import make_customer
from tests.importers.conftest import RECEIPTS, Import, lines

WIDE = "invoice_number,customer_id,kind,document_date,due_date,terms,amount,currency,settled_on,reference,corrects"
NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)


@pytest.fixture
def known(session: Session, company: None) -> Customer:
    return make_customer(session, "Nordwind GmbH", external_id="K1")


def told(report: ImportReport) -> list[tuple[int, str, str, str]]:
    return [(p.row, p.column, p.value, p.reason) for p in report.problems]


def items(session: Session) -> list[tuple[Any, ...]]:
    row = ReceivableItem
    query = select(row.external_id, row.due_date, row.amount, row.terms, row.instalment).order_by(row.id)
    return [tuple(found) for found in session.execute(query)]


def still_open(session: Session) -> dict[str, Decimal]:
    query = select(ReceivableItem.external_id, ItemBalance.open_amount).join(
        ItemBalance, ItemBalance.item_id == ReceivableItem.id
    )
    return {name: amount for name, amount in session.execute(query)}  # noqa: C416 - rows are no pairs to mypy


def test_terms_give_the_due_date_and_instalments_an_item_each(
    session: Session, run: Import, known: Customer
) -> None:
    file = lines(
        WIDE,
        'R1,K1,,2026-01-15,,"40%@30, 60%@EOM+15",100.05,EUR,,PO 7,',
        "R2,K1,interest,2026-01-15,,EOM,7.00,EUR,,,",
        "R3,K1,cost,2026-01-15,2026-02-14,30,40,EUR,,,",
    )
    report = run("invoices", file, now=NOW)
    assert (report.rows_total, report.rows_new, report.rows_bad, report.made["items"]) == (3, 3, 0, 4)
    assert items(session) == [
        ("R1#1", date(2026, 2, 14), Decimal("40.02"), "40%@30, 60%@EOM+15", 1),
        ("R1#2", date(2026, 2, 15), Decimal("60.03"), "40%@30, 60%@EOM+15", 2),
        ("R2", date(2026, 1, 31), Decimal("7.00"), "EOM", None),
        ("R3", date(2026, 2, 14), Decimal("40.00"), "30", None),
    ]
    assert set(session.scalars(select(ReceivableItem.kind))) == {"invoice", "interest", "cost"}
    assert session.scalar(select(ReceivableItem.reference).order_by(ReceivableItem.id)) == "PO 7"
    again = run("invoices", file, now=NOW)
    assert (again.rows_new, again.rows_same, again.rows_bad) == (0, 3, 0)
    # The same invoice whole, or with other parts, would be in the books twice.
    other = run("invoices", lines(WIDE, "R1,K1,,2026-01-15,2026-02-14,,100.05,EUR,,,"), now=NOW)
    assert told(other) == [(2, "invoice_number", "R1", "is in the books with other instalments")]
    other = run("invoices", lines(WIDE, 'R2,K1,interest,2026-01-15,,"50%@0, 50%@30",7,EUR,,,'), now=NOW)
    assert [(p.row, p.reason) for p in other.problems] == [(2, "is in the books with other instalments")]
    other = run("invoices", lines(WIDE, 'R1,K1,,2026-01-15,,"50%@30, 50%@EOM+15",100.05,EUR,,,'), now=NOW)
    assert [(p.row, p.column) for p in other.problems] == [(2, "amount")]
    assert other.status == "refused"


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        (
            "R1,K1,,2026-01-15,,later,10,EUR,,,",
            "terms",
            "“later” are no payment terms; write 30, EOM+15, 30 EOM or 40%@30, 60%@90.",
        ),
        (
            'R1,K1,,2026-01-15,,"40%@30, 50%@60",10,EUR,,,',
            "terms",
            "The instalments of “40%@30, 50%@60” come to 90 %, not to 100 %.",
        ),
        (
            "R1,K1,,2026-01-15,2026-02-15,30,10,EUR,,,",
            "due_date",
            "is not the day that the terms give, 2026-02-14",
        ),
        ("R1,K1,,2026-01-15,,,10,EUR,,,", "due_date", "is empty, and no terms say when it is due"),
        ("R1,K1,cost,2026-01-15,,30,-10,EUR,,,", "amount", "is negative"),
        ("R1,K1,gift,2026-01-15,,30,10,EUR,,,", "kind", "is none of invoice, credit_note, interest, cost"),
        (
            "R1,K1,,2026-01-15,,30,10,EUR,,,R0",
            "corrects",
            "is given, but only a credit note names the invoice that it corrects",
        ),
        (
            'R1,K1,,2026-01-15,,"50%@30, 50%@60",-10,EUR,,,',
            "terms",
            "has instalments, but a credit note is not paid",
        ),
        ("R1,K1,,2026-01-15,,30,-10,EUR,,,R0", "corrects", "is no invoice of this customer in this currency"),
        (
            "R1,K1,,2026-03-15,,30,10,EUR,2026-03-11,,",
            "settled_on",
            "2026-03-11 has not come yet; date the entry 2026-03-10 or before.",
        ),
    ],
)
def test_what_does_not_fit_is_refused_with_the_sentence_of_the_rule(
    session: Session, run: Import, known: Customer, row: str, column: str, reason: str
) -> None:
    report = run("invoices", lines(WIDE, row), now=NOW)
    assert [(p.row, p.column, p.reason) for p in report.problems] == [(2, column, reason)]
    assert items(session) == []


def test_a_credit_note_is_set_off_against_the_invoice_it_names(
    session: Session, run: Import, known: Customer
) -> None:
    file = lines(
        WIDE,
        "G1,K1,credit_note,2026-02-20,2026-02-20,,70,EUR,,,R1",
        'R1,K1,,2026-02-25,,"50%@30, 50%@60",100,EUR,,,',
        "G2,K1,,2026-02-26,2026-02-26,,-50,EUR,,,R1",
        "R4,K1,,2026-02-01,2026-02-02,,30,EUR,2026-02-03,,",
        "G4,K1,,2026-02-02,2026-02-02,,-10,EUR,,,R4",
    )
    report = run("invoices", file, now=NOW)
    assert report.rows_bad == 0
    assert still_open(session) == {"G1": 0, "R1#1": 0, "R1#2": 0, "G2": 20, "R4": 0, "G4": 0}
    # Money settles what the credit note has left; nothing is dated before its documents.
    assert session.scalars(select(Receipt.amount)).all() == [Decimal("20.00")]
    days = session.execute(select(Allocation.allocated_on, Allocation.amount).order_by(Allocation.id)).all()
    assert (date(2026, 2, 25), Decimal("50.00")) in [tuple(row) for row in days]
    again = run("invoices", file, now=NOW)
    assert (again.rows_new, again.rows_same, again.rows_changed) == (0, 5, 0)


def test_one_bad_instalment_keeps_the_whole_invoice_out(
    session: Session, run: Import, known: Customer
) -> None:
    run("invoices", lines(WIDE, "R1#2,K1,,2026-01-15,2026-02-14,,9,EUR,,,"), now=NOW)
    rows = ('R1,K1,,2026-01-15,,"50%@30, 50%@60",20,EUR,,,', "G1,K1,,2026-01-16,2026-01-16,,-5,EUR,,,R1")
    report = run("invoices", lines(WIDE, *rows), mode="skip_bad_rows", now=NOW)
    assert [(p.row, p.column) for p in report.problems] == [(2, "invoice_number"), (3, "corrects")]
    assert (report.rows_total, report.rows_new, report.rows_bad) == (2, 0, 2)
    assert still_open(session) == {"R1#2": 9}


def test_a_receipt_pays_the_instalments_of_the_invoice_it_names(
    session: Session, run: Import, known: Customer
) -> None:
    run("invoices", lines(WIDE, 'R1,K1,,2026-02-15,,"40%@30, 60%@60",100,EUR,,,'), now=NOW)
    rows = ("B1,K1,2026-02-10,30,EUR,early,R1", "B2,K1,2026-03-01,30,EUR,,R1", "B3,K1,2026-03-02,50,EUR,,R1")
    report = run("receipts", lines(RECEIPTS, *rows), now=NOW)
    assert report.made == {"receipts": 3, "allocations": 4}
    assert still_open(session) == {"R1#1": 0, "R1#2": 0}
    first = session.execute(
        select(Allocation.amount, Allocation.allocated_on).order_by(Allocation.id)
    ).first()
    assert first == (Decimal("30.00"), date(2026, 2, 15))


def test_history_comes_in_on_the_first_day_and_closed_days_stay_closed_after(
    session: Session, run: Import, known: Customer
) -> None:
    old, fresh = "B1,K1,2024-05-01,30,EUR,,", "B2,K1,2026-03-09,30,EUR,,"
    assert run("receipts", lines(RECEIPTS, old, fresh), now=NOW).rows_new == 2
    assert (
        run("receipts", lines(RECEIPTS, "B3,K1,2023-05-01,30,EUR,,"), now=NOW).rows_new == 1
    )  # its second file
    later = NOW + timedelta(days=1)
    assert run("receipts", lines(RECEIPTS, old, fresh), now=later).rows_same == 2
    late = run(
        "receipts", lines(RECEIPTS, "B4,K1,2026-01-24,30,EUR,,", "B5,K1,2026-03-12,1,EUR,,"), now=later
    )
    assert told(late) == [
        (2, "received_on", "2026-01-24",
         "2026-01-24 is closed, what was reported of it stays; the first open day is 2026-01-25."),
        (3, "received_on", "2026-03-12", "2026-03-12 has not come yet; date the entry 2026-03-11 or before."),
    ]  # fmt: skip
    # Invoices of the source have an opening of their own.
    paid = "R1,K1,,2024-01-15,2024-02-15,,10,EUR,2024-02-10,,"
    assert run("invoices", lines(WIDE, paid), now=later).rows_new == 1
    closed = "R2,K1,,2025-12-15,2026-01-15,,10,EUR,2025-12-20,,"
    late = run("invoices", lines(WIDE, closed), now=later + timedelta(days=1))
    assert [(p.column, p.value) for p in late.problems] == [("settled_on", "2025-12-20")]


def test_new_documents_are_dated_within_what_policy_takes(
    session: Session, run: Import, known: Customer
) -> None:
    old = "R1,K1,,2019-01-15,2019-02-15,,10,EUR,,,"
    assert told(run("invoices", lines(WIDE, old, "R2,K1,,2026-04-11,2026-05-11,,10,EUR,,,"), now=NOW)) == [
        (3, "document_date", "2026-04-11",
         "2026-04-11 lies too far ahead for a document; policy takes those up to 2026-04-10."),
    ]  # fmt: skip
    assert run("invoices", lines(WIDE, old), now=NOW).rows_new == 1  # the history of the source
    later = NOW + timedelta(days=1)
    rows = ("R3,K1,,2016-03-02,2016-04-02,,10,EUR,,,", "R4,K1,,2025-03-11,2025-04-11,,10,EUR,,,", old)
    found = run("invoices", lines(WIDE, *rows), mode="skip_bad_rows", now=later)
    assert (found.rows_new, found.rows_same) == (1, 1)
    assert told(found) == [
        (2, "document_date", "2016-03-02",
         "2016-03-02 is too long ago for a new document; policy takes those from 2025-03-11 on."),
    ]  # fmt: skip
