"""The blacklist as a page: the credit manager enters and lifts, others read."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from credit_app.facts.blacklist import blacklisted
from credit_app.models import BlacklistEntry
from tests.factories import TODAY
from tests.screens.desk import Desk, Page
from tests.screens.pages import Form

ENTRY = {"ground": "Paid with forged bills", "source": "Court file", "valid_from": TODAY.isoformat()}


def enter(page: Page, **values: str) -> Page:
    form = next(
        Form(page, one) for one in page.html.forms if one.action == "/blacklist" and "ground" in one.fields
    )
    return form.fill(**ENTRY | values).send()


def form_page(desk: Desk) -> Page:
    return desk.get(desk.cast.carla, "/blacklist")


def test_credit_manager_puts_a_customer_on_the_list_and_its_file_says_so(desk: Desk) -> None:
    customer = desk.customer("Nordwind AG")
    page = enter(form_page(desk), customer=customer.number.lower())
    assert page.status == 200, page
    assert "Nordwind AG" in page.text
    file = desk.get(desk.cast.anna, f"/customers/{customer.number}")
    assert "Paid with forged bills (Court file)" in file.text
    assert "blacklisted" in file.text
    again = enter(page, customer=customer.number)
    assert (again.status, again.error_at("customer")) == (
        422,
        "This customer has an entry from this day on already.",
    )


def test_blanks_of_a_pasted_name_do_not_hide_it(desk: Desk) -> None:
    enter(form_page(desk), name="Acme\u00a0 Trading  GmbH")
    assert blacklisted(desk.session, TODAY, name="acme trading gmbh") is not None


def test_entry_is_lifted_with_a_reason_and_stays_on_record(desk: Desk) -> None:
    page = enter(form_page(desk), name="Forger Ltd", registration_number="HRB 7", country="de")
    row = desk.session.scalars(select(BlacklistEntry)).one()
    assert (row.name, row.country, row.added_by) == ("Forger Ltd", "DE", desk.cast.carla.id)
    refused = page.form("/lift").fill(lift_reason=" ").send()
    assert refused.messages == ["Not lifted: say why the entry is lifted."]
    lifted = refused.form("/lift").fill(lift_reason="Paid in full").send()
    assert lifted.messages == ["The entry is lifted."]
    assert "Paid in full" in lifted.text
    desk.fresh()
    row = desk.session.scalars(select(BlacklistEntry)).one()
    assert (row.lift_reason, row.lifted_by) == ("Paid in full", desk.cast.carla.id)
    assert page.form("/lift").fill(lift_reason="Again").send().status == 409
    assert "Forger" not in desk.get(desk.cast.carla, "/blacklist?show=in_force").text
    assert "Forger" in desk.get(desk.cast.carla, "/blacklist?show=over&q=forger").text


@pytest.mark.parametrize(
    ("values", "field", "said"),
    [
        ({}, "name", "Name a customer on file"),
        ({"customer": "C-999999"}, "customer", "There is no customer C-999999."),
        ({"customer": "C-1", "name": "Both"}, "name", "not both"),
        ({"name": "X", "country": "Germany"}, "country", "the two letters"),
        ({"registration_number": "--"}, "registration_number", "letters or digits"),
        ({"name": "X", "ground": " "}, "ground", "Please fill in"),
        (
            {"name": "X", "valid_to": (TODAY - timedelta(days=1)).isoformat()},
            "valid_to",
            "before the first",
        ),
    ],
)
def test_entry_that_names_nobody_or_makes_no_sense_is_refused(
    desk: Desk, values: dict[str, str], field: str, said: str
) -> None:
    page = enter(form_page(desk), **values)
    assert page.status == 422
    assert said in page.error_at(field)
    assert desk.session.scalars(select(BlacklistEntry)).all() == []


def test_others_read_and_cannot_change(desk: Desk) -> None:
    enter(form_page(desk), name="Forger Ltd")
    for one in (desk.cast.anna, desk.cast.mona, desk.cast.otto, desk.cast.clara):
        page = desk.get(one, "/blacklist")
        assert "Forger Ltd" in page.text
        assert not page.has_form("/lift")
        token = str(page.all("//meta[@name='csrf-token']/@content")[0])
        for path in ("/blacklist", "/blacklist/1/lift"):
            sent = page.browser.post(path, {"csrf_token": token, "lift_reason": "x", **ENTRY, "name": "Me"})
            assert sent.status == 403
    desk.get(desk.cast.sara, "/blacklist", 403)
