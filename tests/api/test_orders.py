"""Orders over the interface: checked, taken in once and in order, refused in one clear sentence."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from credit_app.models import AccessLog, Customer
from credit_app.models.orders import OrderCheck, SalesOrder
from tests.api.conftest import Caller, token_of
from tests.factories import make_customer, make_limit


def order(name: str = "S1", **changes: Any) -> dict[str, Any]:
    """A message about an order of K1 over 100.00."""
    given = {
        "external_id": name,
        "customer_external_id": "K1",
        "amount": "100.00",
        "currency": "EUR",
        "payment_days": 30,
        "ordered_on": "2026-03-09",
        "sequence": 1,
    }
    return given | changes


def question(**changes: Any) -> dict[str, Any]:
    given = {"customer": "K1", "amount": "100.00", "currency": "EUR", "payment_days": 30}
    return given | changes


def rules(answer: Any) -> list[str]:
    return [one["rule"] for one in answer["findings"] if one["severity"] == "hold"]


def test_orders_are_taken_in_once_in_order_and_answered_with_rules_and_figures(
    erp: Caller, session: Session
) -> None:
    customer = session.scalars(select(Customer)).one()
    make_limit(session, customer, 1_000)
    session.commit()
    first = erp.rows("/orders", order(), order("S2", amount="950.00"), order("S3", amount="1100.01"))
    assert [row["result"] for row in first["rows"]] == ["new"] * 3
    fits, tolerated, held = first["rows"]
    assert (fits["outcome"], fits["exposure_after"], fits["available_before"]) == (
        "warn",
        "100.00",
        "1000.00",
    )
    assert [one["rule"] for one in fits["findings"]] == ["file_incomplete"]
    assert (tolerated["exposure_before"], tolerated["exposure_after"]) == ("100.00", "1050.00")
    assert (held["outcome"], rules(held)) == ("hold", ["over_limit"])
    over = next(one for one in held["findings"] if one["rule"] == "over_limit")
    assert over["text"] == (
        "With the order Nordwind GmbH owes EUR 2,150.01, EUR 1,150.01 more than its limit of EUR 1,000.00."
    )
    assert over["remedy"].startswith("A receipt of EUR 1,150.01, a limit of EUR 2,150.01")

    again = erp.rows("/orders", order("S3", amount="1100.01"), order("S2", amount="9.00", sequence=0))
    assert [row["result"] for row in again["rows"]] == ["same", "older"]
    assert again["rows"][0] | {"result": "new", "row": 3} == held
    part = erp.rows("/orders", order("S3", amount="1100.01", delivered_amount="1100.01", sequence=2))
    assert (part["changed"], part["rows"][0]["outcome"]) == (1, "pass")
    found = erp.get("/orders/S3")
    assert (found["outcome"], found["delivered_amount"], found["sequence"]) == ("pass", "1100.01", 2)
    assert session.scalar(select(func.count()).select_from(OrderCheck)) == 4

    asked = erp.post("/order-checks", question(amount="5.00"))
    assert (asked["outcome"], rules(asked), asked["exposure_before"]) == ("hold", ["over_limit"], "2150.01")
    assert erp.post("/order-checks", question(amount="5.00", as_of="2026-03-08"))["exposure_before"] == "0.00"
    prepaid = erp.post("/order-checks", question(amount="999999.00", payment_method="prepayment"))
    assert prepaid["outcome"] == "pass"
    assert session.scalar(select(func.count()).select_from(SalesOrder)) == 3
    assert session.scalar(select(func.count()).where(AccessLog.area == "account")) == 4
    # An order system that does not share its ids knows the customer by our number.
    other = make_customer(session, "Elsewhere", number="C-000077")
    session.commit()
    erp.rows("/orders", order("S4", customer_external_id="C-000077"))
    assert erp.get("/orders/S4")["customer"] == other.number


def test_what_cannot_be_an_order_is_refused_in_one_sentence_and_nothing_is_written(
    erp: Caller, session: Session
) -> None:
    make_customer(session, "Elsewhere", external_id="K2")
    session.commit()
    erp.rows("/orders", order())
    for changes, said in (
        ({"currency": "USD", "external_id": "S9"}, "no exchange rate from USD to EUR for 10 Mar 2026"),
        (
            {"customer_external_id": "K7", "external_id": "S9"},
            "customer_external_id: is no customer here (“K7”)",
        ),
        ({"customer_external_id": "K2", "sequence": 2}, "is another customer than the order was entered for"),
        ({"amount": "101.00"}, "sequence: is the number of a message that said something else"),
        ({"amount": "0.00", "external_id": "S9"}, "amount: is zero"),
        ({"amount": "-5.00", "external_id": "S9"}, "amount: is negative"),
        ({"amount": "1" * 30, "external_id": "S9"}, "amount: has more than 15 digits"),
        ({"delivered_amount": "-1.00"}, "delivered_amount: is negative"),
        ({"payment_days": 4000, "external_id": "S9"}, "payment_days: is more than 3650 days"),
        ({"payment_days": "30"}, "payment_days: is not a whole number without quotes"),
        ({"payment_days": 1.5}, "payment_days: is not a whole number from 0 on"),
        ({"sequence": -1}, "sequence: is not a whole number from 0 on"),
        ({"payment_method": "barter"}, "payment_method: is none of open_account"),
        ({"deliver_on": "2026-03-01", "external_id": "S9"}, "deliver_on: is before the day of the order"),
        ({"ordered_on": "2026-03-20", "external_id": "S9"}, "ordered_on: lies in the future"),
    ):
        refused = erp.rows("/orders", order("S8"), order(**changes), status=422)
        assert said in refused["detail"], refused["detail"]
        assert "row 2" in refused["detail"]
    assert session.scalar(select(func.count()).select_from(SalesOrder)) == 1
    for changes, status, said in (
        ({"currency": "USD"}, 422, "no exchange rate from USD to EUR"),
        ({"customer": "K7"}, 404, "no customer with this external id or number"),
        ({"amount": "0"}, 422, "amount: is zero"),
        ({"as_of": "2026-03-11"}, 422, "as_of: lies in the future."),
        ({"deliver_on": "2026-03-01"}, 422, "deliver_on: is before the day that is asked about."),
        ({"payment_days": 4000}, 422, "payment_days: is more than 3650 days."),
    ):
        assert said in erp.post("/order-checks", question(**changes), status)["detail"]
    assert "no order with this external id" in erp.get("/orders/S9", 404)["detail"]


def test_orders_need_their_own_scopes_and_are_seen_by_their_own_source(erp: Caller, session: Session) -> None:
    erp.rows("/orders", order())
    asker = Caller(erp.client, token_of(session, "orders.check", source="shop"))
    asker.get("/orders/S1", 404)
    asker.post("/order-checks", question())
    asker.rows("/orders", order(), status=403)
    ledger = Caller(erp.client, token_of(session, "ledger.write", "orders.write"))
    ledger.post("/order-checks", question(), 403)
    ledger.get("/orders/S1", 403)
