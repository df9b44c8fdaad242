"""What a browser shows that no server test sees: replay, the dark, work without scripts, a save in flight."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app import jobs
from credit_app.db import make_engine
from credit_app.models import CreditApplication, Customer
from credit_app.models import Person as DemoPerson
from tests.browser.assessing import assess
from tests.browser.live import NARROW, WIDE, Person, number_in
from workflows.tables import OpenTask

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SARA, ANNA, ZHANG, ELIF, NORA, MARTA = (
    f"{name}@demo.creditdesk.example"
    for name in ("sara.lind", "anna.petrova", "zhang.min", "elif.demir", "nora.berg", "marta.kowalska")
)
LEVELS = {
    "credit_analyst": ANNA,
    "credit_manager": "ines.moreau@demo.creditdesk.example",
    "finance_director": "katarina.novak@demo.creditdesk.example",
    "cfo": "helena.brandt@demo.creditdesk.example",
}


@contextmanager
def books(app: Flask) -> Iterator[Session]:
    """The database behind the server."""
    engine = make_engine(app.extensions["config"].database_url, pooled=False)
    with Session(engine) as session:
        yield session
    engine.dispose()


def row_of(app: Flask, number: str) -> CreditApplication:
    with books(app) as session:
        return session.scalars(select(CreditApplication).where(CreditApplication.number == number)).one()


def reads_english(app: Flask, email: str) -> None:
    """Whoever reads Chinese in the demo reads English from now on, as these steps look for English words."""
    with books(app) as session:
        session.scalars(select(DemoPerson).where(DemoPerson.email == email)).one().locale = "en"
        session.commit()


def approver_of(app: Flask, number: str) -> str | None:
    """Whose level decides next; None when the application is decided."""
    instance = row_of(app, number).instance_id
    with books(app) as session:
        role = session.scalars(select(OpenTask.role).where(OpenTask.instance_id == instance)).one_or_none()
    return LEVELS[role] if role else None


def customer_number(app: Flask, name: str) -> str:
    with books(app) as session:
        return session.scalars(select(Customer.number).where(Customer.name == name)).one()


def enter(sara: Person, customer: str, limit: str) -> str:
    """Sara enters an application and submits it; its number."""
    page = sara.page
    page.locator("form[action$='/applications/new'] button").first.click()
    expect(page.locator("h1")).to_contain_text("Enter the application")
    page.wait_for_load_state("networkidle" if sara.scripts else "load")
    number = number_in(page.locator("h1").inner_text())
    page.fill("[name=customer]", customer)
    page.fill("[name=requested_limit]", limit)
    page.select_option("[name=currency]", "EUR")
    page.fill("[name=terms_days]", "30")
    page.select_option("[name=payment_method]", "open_account")
    page.fill("[name=yearly_purchases]", "1 200 000")
    page.fill(
        "[name=purpose]", "A second line starts in May; the customer orders twice as much from then on."
    )
    page.get_by_role("button", name="Submit the application").click()
    page.wait_for_url("**/applications/CA-*")
    return number


def open_task(person: Person, number: str) -> None:
    """The person looks for the task in the groups' inbox and opens it."""
    person.open(f"/inbox/groups?q={number}")
    link = person.page.locator("a.cd-rowlink:visible").first
    link.click()
    expect(person.page.locator("h1")).to_contain_text("Approve a limit of")


def approve(person: Person, number: str) -> None:
    """The person approves what the task asks."""
    open_task(person, number)
    person.page.locator("label[for='decision-approve']").click()
    person.page.locator("[data-act-button]").click()
    person.page.wait_for_url("**/applications/CA-*")
    assert "Recorded." in person.text()


def at_work(browser: Browser, address: str, size: dict[str, int], **options: Any) -> Any:
    """A maker of people at browsers of this size."""
    return lambda email: Person(browser, address, email, size, **options)


def granted_one(app: Flask) -> CreditApplication:
    """The application that was granted last."""
    with books(app) as session:
        query = select(CreditApplication).where(CreditApplication.status == "granted")
        return session.scalars(query.order_by(CreditApplication.id.desc()).limit(1)).one()


