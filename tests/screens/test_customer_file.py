"""The file of a customer, also where something is missing."""

from tests.factories import make_invoice, make_limit
from tests.screens.desk import Desk


def test_file_opens_and_says_which_rate_is_missing(desk: Desk) -> None:
    customer = desk.customer("Nordwind AG")
    make_invoice(desk.session, customer, 1_000)
    make_invoice(desk.session, customer, 500, currency="USD")
    make_limit(desk.session, customer, currency="GBP")
    desk.session.commit()
    for tab in ("overview", "items", "limits", "applications", "decisions"):
        page = desk.get(desk.cast.sara, f"/customers/{customer.number}?tab={tab}")
        assert "There is no exchange rate from" in page.text
    page = desk.get(desk.cast.sara, f"/customers/{customer.number}")
    assert "1,000.00" in page.text
