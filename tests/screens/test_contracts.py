"""Contracts through the screens: the need comes first, with a company of one's own branch."""

from datetime import timedelta

from sqlalchemy import select

from credit_app.models.contract import Contract
from tests.factories import TODAY, make_customer
from tests.screens.desk import Desk

NEED = {"side": "sales", "kind": "goods", "title": "Pumps 2026", "need": "Twelve pumps for the new line"}


def test_a_contract_begins_with_the_need(desk: Desk) -> None:
    cast = desk.cast
    customer = make_customer(desk.session, "Late & Sons", branch_id=cast.north.id, sales_rep_id=cast.sara.id)
    elsewhere = make_customer(desk.session, "Far GmbH", branch_id=cast.south.id)
    desk.session.commit()

    def record(**values: str) -> str:
        page = desk.get(cast.sara, f"/contracts/new?with={customer.number}")
        sent = page.form("/contracts/new").fill(**NEED | values).send()
        return " ".join([*sent.problems, *sent.messages])

    assert "sentence what is wanted" in record(need="Pumps")
    assert "That day is over" in record(need_by=(TODAY - timedelta(days=1)).isoformat())
    assert "no customer or party" in record(with_whom=elsewhere.number)
    assert "no such contract" in record(frame="CTR-2026-99999")
    assert desk.session.scalars(select(Contract)).all() == []
    client = desk.browser(cast.sara).client
    assert "Late &amp; Sons" in client.get("/contracts/suggestions?with_whom=sons").text
    assert "Far" not in client.get("/contracts/suggestions?with_whom=far").text
    assert "no customer or party" in record(with_whom="Far GmbH")
    assert "need is recorded" in record(
        with_whom=" late &  sons",
        need_by=(TODAY + timedelta(days=40)).isoformat(),
        why_us="We deliver in May",
    )
    desk.fresh()
    row = desk.session.scalars(select(Contract)).one()
    assert (row.status, row.customer_id, row.owner_id) == ("need", customer.id, cast.sara.id)
    page = desk.get(cast.cole, f"/contracts/{row.number}")
    assert "Twelve pumps" in page.text
    assert not page.has_form("/review")
    assert "Pumps 2026" in desk.get(cast.otto, "/contracts?status=need").text
    assert "Pumps 2026" not in desk.get(cast.otto, "/contracts?side=purchase").text