def test_the_history_is_replayed_and_its_mail_is_read(live: Any, browser: Browser) -> None:
    app, address = live
    sit = at_work(browser, address, WIDE)
    elif_ = sit(ELIF)
    elif_.open(f"/applications/{granted_one(app).number}")
    elif_.page.get_by_role("link", name="History").click()
    page = elif_.page
    expect(page.locator(".djs-container svg").first).to_be_visible()
    expect(page.locator(".cd-chain")).to_contain_text("Verified")
    assert page.locator(".cd-event").count() >= 5
    elif_.look("history")
    elif_.keep("history")
    slider = page.locator("#replay")
    everything = page.locator("output[for=replay]").inner_text()
    slider.fill("1")
    expect(page.locator("output[for=replay]")).to_have_text(re.compile(r"^1 / \d+$"))
    assert page.locator("output[for=replay]").inner_text() != everything
    page.locator("summary").filter(has_text="What changed").first.click()
    expect(page.locator("details[open] table").first).to_be_visible()
    page.get_by_role("link", name="Approval", exact=True).click()
    expect(page.locator(".djs-container svg").first).to_be_visible()
    elif_.look("history of the approval")
    elif_.leave()

    jobs.send_outbox(app)
    nora = sit(NORA)
    nora.open("/admin/outbox").look("outbox")
    nora.open("/admin/outbox?sort=created")  # the newest are letters to debtors
    told = nora.page.locator("main tr", has_text=re.compile("[Dd]ecision|[Aa]pplication|[Rr]eview"))
    told.locator("a[href*='/admin/outbox/']:visible").first.click()
    assert re.search(r"\b(CA|LR|TL)-\d{4}-\d{5}\b", nora.text())
    nora.look("mail")
    nora.leave()


def test_the_board_leads_from_a_branch_to_an_item(live: Any, browser: Browser) -> None:
    _app, address = live
    marta = at_work(browser, address, WIDE)(MARTA)
    marta.open("/receivables").look("receivables")
    expect(marta.page.locator(".cd-figures")).to_contain_text("ties with all entries")
    marta.keep("receivables")
    marta.open("/receivables?by=branch")
    marta.page.locator("tbody a.cd-rowlink").first.click()
    marta.page.locator("tbody a.cd-rowlink").first.click()
    marta.page.locator("tbody a.cd-rowlink").first.click()
    expect(marta.page.get_by_text("Every entry")).to_be_visible()
    marta.look("item")
    marta.leave()


def test_axe_finds_nothing_serious_in_the_dark(live: Any, browser: Browser) -> None:
    app, address = live
    granted = granted_one(app)
    sit = at_work(browser, address, WIDE, dark=True)
    sara = sit(SARA)
    sara.look("start")
    sara.open(f"/applications/{granted.number}").look("application")
    sara.leave()
    anna = sit(ANNA)
    anna.open("/inbox/groups").look("inbox")
    anna.page.locator("a.cd-rowlink:visible").first.click()
    anna.look("decide limit")
    anna.leave()
    elif_ = sit(ELIF)
    elif_.open(f"/history/{granted.instance_id}").look("history")
    elif_.leave()


def test_a_whole_application_without_javascript(live: Any, browser: Browser) -> None:
    app, address = live
    sit = at_work(browser, address, NARROW, scripts=False)
    sara = sit(SARA)
    name = "Delta Pharma Verpackung GmbH"
    number = enter(sara, f"{customer_number(app, name)} {name}", "40 000")
    reads_english(app, ZHANG)
    zhang = sit(ZHANG)
    assess(zhang, number)
    zhang.leave()
    while (email := approver_of(app, number)) is not None:
        approver = sit(email)
        approve(approver, number)
        approver.leave()
    assert row_of(app, number).status == "granted"
    assert "granted" in sara.open(f"/applications/{number}").text()
    assert sara.complaints == []
    sara.leave()


def test_a_submission_right_after_typing_does_not_meet_its_own_save(live: Any, browser: Browser) -> None:
    app, address = live
    sara = Person(browser, address, SARA, WIDE)
    page = sara.page
    name = "Delta Pharma Verpackung GmbH"
    page.locator("form[action$='/applications/new'] button").first.click()
    expect(page.locator("h1")).to_contain_text("Enter the application")
    page.wait_for_load_state("networkidle")
    number = number_in(page.locator("h1").inner_text())
    page.fill("[name=customer]", f"{customer_number(app, name)} {name}")
    page.fill("[name=requested_limit]", "30 000")
    page.select_option("[name=currency]", "EUR")
    page.fill("[name=terms_days]", "30")
    page.select_option("[name=payment_method]", "open_account")
    page.fill("[name=yearly_purchases]", "200 000")
    page.fill("[name=purpose]", "More vials and cartons for the new line")
    with page.expect_request("**/draft"):
        page.wait_for_timeout(1)
    page.get_by_role("button", name="Submit the application").click()  # while the save is on its way
    page.wait_for_url("**/applications/CA-*")
    assert row_of(app, number).status == "under_investigation"
    assert sara.complaints == []
    sara.leave()
