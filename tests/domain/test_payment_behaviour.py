"""How customers pay, on invented invoices and on a real ledger of 2,466 invoices."""

import csv
from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_app.domain.grades import CENT
from credit_app.domain.payment_behaviour import OpenItem, PaidItem, days_late, payment_record
from credit_app.domain.purchases import monthly_purchases
from credit_app.domain.rating import rate_by_payment_record
from tests.domain.policies import RATING

LEDGER = Path(__file__).parents[2].parent / "shared" / "data" / "ibm_accounts_receivable.csv"
DUE = date(2026, 1, 31)
TODAY = date(2026, 6, 30)


def paid(
    late: int, amount: str = "100", *, due: date = DUE, number: str = "1", disputed: bool = False
) -> PaidItem:
    issued = due - timedelta(days=30)
    return PaidItem(number, issued, due, due + timedelta(days=late), Decimal(amount), disputed)


def unpaid(due: date, amount: str = "100", number: str = "9") -> OpenItem:
    return OpenItem(number, due - timedelta(days=30), due, Decimal(amount))


def test_an_early_payment_does_not_make_up_for_a_late_one() -> None:
    record = payment_record([paid(-20), paid(10)], [], TODAY)
    assert days_late(DUE, DUE - timedelta(days=20)) == 0
    assert record.average_days_late == Decimal("5.00")
    assert (record.late_count, record.share_late) == (1, Decimal("0.5"))


def test_a_large_invoice_weighs_more_than_a_small_one() -> None:
    record = payment_record([paid(0, "900"), paid(20, "100")], [], TODAY)
    assert record.average_days_late == 10
    assert record.weighted_days_late == 2


def test_the_worst_payment_is_named() -> None:
    record = payment_record([paid(3, number="A"), paid(41, number="B"), paid(5, number="C")], [], TODAY)
    assert (record.worst_days_late, record.worst_item) == (41, "B")
    assert payment_record([paid(0)], [], TODAY).worst_item is None


def test_paying_later_and_later_is_a_rising_trend_whatever_the_order_of_rows() -> None:
    items = [paid(late, due=DUE + timedelta(days=n)) for n, late in enumerate([0, 2, 4, 10, 12, 14])]
    assert payment_record(items, [], TODAY).trend_days == 10
    assert payment_record(items[::-1], [], TODAY).trend_days == 10


def test_a_trend_needs_enough_invoices() -> None:
    assert payment_record([paid(0), paid(1), paid(2)], [], TODAY).trend_days is None
    assert payment_record([paid(0), paid(2)], [], TODAY, trend_from=2).trend_days == 2


def test_overdue_is_what_is_open_after_its_due_date() -> None:
    items = [
        unpaid(TODAY, "10"),
        unpaid(TODAY - timedelta(days=1), "20"),
        unpaid(TODAY - timedelta(days=45), "30"),
    ]
    record = payment_record([], items, TODAY)
    assert (record.open_amount, record.overdue_amount, record.oldest_overdue_days) == (60, 50, 45)


def test_a_credit_note_lowers_what_is_open_but_is_never_overdue() -> None:
    record = payment_record([], [unpaid(DUE, "100"), unpaid(DUE, "-40")], TODAY)
    assert (record.open_amount, record.overdue_amount) == (60, 100)


def test_the_record_as_of_a_past_day_knows_nothing_of_what_came_later() -> None:
    items = [paid(40, number="late")]
    then = payment_record(items, [unpaid(TODAY)], DUE + timedelta(days=10))
    assert (then.paid_count, then.open_count) == (0, 1)
    assert (then.overdue_amount, then.oldest_overdue_days) == (100, 10)
    assert payment_record(items, [], DUE + timedelta(days=40)).paid_count == 1
    assert payment_record(items, [], DUE - timedelta(days=31)).is_empty


def test_the_day_of_a_document_and_of_its_settlement_belong_to_the_record() -> None:
    item, still_open = paid(3), unpaid(DUE)
    on_document_day = payment_record([item], [still_open], item.document_date)
    assert (on_document_day.open_count, on_document_day.paid_count) == (2, 0)
    on_settlement_day = payment_record([item], [], item.settled_on)
    assert (on_settlement_day.open_count, on_settlement_day.paid_count) == (0, 1)
    the_day_before = payment_record([item], [still_open], item.document_date - timedelta(days=1))
    assert the_day_before.is_empty
    assert not on_document_day.is_empty
    assert not on_settlement_day.is_empty


def test_disputes_count_among_settled_and_open_invoices() -> None:
    record = payment_record([paid(0, disputed=True), paid(0), paid(0)], [unpaid(DUE)], TODAY)
    assert (record.disputed_count, record.share_disputed) == (1, Decimal("0.25"))


def test_without_any_invoice_nothing_is_said() -> None:
    record = payment_record([], [], TODAY)
    assert record.is_empty
    assert {record.share_late, record.average_days_late, record.weighted_days_late, record.trend_days} == {
        None
    }


