"""A rate that is missing while a decision waits: the page says so, and the application can still be sent back."""

from datetime import timedelta

from tests.factories import TODAY, make_invoice
from tests.screens.desk import Desk


def test_without_a_rate_the_decision_page_opens_and_the_application_goes_back(desk: Desk) -> None:
    customer = desk.customer("Nordwind AG")
    application = desk.in_approval(customer)
    make_invoice(desk.session, customer, "500.00", TODAY + timedelta(days=20), currency="USD")
    desk.session.commit()
    page = desk.open_task(desk.cast.anna, application)
    assert "USD" in page.text
    assert "sent back or refused until the rate is there" in page.text
    refused = desk.decide(desk.cast.anna, application, "approve")
    assert refused.status == 422
    assert desk.again(application).status == "in_approval"
    answer = desk.decide(
        desk.cast.anna, application, "send_back", rework_to="entry", reason="No rate for the dollar yet"
    )
    assert answer.status == 200
    assert desk.again(application).status == "sent_back"
