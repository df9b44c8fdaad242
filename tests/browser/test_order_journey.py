"""One order on hold, from the check to its release: everybody in their own browser, sales with a phone."""

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.answers import choose, today
from tests.browser.live import NARROW, WIDE, Person

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DOMAIN = "demo.creditdesk.example"
ORDER, CUSTOMER = (
    "SO-{year}-4704",
    "Elbkontor Handels GmbH",
)  # of the demo: 90 days to pay where 30 are granted


def open_task(person: Person, number: str, question: str) -> None:
    """The task of the release, from its page."""
    person.open(f"/orders/releases/{number}")
    person.page.get_by_role("link", name="Open the task").click()
    expect(person.page.locator("h1")).to_contain_text(question)


def test_an_order_on_hold_is_checked_asked_for_assessed_approved_and_free(
    live: Any, browser: Browser
) -> None:
    _app, address = live
    order = ORDER.format(year=today().year)
    sara, anna, michael = (
        Person(browser, address, f"{name}@{DOMAIN}", size, at_once=True)
        for name, size in (("sara.lind", NARROW), ("anna.petrova", WIDE), ("michael.okafor", WIDE))
    )
    # What an order of the same terms would meet is said before it is entered; the name is found as it is typed.
    page = sara.open("/orders/check").page
    page.locator("#customer").press_sequentially("Elbkontor")
    found = page.locator("#customers option")
    expect(found).to_have_count(1)
    page.fill("#customer", found.get_attribute("value") or "")
    page.fill("#amount", "480")
    page.fill("#payment_days", "90")
    page.get_by_role("button", name="Check the order").click()
    expect(page.locator("#result-title")).to_have_text("The order is held: it may not be delivered.")
    assert "Payment in 30 days, or a grant of 90 days." in sara.text()
    sara.look("the order check")
    # The one that is there: the list says why it is held, its page how it is released.
    sara.open("/orders?show=held")
    row = page.locator("tr", has_text=order)
    expect(row).to_contain_text("Term too long")
    sara.look("the orders on hold", axe=False)
    row.get_by_role("link").click()
    last_day = page.locator("[data-choice-for=until]")
    expect(last_day).to_be_hidden()
    choose(sara, "kind", "until")
    expect(last_day).to_be_visible()
    choose(sara, "kind", "once")
    page.fill("[name=ground]", "Its buyer pays after the season")
    page.locator("#ask-release button").click()
    expect(page.locator("main")).to_contain_text("The release is asked for.")
    number = page.url.rsplit("/", 1)[1]
    assert page.get_by_role("link", name="Open the task").count() == 0  # it is not Sara's
    sara.look("the release that was asked for", axe=False)

    open_task(anna, number, f"May order {order} of {CUSTOMER} be delivered")
    choose(anna, "choice", "release")
    anna.page.fill("[name=assessment]", "It has paid every autumn; ninety days once are no risk")
    anna.page.select_option("[name=kind]", "once")
    anna.page.fill("[name=valid_until]", (today() + timedelta(days=10)).isoformat())
    button = anna.page.locator("[data-act-button]")
    expect(button).to_have_text("Propose its release")
    anna.look("the assessment of an order")
    button.click()
    expect(anna.page.locator("main")).to_contain_text("Next: Approve release, Credit manager.")

    open_task(michael, number, f"Release order {order} of {CUSTOMER}?")
    assert "no risk" in michael.text()
    choose(michael, "choice", "approve")
    michael.look("the decision on a release", axe=False)
    michael.page.locator("[data-act-button]").click()
    michael.page.wait_for_url(f"**/orders/releases/{number}")

    sara.open(f"/orders/releases/{number}").page.get_by_role("link", name=order).last.click()
    expect(page.locator("#result-title")).to_have_text("The order may be delivered: it is released.")
    sara.look("an order that is released")
    for person in (sara, anna, michael):
        person.leave()
