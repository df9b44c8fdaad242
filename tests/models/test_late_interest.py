"""Late interest out of the ledger: every entry of many items in one query."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from credit_app.facts.late_interest import InterestRefused, interest_of
from credit_app.models import MissingRate
from tests.factories import (
    TODAY,
    allocate,
    make_company,
    make_customer,
    make_invoice,
    make_rate,
    make_receipt,
)

DUE = date(2026, 1, 31)


def test_interest_of_many_items_out_of_their_entries(session: Session, clock: object) -> None:
    make_company(session)
    customer = make_customer(session, country="GB")
    whole = make_invoice(session, customer, 5000, DUE, currency="GBP")
    part = make_invoice(session, customer, 999, DUE, currency="GBP")
    costs = make_invoice(session, customer, 70, DUE, currency="GBP", kind="cost")
    later = make_invoice(session, customer, 70, TODAY, currency="GBP")
    receipt = make_receipt(session, customer, 399, DUE + timedelta(days=10), currency="GBP")
    allocate(session, receipt, part, 399, DUE + timedelta(days=10))
    ids = [whole.id, part.id, costs.id, later.id]
    found = interest_of(session, ids, "GB", TODAY)
    assert set(found) == {whole.id, part.id}, "neither costs nor what is not overdue bear interest"
    # Bank Rate of 31 December 2025, 3.75 %, and 8: 38 days to 10 March.
    assert (found[whole.id].amount, found[whole.id].days) == (Decimal("61.16"), 38)
    assert [(one.days, one.open_amount) for one in found[part.id].segments] == [(10, 999), (28, 600)]
    assert [(found[one.id].fee, found[one.id].fee_currency) for one in (whole, part)] == [
        (70, "GBP"),
        (40, "GBP"),
    ]
    tail = interest_of(session, ids, "GB", TODAY, {whole.id: TODAY})
    assert (tail[whole.id].from_on, tail[whole.id].days) == (TODAY, 1)
    with pytest.raises(InterestRefused, match="“china” has no rule of late interest for 2011-05-02"):
        interest_of(session, [make_invoice(session, customer, 9, date(2011, 5, 1)).id], "CN", TODAY)
    dollars = make_invoice(session, customer, 9000, DUE, currency="USD")
    with pytest.raises(MissingRate, match="USD"):
        interest_of(session, [dollars.id], "GB", TODAY)
    make_rate(session, "USD", "GBP", "0.5", day=TODAY)
    assert interest_of(session, [dollars.id], "GB", TODAY)[dollars.id].fee == 70, "by its worth in pounds"
