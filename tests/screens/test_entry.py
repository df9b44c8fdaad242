"""Entering an application: what the grade allows, who is on file already, and who is barred."""

from datetime import timedelta
from decimal import Decimal

from credit_app.models import BlacklistEntry, Customer
from tests.factories import NOW, TODAY, make_rating
from tests.screens.desk import DRAFT, Desk, Page

NEW = {
    "customer_kind": "new", "new_name": "Neuwind GmbH", "new_registration_number": "HRB 77", "new_country": "DE",
    "new_city": "Kiel", "new_industry": "Steel",
}  # fmt: skip


def rated(desk: Desk, grade: str = "BBB", **values: object) -> Customer:
    customer = desk.customer("Nordwind AG")
    make_rating(desk.session, customer, grade, **{"valid_until": TODAY + timedelta(days=90)} | values)
    desk.session.commit()
    return customer


def listed(desk: Desk, **values: object) -> None:
    """An entry of the blacklist."""
    given = {
        "ground": "Invoices were forged", "source": "court of Kiel", "valid_from": TODAY - timedelta(days=30),
        "added_by": desk.cast.carla.id, "added_at": NOW,
    }  # fmt: skip
    desk.session.add(BlacklistEntry(**given | values))
    desk.session.commit()


def new_company(desk: Desk, **changes: str) -> Page:
    """Sara enters a company that is not on file, and submits it."""
    return desk.filled(desk.draft(desk.cast.sara), "", "20 000", **NEW | changes).send()


def test_the_page_says_what_the_grade_of_the_chosen_customer_allows(desk: Desk) -> None:
    customer = rated(desk)
    typed = f"{customer.number} {customer.name}"
    page = desk.browser(desk.cast.sara).get(
        "/applications/entry/allowance", 200, [("customer", typed), ("customer_kind", "existing")]
    )
    facts = page.facts()
    assert "BBB" in page.text
    assert "Rated on 10 Mar 2026, valid until 8 Jun 2026." in page.text
    assert (facts["Highest limit"], facts["Longest terms"]) == ("EUR 1,000,000", "60 days")
    assert facts["Payment ways"].startswith("Open account, Bill of exchange")
    assert (facts["Highest discount"], facts["Security"], facts["Review"]) == (
        "1.0 %", "not asked for", "every 6 months",
    )  # fmt: skip


def test_without_scripts_the_saved_draft_shows_it_too(desk: Desk) -> None:
    customer = rated(desk, "CC", valid_until=TODAY - timedelta(days=1))
    page = desk.draft(desk.cast.sara)
    assert "A customer that is not rated" in page.text
    save = page.form("/tasks/").element.xpath(".//button/@formaction")[0]
    saved = desk.filled(page, customer).send(to=save)
    assert saved.facts()["Longest terms"] == "30 days"
    assert "not valid any more; it is rated anew" in saved.text


def test_a_customer_of_another_branch_is_not_looked_into(desk: Desk) -> None:
    customer = rated(desk, "AAA", valid_until=TODAY + timedelta(days=90))
    customer.branch_id = desk.cast.south.id
    desk.session.commit()
    typed = [("customer", f"{customer.number} {customer.name}"), ("customer_kind", "existing")]
    page = desk.browser(desk.cast.stefan).get("/applications/entry/allowance", 200, typed)
    assert "AAA" not in page.text
    assert page.facts()["Longest terms"] == "30 days"
    desk.browser(desk.cast.anna).get("/applications/entry/allowance", 403, typed)


def test_a_new_company_with_a_name_like_one_on_file_has_to_be_told_apart(desk: Desk) -> None:
    known = desk.customer("Neuwind AG", city="Husum")
    answer = new_company(desk)
    assert answer.status == 422
    sentence = f"On file with a name like this: {known.number} Neuwind AG. Say whether it is one of them."
    assert answer.error_at("duplicate") == sentence
    assert desk.count("customer") == 1
    sent = answer.form("/tasks/").fill(duplicate="other").send()
    assert sent.status == 200, sent
    application = desk.application(sent.path.rpartition("/")[2])
    assert application.customer is not None
    assert application.customer.name == "Neuwind GmbH"
    said = application.duplicate_answer or {}
    assert (said["candidates"], said["meant"], said["by"]) == ([known.id], None, desk.cast.sara.id)
    assert "Sara Lind said it is none of these" in sent.text


def test_the_one_on_file_can_be_chosen_instead(desk: Desk) -> None:
    known = desk.customer("Neuwind AG")
    sent = new_company(desk).form("/tasks/").fill(duplicate=known.number).send()
    application = desk.application(sent.path.rpartition("/")[2])
    assert application.customer_id == known.id
    assert (application.duplicate_answer or {})["meant"] == known.id
    assert desk.count("customer") == 1


def test_another_name_under_a_known_registration_number_is_the_known_customer(desk: Desk) -> None:
    known = desk.customer("Altbau KG", registration_number="hrb-77")
    answer = new_company(desk)
    assert "on file already" in answer.error_at("new_registration_number")
    refused = answer.form("/tasks/").fill(duplicate="other").send()
    assert "on file already" in refused.error_at("new_registration_number")
    sent = refused.form("/tasks/").fill(duplicate=known.number).send()
    assert desk.application(sent.path.rpartition("/")[2]).customer_id == known.id


def test_nobody_on_the_blacklist_is_entered_by_customer_number_or_name(desk: Desk) -> None:
    customer = desk.customer("Nordwind AG")
    listed(desk, customer_id=customer.id)
    listed(desk, registration_number="HRB 77", country="DE")
    listed(desk, name="Schlechtwind GmbH")
    answer = desk.filled(desk.draft(desk.cast.sara), customer).send()
    assert answer.error_at("customer") == (
        "No credit can be asked for: “Nordwind AG” has been on the blacklist since 8 Feb 2026."
        " Ground: Invoices were forged. Source: court of Kiel."
    )
    assert "on the blacklist" in new_company(desk).error_at("new_name")
    by_name = new_company(desk, new_registration_number="HRB 78", new_name="schlechtwind  gmbh")
    assert "on the blacklist" in by_name.error_at("new_name")
    assert desk.count("customer") == 1


def test_a_lifted_or_future_entry_bars_nobody(desk: Desk) -> None:
    customer = desk.customer("Nordwind AG")
    listed(desk, customer_id=customer.id, valid_from=TODAY + timedelta(days=1))
    listed(
        desk, name="Nordwind AG", lifted_by=desk.cast.carla.id, lifted_at=NOW, lift_reason="Debts were paid",
    )  # fmt: skip
    assert desk.enter(customer).status == "under_investigation"


def test_the_frame_is_a_frame_and_no_wall(desk: Desk) -> None:
    customer = rated(desk, "CCC")
    application = desk.enter(customer, "150 000", terms_days="60")
    assert application.status == "under_investigation"
    assert application.requested_limit == Decimal("150000.00")
    assert DRAFT["payment_method"] == application.payment_method
