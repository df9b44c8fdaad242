"""Calendar, currencies and rates, branches and departments: what is entered, refused and said to be missing."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from credit_app.models import Branch, Currency, Department, ExchangeRate, Holiday, convert
from tests.factories import TODAY, make_invoice, make_rate
from tests.screens.desk import Desk, Page

CALENDAR, CURRENCIES, PLACES = "/admin/calendar", "/admin/currencies", "/admin/organisation"


def rate(desk: Desk, **values: str) -> Page:
    given = {
        "base": "EUR",
        "quote": "USD",
        "rate": "1.0832",
        "day": TODAY.isoformat(),
        "source": "Central bank",
    }
    return desk.get(desk.cast.rita, CURRENCIES).form("/rates").fill(**{**given, **values}).send()


def test_a_list_of_holidays_is_entered_all_or_none(desk: Desk) -> None:
    page = desk.get(desk.cast.ada, CALENDAR)
    sent = page.browser.post(
        CALENDAR,
        {"csrf_token": token(page), "holidays": "2026-12-25 Christmas Day\n\n2026-12-26; St Stephen's"},
    )
    assert "2 holidays are entered" in sent.text
    desk.fresh()
    assert {row.day: row.name for row in desk.session.scalars(select(Holiday))} == {
        date(2026, 12, 25): "Christmas Day",
        date(2026, 12, 26): "St Stephen's",
    }
    for wrong in (
        "2027-01-01 New Year\n2027-13-01 Nothing",
        "2027-01-01",
        "1999-01-01 Old",
        "1 January 2027 New Year",
    ):
        refused = page.browser.post(CALENDAR, {"csrf_token": token(page), "holidays": wrong})
        assert refused.status == 422
        assert "is no day between 2000 and 2100" in " ".join(refused.problems)
        assert wrong.splitlines()[0] in refused.text
    desk.fresh()
    assert len(desk.session.scalars(select(Holiday)).all()) == 2


def token(page: Page) -> str:
    return str(page.all("//meta[@name='csrf-token']/@content")[0])


def test_a_rate_is_entered_exactly_and_a_slip_is_asked_about(desk: Desk) -> None:
    assert rate(desk).status == 200
    desk.fresh()
    (row,) = desk.session.scalars(select(ExchangeRate))
    assert (row.base, row.quote, row.rate, row.source) == (
        "EUR",
        "USD",
        Decimal("1.08320000"),
        "Central bank",
    )
    far = rate(desk, rate="90000")
    assert far.status == 422
    assert "90,000 is far from the 1.0832 on record" in far.error_at("rate")
    assert far.form("/rates").value("rate") == "90000"
    other_way = rate(desk, base="USD", quote="EUR", rate="90000")
    assert "far from the 0.92319055 on record" in other_way.error_at("rate")
    desk.fresh()
    assert desk.session.scalars(select(ExchangeRate.rate)).one() == Decimal("1.08320000")


def test_a_mistyped_rate_is_corrected_by_a_newer_row(desk: Desk) -> None:
    rate(desk)
    slip = rate(desk, rate="1.9").form("/rates")
    assert slip.fill(checked="y").send().status == 200
    assert rate(desk, rate="1.09").form("/rates").fill(checked="y").send().status == 200
    desk.fresh()
    assert desk.count("exchange_rate") == 3
    assert convert(desk.session, Decimal(100), "EUR", "USD", TODAY) == Decimal("109.00")


@pytest.mark.parametrize(
    ("field", "text", "says"),
    [
        ("rate", "1,0832", "with a point"),
        ("rate", "0", "above zero"),
        ("rate", "-1", "above zero"),
        ("quote", "EUR", "two different"),
        ("day", (TODAY + timedelta(days=1)).isoformat(), "today or a past day"),
        ("source", "", "fill in"),
    ],
)
def test_what_is_no_rate_is_refused(desk: Desk, field: str, text: str, says: str) -> None:
    page = rate(desk, **{field: text})
    assert page.status == 422
    assert says in page.error_at(field)
    assert desk.count("exchange_rate") == 0


def test_missing_and_old_rates_are_said(desk: Desk) -> None:
    customer = desk.customer()
    make_invoice(desk.session, customer, currency="USD")
    make_invoice(desk.session, customer, currency="GBP")
    make_rate(desk.session, "EUR", "GBP", "0.85", TODAY - timedelta(days=60))
    desk.session.commit()
    page = desk.get(desk.cast.rita, CURRENCIES)
    assert "no exchange rate from USD to EUR" in page.text
    assert "GBP" in " ".join(str(one) for one in page.all("//div[@data-kind='warning']//p/text()"))
    rate(desk)
    assert "no exchange rate from USD" not in desk.get(desk.cast.rita, CURRENCIES).text


def test_a_currency_is_taken_into_use_once(desk: Desk) -> None:
    def add(code: str) -> Page:
        form = desk.get(desk.cast.ada, CURRENCIES).form("/currencies/add")
        return form.fill(code=code, name="Icelandic krona", minor_units="0").send()

    assert add("isk").status == 200
    desk.fresh()
    found = desk.session.get(Currency, "ISK")
    assert found is not None
    assert found.minor_units == 0
    assert "in use already" in add("ISK").error_at("code")
    assert "three letters" in add("I5K").error_at("code")


def test_branches_and_departments_are_added_and_renamed(desk: Desk) -> None:
    page = desk.get(desk.cast.ada, PLACES)
    assert "North" in page.text
    assert page.form("/branches").fill(code="W", name="West").send().status == 200
    taken = desk.get(desk.cast.ada, PLACES).form("/branches").fill(code="w", name="Other").send()
    assert "West has this code already" in taken.error_at("code")
    desk.fresh()
    west = desk.session.scalars(select(Branch).where(Branch.code == "W")).one()
    edited = desk.get(desk.cast.ada, f"{PLACES}/branches/{west.id}")
    assert edited.form("/branches/").fill(name="Far west").send().status == 200
    made = (
        desk.get(desk.cast.ada, PLACES).form("/departments").fill(name="Key accounts", branch_id=str(west.id))
    )
    assert "Far west" in made.send().text
    desk.fresh()
    department = desk.session.scalars(select(Department)).one()
    assert department.branch_id == west.id
    moved = desk.get(desk.cast.ada, f"{PLACES}/departments/{department.id}").form("/departments/")
    assert moved.fill(name="Large customers", branch_id="").send().status == 200
    desk.fresh()
    found = desk.session.scalars(select(Department)).one()
    assert (found.name, found.branch_id) == ("Large customers", None)
    desk.get(desk.cast.ada, f"{PLACES}/branches/9999", 404)


def test_who_sees_and_who_changes(desk: Desk) -> None:
    assert not desk.get(desk.cast.otto, CURRENCIES).has_form("/rates")
    assert not desk.get(desk.cast.otto, PLACES).has_form("/branches")
    desk.get(desk.cast.sara, CURRENCIES, 403)
    desk.get(desk.cast.anna, PLACES, 403)
    desk.get(desk.cast.otto, f"{PLACES}/branches/{desk.cast.north.id}", 403)