lateness = st.lists(st.tuples(st.integers(-60, 120), st.integers(1, 10**6)), min_size=1, max_size=30)


@given(lateness)
def test_averages_lie_between_the_best_and_the_worst_and_shares_between_none_and_all(
    rows: list[tuple[int, int]],
) -> None:
    record = payment_record([paid(late, str(amount)) for late, amount in rows], [], date(2027, 1, 1))
    worst = max(max(0, late) for late, _ in rows)
    for average in (record.average_days_late, record.weighted_days_late):
        assert average is not None
        assert 0 <= average <= worst
    assert record.worst_days_late == worst
    assert record.share_late is not None
    assert 0 <= record.share_late <= 1


@given(lateness, st.dates(date(2025, 12, 1), date(2026, 8, 1)))
def test_every_invoice_is_either_settled_or_open_as_of_any_day(
    rows: list[tuple[int, int]], day: date
) -> None:
    items = [paid(late, str(amount)) for late, amount in rows]
    record = payment_record(items, [], day)
    known = [item for item in items if item.document_date <= day]
    assert record.paid_count + record.open_count == len(known)
    assert record.paid_amount + record.open_amount == sum(item.amount for item in known)


def test_purchases_are_averaged_over_whole_months_since_the_first() -> None:
    invoices = [
        (date(2026, 3, 5), Decimal(300)),
        (date(2026, 5, 9), Decimal(600)),
        (date(2026, 6, 1), Decimal(9)),
    ]
    bought = monthly_purchases(invoices, TODAY)
    assert bought is not None
    assert (bought.first_month, bought.months, bought.average_month) == (date(2026, 3, 1), 3, 300)
    assert bought.season_factor == 2


def test_purchases_of_more_than_a_year_ago_say_nothing_of_the_need_today() -> None:
    assert monthly_purchases([(date(2025, 5, 31), Decimal(300))], TODAY) is None
    assert monthly_purchases([(date(2026, 5, 1), Decimal(5)), (date(2026, 5, 2), Decimal(-5))], TODAY) is None


def test_purchases_from_the_first_day_of_the_period_to_the_last_day_before_this_month_count() -> None:
    days = [date(2025, 5, 31), date(2025, 6, 1), date(2026, 5, 31), date(2026, 6, 1)]
    bought = monthly_purchases([(day, Decimal(10**n)) for n, day in enumerate(days)], TODAY)
    assert bought is not None
    assert (bought.total, bought.months) == (Decimal(110), 12)


def test_a_penny_of_purchases_does_not_break_the_season_factor() -> None:
    bought = monthly_purchases([(date(2025, 6, 3), CENT)], TODAY)
    assert bought is not None
    assert (bought.average_month, bought.season_factor) == (0, 12)


def _ledger() -> dict[str, list[tuple[PaidItem, int]]]:
    if not LEDGER.exists():
        pytest.skip(f"the real ledger {LEDGER.name} is not on this machine")
    customers: dict[str, list[tuple[PaidItem, int]]] = defaultdict(list)
    with LEDGER.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            issued, due, settled = (
                datetime.strptime(row[name], "%m/%d/%Y").date()  # noqa: DTZ007 - days, no instants
                for name in ("InvoiceDate", "DueDate", "SettledDate")
            )
            amount, disputed = Decimal(row["InvoiceAmount"]), row["Disputed"] == "Yes"
            item = PaidItem(row["invoiceNumber"], issued, due, settled, amount, disputed)
            customers[row["customerID"]].append((item, int(row["DaysLate"])))
    return customers


def test_the_real_ledger_is_as_late_as_it_says_itself() -> None:
    customers = _ledger()
    every = [pair for pairs in customers.values() for pair in pairs]
    assert all(item.days_late == stated for item, stated in every)
    record = payment_record([item for item, _ in every], [], date(2014, 1, 9))
    assert (len(customers), record.paid_count, record.late_count) == (100, 2466, 877)
    assert (record.paid_amount, record.disputed_count, record.worst_days_late) == (
        Decimal("147703.18"),
        561,
        45,
    )


def test_customers_of_the_real_ledger_are_rated_the_better_the_earlier_they_pay() -> None:
    rated = []
    for pairs in _ledger().values():
        record = payment_record([item for item, _ in pairs], [], date(2014, 1, 9), RATING.trend_from)
        rated.append((record.weighted_days_late or Decimal(0), rate_by_payment_record(record, RATING)))
    rated.sort(key=lambda pair: pair[0])
    prompt, slow = rated[:20], rated[-20:]
    assert min(rating.score for _, rating in prompt) > max(rating.score for _, rating in slow)
    assert {rating.risk for _, rating in prompt} == {"low"}
    assert len({rating.grade for _, rating in rated}) >= 6
