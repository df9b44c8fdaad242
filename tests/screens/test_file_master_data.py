"""Master data, contacts, references and the group, changed through the customer's file."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from credit_app.models import AccessLog, Contact, Customer, Reference
from tests.factories import TODAY, make_customer, make_invoice, make_limit
from tests.screens.desk import Desk, Page
from tests.screens.pages import Form, plain


def master(desk: Desk, person: Any, customer: Customer) -> Page:
    return desk.get(person, f"/customers/{customer.number}?tab=master")


def again(desk: Desk, customer: Customer) -> Customer:
    desk.fresh()
    return desk.session.get_one(Customer, customer.id)


def changes(desk: Desk, customer: Customer) -> list[dict[str, Any]]:
    desk.fresh()
    query = select(AccessLog).where(AccessLog.customer_id == customer.id, AccessLog.kind == "change")
    return [row.details for row in desk.session.scalars(query.order_by(AccessLog.id))]


def test_analyst_changes_master_data_and_the_log_keeps_before_and_after(desk: Desk) -> None:
    customer = desk.customer("Nordwind AG")
    page = master(desk, desk.cast.anna, customer)
    sent = page.form("/master").fill(
        name="Nordwind SE", size="medium", enterprise_kind="listed", employees="120", country="at",
        registration_number="FN 1", sales_rep_id=str(desk.cast.sara.id),
    ).send()  # fmt: skip
    assert sent.messages == ["Saved."]
    row = again(desk, customer)
    assert (row.name, row.size, row.employees, row.country) == ("Nordwind SE", "medium", 120, "AT")
    assert row.sales_rep_id == desk.cast.sara.id
    assert changes(desk, customer) == [
        {
            "name": ["Nordwind AG", "Nordwind SE"],
            "size": [None, "medium"],
            "enterprise_kind": [None, "listed"],
            "employees": [None, 120],
            "country": ["DE", "AT"],
            "registration_number": [None, "FN 1"],
            "sales_rep": [None, "Sara Lind"],
        }
    ]


def test_of_two_who_change_at_once_the_second_is_told(desk: Desk) -> None:
    customer = desk.customer("Nordwind AG")
    first, second = (master(desk, one, customer) for one in (desk.cast.anna, desk.cast.anton))
    assert first.form("/master").fill(city="Hamburg").send().status == 200
    late = second.form("/master").fill(city="Bremen").send()
    assert late.status == 409
    assert "changed by somebody else" in late.text
    assert again(desk, customer).city == "Hamburg"


def test_rep_changes_only_what_sales_may_and_auditors_nothing(desk: Desk) -> None:
    customer = desk.customer("Nordwind AG")
    form = master(desk, desk.cast.sara, customer).form("/master")
    sent = form.fill(city="Kiel").forge(name="Renamed", parent="", branch_id=str(desk.cast.south.id)).send()
    assert sent.messages == ["Saved."]
    row = again(desk, customer)
    assert (row.city, row.name, row.branch_id) == ("Kiel", "Nordwind AG", desk.cast.north.id)
    assert not master(desk, desk.cast.otto, customer).has_form("/master")
    path = f"/customers/{customer.number}/master"
    page = master(desk, desk.cast.cole, customer)
    assert page.browser.post(path, {"csrf_token": _token(page), "city": "Mars"}).status == 403


def _token(page: Page) -> str:
    return str(page.all("//meta[@name='csrf-token']/@content")[0])


def test_reason_opens_a_file_for_reading_only(desk: Desk) -> None:
    customer = desk.customer("Nordwind AG")
    path = f"/customers/{customer.number}"
    desk.get(desk.cast.amir, path).form("/reason").fill(reason="Group limit").send()
    page = master(desk, desk.cast.amir, customer)
    assert not page.has_form("/master")
    sent = page.browser.post(f"{path}/master", {"csrf_token": _token(page), "city": "Mars", "version": "1"})
    assert sent.status == 403


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", " ", "Please fill in this field."),
        ("country", "D1", "Enter the two letters"),
        ("website", "javascript:alert(1)", "beginning with https://"),
        ("website", 'https://a.example/"><script>', "beginning with https://"),
        ("employees", "-3", "Enter a whole number"),
        ("founded_on", "2999-01-01", "lies in the future"),
        ("registration_number", "--", "letters or digits"),
        ("parent", "C-999999", "There is no customer C-999999"),
    ],
)
def test_bad_master_data_is_refused_at_its_field(desk: Desk, field: str, value: str, said: str) -> None:
    customer = desk.customer("Nordwind AG")
    sent = (
        master(desk, desk.cast.anna, customer).form("/master").fill(**{field: value, "city": "Kiel"}).send()
    )
    assert sent.status == 422
    assert said in sent.error_at(field)
    assert again(desk, customer).city is None


def test_registration_number_of_another_customer_is_refused(desk: Desk) -> None:
    make_customer(desk.session, "First AG", registration_number="HRB 1", branch_id=desk.cast.north.id)
    customer = desk.customer("Second AG")
    form = master(desk, desk.cast.anna, customer).form("/master").fill(registration_number="hrb-1")
    sent = form.send()
    assert (sent.status, sent.error_at("registration_number")) == (
        422,
        "Another customer has this registration number in this country.",
    )
    assert again(desk, customer).registration_number is None


def test_parent_that_would_close_a_circle_is_refused_by_name(desk: Desk) -> None:
    top, middle, bottom = (desk.customer(name) for name in ("Top AG", "Middle AG", "Bottom AG"))
    for child, parent in ((middle, top), (bottom, middle)):
        sent = master(desk, desk.cast.anna, child).form("/master").fill(parent=parent.number.lower()).send()
        assert sent.messages == ["Saved."]
    sent = master(desk, desk.cast.anna, top).form("/master").fill(parent=bottom.number).send()
    assert sent.status == 422
    assert sent.error_at("parent") == (
        "Bottom AG cannot be the parent of Top AG, because it belongs to it: Bottom AG → Middle AG → Top AG."
    )
    assert again(desk, top).parent_id is None
    itself = master(desk, desk.cast.anna, top).form("/master").fill(parent=top.number).send()
    assert itself.error_at("parent") == "A company cannot be its own parent."


def test_group_is_drawn_with_exposure_and_limit_of_each_and_in_total(desk: Desk) -> None:
    top = desk.customer("Top AG")
    child = desk.customer("Child AG", parent_id=top.id)
    make_invoice(desk.session, child, 1_500)
    make_invoice(desk.session, top, 500)
    make_limit(desk.session, top, 10_000)
    desk.session.commit()
    page = master(desk, desk.cast.anna, child)
    rows = [plain(row) for row in page.all("//table[contains(@class,'cd-tree')]//tr")]
    assert rows[1].startswith("Top AG")
    assert rows[1].endswith("500 10,000")
    assert "Child AG" in rows[2]
    assert rows[2].endswith("1,500 –")
    assert rows[3] == "Whole group 2,000 10,000"


def test_contacts_are_added_changed_and_removed(desk: Desk) -> None:
    customer = desk.customer("Nordwind AG")
    page = master(desk, desk.cast.sara, customer)
    sent = page.form("/contacts").fill(**{"contact-name": "Julia Schmidt", "contact-email": "no"}).send()
    assert sent.status == 422
    assert "no complete e-mail address" in sent.error_at("contact-email")
    sent = sent.form("/contacts").fill(**{"contact-email": "julia@example.com"}).send()
    assert sent.messages == ["The contact is saved."]
    contact = desk.session.scalars(select(Contact)).one()
    page = desk.get(desk.cast.sara, f"/customers/{customer.number}?tab=master&contact={contact.id}")
    form = next(Form(page, one) for one in page.html.forms if one.action.endswith(f"/contacts/{contact.id}"))
    assert form.value("contact-name") == "Julia Schmidt"
    form.fill(**{"contact-phone": "+49 40 1234"}).send()
    desk.fresh()
    assert desk.session.scalars(select(Contact)).one().phone == "+49 40 1234"
    page = master(desk, desk.cast.sara, customer).form("/remove").send()
    assert page.messages == ["The contact is removed."]
    assert changes(desk, customer)[-1] == {"contact": ["Julia Schmidt", None]}


def test_contact_of_another_customer_cannot_be_changed_through_this_file(desk: Desk) -> None:
    customer, other = desk.customer("Nordwind AG"), desk.customer("Other AG")
    contact = Contact(customer_id=other.id, name="Their Person")
    desk.session.add(contact)
    desk.session.commit()
    page = master(desk, desk.cast.anna, customer)
    path = f"/customers/{customer.number}/contacts/{contact.id}"
    for end in ("", "/remove"):
        sent = page.browser.post(path + end, {"csrf_token": _token(page), "contact-name": "Mine"})
        assert sent.status == 404
    desk.fresh()
    assert desk.session.scalars(select(Contact.name)).all() == ["Their Person"]


def test_reference_is_added_with_what_the_bank_says(desk: Desk) -> None:
    customer = desk.customer("Nordwind AG")
    values = {
        "kind": "bank", "name": "Hausbank AG", "given_on": TODAY.isoformat(), "assessment": "positive",
        "amount": "250 000", "note": "Orderly conduct of the account",
    }  # fmt: skip
    form = master(desk, desk.cast.anna, customer).form("/references")
    sent = form.fill(**{f"reference-{name}": value for name, value in values.items()}).send()
    assert (sent.status, sent.error_at("reference-currency")) == (
        422,
        "An amount needs its currency, and a currency its amount.",
    )
    sent = sent.form("/references").fill(**{"reference-currency": "EUR"}).send()
    assert sent.messages == ["The reference is added."]
    row = desk.session.scalars(select(Reference)).one()
    assert (row.amount, row.currency, row.recorded_by) == (Decimal("250000.00"), "EUR", desk.cast.anna.id)
    assert "Orderly conduct of the account" in sent.text
