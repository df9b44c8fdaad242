"""Orders on the screens: the check asked, the list, one with its history, and the worker that frees it."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from credit_app import jobs, orders
from credit_app.models import Customer
from credit_app.models.orders import SalesOrder
from tests.factories import NOW, TODAY, make_customer, make_invoice, make_limit, make_receipt
from tests.screens.desk import Desk
from workflows import clock

EMPTY = {"customer": "", "amount": "", "payment_days": ""}


def entered(desk: Desk, customer: Customer, name: str, amount: int) -> SalesOrder:
    given = orders.Message(
        name,
        customer.id,
        Decimal(amount),
        "EUR",
        30,
        "open_account",
        TODAY,
        None,
        Decimal(0),
        Decimal(0),
        "open",
        1,
    )
    with clock.at(NOW):
        taken = orders.take(desk.session, "erp", replace(given), TODAY, NOW)
    desk.session.commit()
    return taken.order


def buyer(desk: Desk) -> Customer:
    """A customer of Sara's in the north with a limit of 50,000 and 10,000 owed."""
    cast = desk.cast
    found = make_customer(desk.session, "Nordwind GmbH", branch_id=cast.north.id, sales_rep_id=cast.sara.id)
    make_limit(desk.session, found, 50_000)
    make_invoice(desk.session, found, 10_000, TODAY + timedelta(days=9))
    desk.session.commit()
    return found


def test_sales_asks_whether_an_order_may_be_delivered_and_reads_what_would_release_it(desk: Desk) -> None:
    customer, cast = buyer(desk), desk.cast
    elsewhere = make_customer(desk.session, "Südwind AG", branch_id=cast.south.id)
    desk.session.commit()
    order = {"customer": f"{customer.number} {customer.name}", "amount": "60 000", "payment_days": "30"}
    page = desk.get(cast.sara, "/orders/check")
    held = page.form("/orders/check").fill(**order, currency="EUR", payment_method="open_account").send()
    text = held.text
    assert "The order is held: it may not be delivered." in text
    assert "With the order Nordwind GmbH owes EUR 70,000.00, EUR 20,000.00 more than its limit" in text
    assert "A receipt of EUR 20,000.00, a limit of EUR 70,000.00" in text
    assert "everything is as of that day" in text
    later = TODAY + timedelta(days=9)
    make_limit(
        desk.session, customer, 90_000, kind="temporary", valid_from=later, valid_to=later + timedelta(days=5)
    )
    desk.session.commit()
    form = held.form("/orders/check")
    future = form.fill(deliver_on=later.isoformat(), payment_method="open_account").send()
    assert "something to look at" in future.text  # the temporary limit holds by then
    assert f"Checked for delivery on {later.day} Mar 2026: limits and releases" in future.text
    over = form.fill(deliver_on=(TODAY - timedelta(days=1)).isoformat()).send()
    assert (over.status, "is over; an order is delivered today" in over.error_at("deliver_on")) == (422, True)
    passed = form.fill(amount="5 000", payment_method="prepayment", deliver_on="").send()
    assert "The order may be delivered." in passed.text
    for wrong, said in (
        ({"customer": "C-999999"}, "There is no customer C-999999"),
        ({"customer": elsewhere.number}, elsewhere.number),
        ({"amount": "0"}, "The amount has to be above zero."),
        ({"amount": "-5"}, "amount"),
        ({"amount": "9" * 30}, "digits"),
        ({"currency": "USD"}, "There is no exchange rate from USD to EUR"),
        ({"payment_days": "soon"}, "Enter a whole number"),
        (EMPTY, "Please fill in this field."),
    ):
        refused = desk.get(cast.sara, "/orders/check").form("/orders/check").fill(**order | wrong).send()
        assert refused.status in (403, 404, 422), wrong
        assert said in refused.text
    desk.get(cast.cole, "/orders/check", status=403)


def test_what_is_on_hold_comes_first_and_is_freed_by_a_receipt_with_a_mail_to_sales(desk: Desk) -> None:
    customer, cast = buyer(desk), desk.cast
    held = entered(desk, customer, "S-1", 60_000)
    passed = entered(desk, customer, "S-2", 5_000)
    listed = desk.get(cast.sara, "/orders").text
    assert listed.index("S-1") < listed.index("S-2")
    assert "on hold Over the limit" in listed
    assert "S-2" not in desk.get(cast.sara, "/orders?show=held").text
    assert "S-1" not in desk.get(cast.sara, "/orders?show=warned&q=S-2").text
    assert "S-1" not in desk.get(cast.samir, "/orders").text
    assert "Orders on hold 1" in desk.get(cast.sara, "/").text
    assert "Orders on hold 0" in desk.get(cast.samir, "/").text
    assert desk.get(cast.sara, "/search?q=S-1").path == f"/orders/{held.id}"
    assert "Nothing found" in desk.get(cast.samir, "/search?q=S-1").text
    assert "not yours to see" in desk.get(cast.samir, f"/orders/{held.id}", status=404).text
    page = desk.get(cast.sara, f"/orders/{held.id}")
    assert "The order is held" in page.text
    assert "There is no such order" in desk.get(cast.sara, "/orders/999999", status=404).text

    assert jobs.look_at_held_orders(desk.app) == 0
    with clock.at(NOW + orders.LOOK_EVERY / 2):
        assert jobs.look_at_held_orders(desk.app) == 0  # it was looked at a moment ago
    with clock.at(NOW + 2 * orders.LOOK_EVERY):
        # A look that changes nothing is no check of its own, but is seen.
        make_receipt(desk.session, customer, 1)
        desk.session.commit()
        assert jobs.look_at_held_orders(desk.app) == 0
        assert "looked at again" in desk.get(cast.sara, f"/orders/{held.id}").text
        make_receipt(desk.session, customer, 30_000)
        desk.session.commit()
    with clock.at(NOW + 4 * orders.LOOK_EVERY):
        assert jobs.look_at_held_orders(desk.app) == 1
    (mail,) = [one for one in desk.mails() if one.template == orders.TOLD]
    assert mail.to == "Sara Lind"
    assert mail.subject == "Order S-1 of Nordwind GmbH may be delivered"
    freed = desk.get(cast.sara, f"/orders/{held.id}")
    assert "looked at again" not in freed.text  # the last check is the result; before it is the message
    assert "message of the order system" in freed.text
    again = freed.form("/check").send()
    assert "The order was checked again." in again.text
    assert "looked at again" in again.text
    desk.session.refresh(passed)
    assert passed.outcome == "warn"
