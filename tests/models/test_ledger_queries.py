"""What is open and what was paid, as of any day."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from credit_app.models import (
    Customer,
    MissingRate,
    open_items,
    paid_items,
    payment_record,
    unallocated_receipts,
)
from tests.factories import (
    TODAY,
    Cast,
    allocate,
    make_customer,
    make_invoice,
    make_rate,
    make_receipt,
)

DAY = timedelta(days=1)


@pytest.fixture
def customer(session: Session, cast: Cast) -> Customer:
    return make_customer(session)


def test_an_invoice_is_open_until_the_day_it_is_paid(session: Session, customer: Customer) -> None:
    item = make_invoice(session, customer, "250.00", due=TODAY, paid_on=TODAY + 5 * DAY)
    [before] = open_items(session, [customer.id], TODAY + 4 * DAY)
    assert (before.item_id, before.open_amount, before.days_overdue) == (item.id, Decimal("250.00"), 4)
    assert open_items(session, [customer.id], TODAY + 5 * DAY) == []
    assert paid_items(session, [customer.id], TODAY + 4 * DAY) == []
    [paid] = paid_items(session, [customer.id], TODAY + 5 * DAY)
    assert (paid.paid_on, paid.days_late) == (TODAY + 5 * DAY, 5)


def test_an_invoice_does_not_exist_before_its_date(session: Session, customer: Customer) -> None:
    make_invoice(session, customer, document_date=TODAY, due=TODAY + 30 * DAY)
    assert open_items(session, [customer.id], TODAY - DAY) == []
    assert len(open_items(session, [customer.id], TODAY)) == 1


def test_a_part_payment_leaves_the_rest_open_and_the_last_one_settles(
    session: Session, customer: Customer
) -> None:
    item = make_invoice(session, customer, "100.00", due=TODAY)
    allocate(session, make_receipt(session, customer, "30.00", TODAY), item, "30.00")
    [rest] = open_items(session, [customer.id], TODAY)
    assert (rest.amount, rest.open_amount) == (Decimal("100.00"), Decimal("70.00"))
    allocate(session, make_receipt(session, customer, "70.00", TODAY + 9 * DAY), item, "70.00")
    assert [paid.days_late for paid in paid_items(session, [customer.id], TODAY + 9 * DAY)] == [9]


def test_a_credit_note_counts_below_zero_and_is_no_payment(session: Session, customer: Customer) -> None:
    make_invoice(session, customer, "100.00", kind="credit_note")
    [credit] = open_items(session, [customer.id], TODAY)
    assert (credit.amount, credit.open_amount) == (Decimal("-100.00"), Decimal("-100.00"))


def test_paying_early_is_not_late(session: Session, customer: Customer) -> None:
    make_invoice(session, customer, due=TODAY, paid_on=TODAY - 10 * DAY)
    assert [paid.days_late for paid in paid_items(session, [customer.id], TODAY)] == [0]


def test_only_what_no_item_used_is_unallocated(session: Session, customer: Customer) -> None:
    receipt = make_receipt(session, customer, "100.00", TODAY)
    item = make_invoice(session, customer, "40.00")
    allocate(session, receipt, item, on=TODAY + DAY)
    amounts = [
        [r.amount for r in unallocated_receipts(session, [customer.id], TODAY + days * DAY)]
        for days in (-1, 0, 1)
    ]
    assert amounts == [[], [Decimal("100.00")], [Decimal("60.00")]]


def test_customers_are_kept_apart(session: Session, customer: Customer) -> None:
    other = make_customer(session)
    make_invoice(session, other)
    assert open_items(session, [customer.id], TODAY) == []
    assert len(open_items(session, [customer.id, other.id], TODAY)) == 1


def test_the_record_of_a_group_is_told_in_one_currency(session: Session, customer: Customer) -> None:
    other = make_customer(session)
    make_rate(session, "EUR", "USD", "1.25", TODAY - 3 * DAY)
    make_invoice(session, customer, "100.00", due=TODAY - 40 * DAY, paid_on=TODAY - 30 * DAY)
    make_invoice(session, other, "125.00", currency="USD", due=TODAY - 20 * DAY)
    record = payment_record(session, [customer.id, other.id], TODAY, "EUR")
    assert (record.paid_count, record.late_count, record.open_count) == (1, 1, 1)
    assert (record.paid_amount, record.overdue_amount) == (Decimal("100.00"), Decimal("100.00"))
    assert record.oldest_overdue_days == 20


def test_a_missing_rate_is_an_error_that_names_pair_and_day(session: Session, customer: Customer) -> None:
    make_invoice(session, customer, currency="USD")
    with pytest.raises(MissingRate, match="USD to EUR for 2026-03-10"):
        payment_record(session, [customer.id], TODAY, "EUR")


payments = st.lists(
    st.tuples(
        st.integers(min_value=1, max_value=100_000),  # cents of the invoice
        st.integers(min_value=0, max_value=60),  # days until due
        st.lists(st.tuples(st.integers(0, 90), st.integers(1, 100)), max_size=3),  # (day, per cent) paid
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(invoices=payments, as_of=st.integers(0, 100))
def test_open_plus_paid_is_always_the_sum_of_the_invoices(
    session: Session, customer: Customer, invoices: list[tuple[int, int, list[tuple[int, int]]]], as_of: int
) -> None:
    begin, day = date(2025, 1, 1), date(2025, 1, 1) + as_of * DAY
    payer = make_customer(session)
    billed = paid = Decimal(0)
    for cents, terms, parts in invoices:
        amount = left = Decimal(cents) / 100
        item = make_invoice(session, payer, amount, due=begin + terms * DAY, document_date=begin)
        billed += amount
        for days, per_cent in sorted(parts):
            part = min(left, (amount * per_cent / 100).quantize(Decimal("0.01")))
            if part > 0:
                allocate(session, make_receipt(session, payer, part, begin + days * DAY), item, part)
                left -= part
                paid += part if days <= as_of else 0
    still_open = sum((item.open_amount for item in open_items(session, [payer.id], day)), Decimal(0))
    assert still_open == billed - paid
    settled = paid_items(session, [payer.id], day)
    assert len(settled) + len(open_items(session, [payer.id], day)) == len(invoices)
    assert all(item.paid_on <= day for item in settled)
