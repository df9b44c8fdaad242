"""The analyst's work in a real browser: information, rating, proposal, and a guarantee that is confirmed."""

from datetime import date, timedelta

from playwright.sync_api import expect

from tests.browser.live import Person

OWED = (0, 6)  # by the template for existing customers: the register, and the customer itself
DEED = {"name": "guarantee.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 guarantee"}


def task(person: Person, number: str, name: str) -> None:
    """Find the task of that name in the groups' inbox, and open it."""
    person.open(f"/inbox/groups?q={number}")
    person.page.locator("a.cd-rowlink:visible", has_text=name).first.click()
    expect(person.page.locator("h1")).to_be_visible()
    person.page.wait_for_load_state("networkidle" if person.scripts else "load")


def choose(person: Person, name: str, value: str) -> None:
    """Click the card of a choice."""
    person.page.locator(f"label[for='{name}-{value}']").click()


def send(person: Person) -> None:
    """Send the answer; the application's page says that it was recorded."""
    person.page.locator("main form[action^='/tasks/'] button.btn-primary").first.click()
    person.page.wait_for_url("**/applications/CA-*")
    assert "Recorded." in person.text(), person.text()


def look(person: Person, name: str) -> None:
    if person.scripts:
        person.look(name)


def gather(person: Person, number: str) -> None:
    """Report, investigation and statements."""
    page = person.page
    task(person, number, "Record report")
    look(person, "record report")
    choose(person, "choice", "not_needed")
    page.fill("[name=note]", "Known well enough from our own books")
    send(person)
    task(person, number, "Investigate customer")
    look(person, "investigate customer")
    for place in OWED:
        page.fill(f"[name=findings-{place}-source]", "Its office")
        page.fill(f"[name=findings-{place}-found_on]", date.today().isoformat())  # noqa: DTZ011 (as typed)
        page.fill(f"[name=findings-{place}-finding]", "Nothing speaks against it")
        page.select_option(f"[name=findings-{place}-assessment]", "positive")
    page.check("[name=nothing_on_record]")
    page.fill("[name=record_source]", "Court register")
    page.fill("[name=summary]", "A sound company that pays in time")
    send(person)
    task(person, number, "Enter statements")
    look(person, "enter statements")
    choose(person, "choice", "none")
    page.fill("[name=reason]", "The company publishes none")
    send(person)


def assess(person: Person, number: str, guarantee: str = "") -> None:
    """Gather, confirm the rating, propose what was asked for; with a guarantee of that amount where one is named."""
    page = person.page
    gather(person, number)
    task(person, number, "Confirm rating")
    look(person, "confirm rating")
    choose(person, "choice", "confirm")
    send(person)
    task(person, number, "Set proposal")
    look(person, "set proposal")
    choose(person, "choice", "propose")
    page.fill("[name=reason]", "The new line needs it")
    page.fill("[name=warning_utilisation]", "90")
    page.fill("[name=warning_measures]", "Look at open orders, tell the sales rep")
    if guarantee:
        page.select_option("[name=securities-0-kind]", "guarantee")
        page.fill("[name=securities-0-amount]", guarantee)
        page.fill("[name=securities-0-provider]", "Hausbank AG")
    send(person)


def confirm_guarantee(person: Person, number: str) -> None:
    """The guarantee is there, with its deed."""
    page = person.page
    task(person, number, "Confirm conditions")
    look(person, "confirm conditions")
    page.check("[name=rows-0-result][value=confirmed]")
    until = date.today() + timedelta(days=400)  # noqa: DTZ011 (as typed)
    page.fill("[name=rows-0-expires_on]", until.isoformat())
    page.set_input_files("[name=rows-0-file]", DEED)
    send(person)
