"""One contract from the need to the signed copy: each task is done in the browser by whoever has it."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, FilePayload

from tests.browser.live import NARROW, WIDE, Person
from workflows import clock

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DOMAIN = "demo.creditdesk.example"
REVIEWERS = ("anna.petrova", "katarina.novak", "friederike.vogel", "piotr.zielinski")
COUNSEL, HEAD_OF_SALES, REP = "friederike.vogel", "jonas.weber", "sara.lind"
PDF: FilePayload = {"name": "signed.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n%%EOF\n"}


class Desks:
    """Everybody's browser; counsel reads on a telephone."""

    def __init__(self, address: str, browser: Browser) -> None:
        self.address, self.browser = address, browser
        self.people: dict[str, Person] = {}
        self.review = ""

    def at(self, name: str) -> Person:
        """Somebody of the demo, signed in since their first task."""
        if name not in self.people:
            size = NARROW if name == COUNSEL else WIDE
            self.people[name] = Person(self.browser, self.address, f"{name}@{DOMAIN}", size, at_once=True)
        return self.people[name]

    def task(self, name: str) -> Person:
        """That person opens the task that the page of the review offers them."""
        person = self.at(name)
        person.page.goto(f"/contracts/reviews/{self.review}")
        person.page.locator("main a.btn-primary[href^='/tasks/']").click()
        person.page.wait_for_url("**/tasks/*")
        return person

    def go_home(self) -> None:
        """No browser has complained of anything."""
        for person in self.people.values():
            assert person.complaints == []
            person.leave()


def send(person: Person, form: str) -> str:
    """Send the form; what the page says then. A refusal fails with its words."""
    page = person.page
    with page.expect_navigation(wait_until="domcontentloaded"):
        page.locator(f"#{form} button.btn-primary").click()
    assert page.locator("#errors").count() == 0, page.locator("#errors").inner_text()
    return person.text()


def choose(person: Person, name: str, value: str) -> None:
    person.page.locator(f"label[for='{name}-{value}']").click()


def needed(desks: Desks) -> None:
    """The rep finds the customer by name and records what it wants, then begins the review."""
    page = desks.at(REP).open("/contracts/new").page
    page.locator("[name=with_whom]").press_sequentially("Delta Ph")
    offered = page.locator("#companies option").first
    offered.wait_for(state="attached")
    page.fill("[name=with_whom]", offered.get_attribute("value") or "")
    page.fill("[name=title]", "Filling heads")
    page.fill("[name=need]", "Four filling heads before the summer")
    page.click("main form button.btn-primary")
    page.get_by_role("button", name="Begin the review").click()
    link = page.locator("a[href^='/contracts/reviews/CRV']").first
    desks.review = link.inner_text().strip()


def drafted(desks: Desks, look: bool = False, **terms: str) -> None:
    """The rep drafts from the template and confirms the checklist."""
    rep = desks.task(REP)
    for name, value in terms.items():
        field = rep.page.locator(f"#draft [name={name}]")
        is_list = field.evaluate("one => one.tagName") == "SELECT"
        field.select_option(value) if is_list else field.fill(value)
    choose(rep, "source", "template")
    rep.page.select_option("#template", "sale_of_goods:en")
    if look:
        rep.look("draft_contract")
    send(rep, "draft")
    desks.task(REP)
    assert "Open account" in rep.page.locator("#checklist [name=rows-2-quoted]").input_value()
    send(rep, "checklist")


def agreed(desks: Desks, *names: str) -> None:
    for name in names:
        reviewer = desks.task(name)
        choose(reviewer, "verdict", "agree")
        send(reviewer, "opinion")


def objected(desks: Desks) -> None:
    """Counsel proposes another wording for the warranty, on a telephone."""
    counsel = desks.task(COUNSEL)
    choose(counsel, "verdict", "object")
    page = counsel.page
    page.select_option("[name=points-0-clause]", "warranty")
    page.select_option("[name=points-0-kind]", "wording")
    page.fill("[name=points-0-body]", "Thirty months are more than policy lets us give")
    page.fill("[name=points-0-wording]", "The warranty runs for twenty-four months.")
    counsel.look("review_legal")
    send(counsel, "opinion")


def test_a_contract_goes_from_the_need_to_the_signed_copy(live: Any, browser: Browser) -> None:
    _app, address = live
    desks, today = Desks(address, browser), clock.now().date()
    needed(desks)
    first = {
        "goods": "Four filling heads", "amount": "9 000", "currency": "EUR", "payment_days": "30",
        "payment_method": "open_account", "warranty_months": "30", "liability_cap": "9 000", "delivery_terms": "DAP",
        "delivery_on": (today + timedelta(days=60)).isoformat(), "starts_on": today.isoformat(),
        "ends_on": (today + timedelta(days=365)).isoformat(), "governing_law": "DE", "forum": "Hamburg",
    }  # fmt: skip
    drafted(desks, look=True, **first)
    objected(desks)
    agreed(desks, *(name for name in REVIEWERS if name != COUNSEL))
    rep = desks.task(REP)
    assert "The warranty runs for twenty-four months." in rep.text()
    rep.page.select_option("[name=rows-0-choice]", "take_up")
    send(rep, "answers")
    drafted(desks, warranty_months="24", note="Warranty as counsel asks")
    agreed(desks, *REVIEWERS)
    head = desks.task(HEAD_OF_SALES)
    head.look("sign_contract")
    choose(head, "choice", "sign")
    send(head, "asked")
    desks.task(REP)
    choose(rep, "choice", "signed")
    rep.page.fill("[name=signed_on]", today.isoformat())
    rep.page.set_input_files("[name=file]", PDF)
    assert "Result: Contract filed." in send(rep, "asked")
    rep.open(f"/contracts/reviews/{desks.review}").look("review", axe=False)
    sheet = rep.context.request.get(f"/contracts/reviews/{desks.review}/sheet.en.pdf")
    assert (sheet.status, sheet.body()[:4]) == (200, b"%PDF")
    rep.page.get_by_role("link", name="CTR-").first.click()
    rep.page.wait_for_load_state()
    assert "in force" in rep.text()
    assert "24" in rep.page.locator("dl:has-text('Warranty, months')").inner_text()
    rep.look("contract")
    desks.go_home()
