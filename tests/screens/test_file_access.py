"""Access to customer files: outside one's own a reason is asked, and every look is written down."""

from datetime import timedelta

from sqlalchemy import select

from credit_app.models import AccessGrant, AccessLog, Customer
from tests.factories import TODAY, make_customer, make_substitution
from tests.screens.desk import Desk
from workflows import clock


def log(desk: Desk, customer: Customer) -> list[tuple[str, str, str, str]]:
    """The access log as (name, kind, area, reason)."""
    desk.fresh()
    rows = desk.session.scalars(
        select(AccessLog).where(AccessLog.customer_id == customer.id).order_by(AccessLog.id)
    )
    return [(row.person.name, row.kind, row.area, row.reason) for row in rows]


def test_every_look_at_a_file_is_logged_in_the_same_request(desk: Desk) -> None:
    customer = desk.customer("Nordwind AG")
    for tab in ("overview", "items"):
        desk.get(desk.cast.anna, f"/customers/{customer.number}?tab={tab}")
    assert log(desk, customer) == [
        ("Anna Weiss", "view", "overview", ""),
        ("Anna Weiss", "view", "items", ""),
    ]
    page = desk.get(desk.cast.carla, f"/customers/{customer.number}?tab=access")
    assert "Anna Weiss looked at it Overview" in page.text
    desk.get(desk.cast.anna, f"/customers/{customer.number}?tab=access", 403)


def test_file_of_another_branch_opens_with_a_reason_for_some_hours(desk: Desk) -> None:
    customer = desk.customer("Nordwind AG")
    path, amir = f"/customers/{customer.number}", desk.cast.amir
    page = desk.get(amir, f"{path}?tab=items")
    assert page.path == f"{path}/reason"
    assert "Nordwind" not in page.text
    refused = page.form("/reason").fill(reason="   ").send()
    assert (refused.status, refused.error_at("reason")) == (422, "Please fill in this field.")
    assert log(desk, customer) == []
    opened = page.form("/reason").fill(reason="Group limit of Nordwind Holding").send()
    assert (opened.status, opened.path) == (200, path)
    assert "You opened this file with a reason" in opened.text
    assert log(desk, customer) == [("Amir Nasser", "view", "items", "Group limit of Nordwind Holding")]
    with clock.at(clock.now() + timedelta(hours=9)):
        assert desk.get(amir, path).path == f"{path}/reason"
    # The reason was Amir's: it opens the file to nobody else.
    desk.get(desk.cast.samir, path, 404)
    desk.get(desk.cast.samir, f"{path}/reason", 404)


def test_reason_leads_on_only_to_an_address_of_ours(desk: Desk) -> None:
    customer = desk.customer("Nordwind AG")
    page = desk.get(desk.cast.amir, f"/customers/{customer.number}")
    sent = page.form("/reason").forge(next="https://evil.example/").fill(reason="Because").send()
    assert sent.path == "/"


def test_rep_opens_own_customers_and_those_of_nobody_and_gives_a_reason_for_a_colleagues(desk: Desk) -> None:
    cast = desk.cast
    own = desk.customer("Own AG", sales_rep_id=cast.sara.id)
    nobodys = desk.customer("Nobody's AG")
    assert desk.get(cast.sara, f"/customers/{own.number}").path == f"/customers/{own.number}"
    assert desk.get(cast.stefan, f"/customers/{nobodys.number}").path == f"/customers/{nobodys.number}"
    assert desk.get(cast.stefan, f"/customers/{own.number}").path == f"/customers/{own.number}/reason"
    # Assignment goes before the branch: Samir of the south looks after this one.
    lent = desk.customer("Lent AG", sales_rep_id=cast.samir.id)
    assert desk.get(cast.samir, f"/customers/{lent.number}").path == f"/customers/{lent.number}"


def test_substitute_sees_what_the_principal_sees_without_a_reason(desk: Desk) -> None:
    customer = desk.customer("Nordwind AG")
    make_substitution(desk.session, desk.cast.anna, desk.cast.amir)
    desk.session.commit()
    page = desk.get(desk.cast.amir, f"/customers/{customer.number}")
    assert page.path == f"/customers/{customer.number}"
    assert log(desk, customer) == [("Amir Nasser", "view", "overview", "")]
    with clock.at(clock.now() + timedelta(days=1)):
        assert desk.get(desk.cast.amir, f"/customers/{customer.number}").path.endswith("/reason")


def test_search_finds_customers_of_other_branches_only_by_their_exact_number(desk: Desk) -> None:
    customer = make_customer(
        desk.session, "Südstahl AG", branch_id=desk.cast.south.id, registration_number="HRB 12-345"
    )
    desk.session.commit()
    anna, rep = desk.browser(desk.cast.anna), desk.browser(desk.cast.sara)
    for words in ("Südstahl", "südstahl ag", "HRB 12", "C-0000"):
        assert "Nothing found" in anna.get("/search", 200, [("q", words)]).text, words
    for words in (customer.number.lower(), "hrb12345"):
        assert anna.get("/search", 200, [("q", words)]).path == f"/customers/{customer.number}/reason"
        assert "Nothing found" in rep.get("/search", 200, [("q", words)]).text


def test_administrator_reads_the_access_log_but_not_the_file(desk: Desk) -> None:
    customer = desk.customer("Nordwind AG")
    desk.get(desk.cast.anna, f"/customers/{customer.number}")
    page = desk.browser(desk.cast.ada).get("/search", 200, [("q", customer.number)])
    assert page.path == f"/customers/{customer.number}/access-log"
    assert "Anna Weiss" in page.text
    assert "Nordwind" not in page.text
    desk.get(desk.cast.ada, f"/customers/{customer.number}", 403)
    desk.get(desk.cast.anna, f"/customers/{customer.number}/access-log", 403)


def test_reason_stays_on_record_with_its_hours(desk: Desk) -> None:
    customer = desk.customer("Nordwind AG")
    page = desk.get(desk.cast.amir, f"/customers/{customer.number}")
    page.form("/reason").fill(reason="Group limit").send()
    grant = desk.session.scalars(select(AccessGrant)).one()
    assert grant.expires_at - grant.granted_at == timedelta(hours=8)
    assert grant.granted_at.date() == TODAY
