"""axe finds nothing serious on any page, wide and narrow, light and dark; nothing is wider than the screen."""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from credit_app import resources
from tests.factories import (
    NOW,
    PASSWORD,
    Cast,
    allocate,
    make_application,
    make_cast,
    make_customer,
    make_invoice,
    make_rating,
    make_receipt,
)
from workflows import deploy_directory

AXE = Path(resources.CHECKOUT / "node_modules" / "axe-core" / "axe.min.js")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SIZES = [(1440, "light"), (390, "dark")]
PAGES = {
    "sara": [
        "/", "/inbox", "/inbox/groups?q=nord", "/inbox/watching", "/applications", "/customers",
        "/customers/{customer}", "/customers/{customer}?tab=items", "/applications/{application}",
        "/search?q=nord", "/help", "/account",
    ],
    "ada": [
        "/", "/imports", "/processes", "/processes/1", "/admin/people", "/admin/people/1", "/admin/people/new",
        "/admin/substitutes", "/admin/calendar", "/admin/outbox", "/admin/incidents", "/admin/tokens",
        "/api",
    ],
    "rita": [
        "/receivables", "/receivables?view=key", "/receivables?view=money", "/receivables/customers/{customer}",
        "/receivables/customers/{customer}/statement", "/receivables/customers/{customer}/receipts/new",
        "/receivables/items/{item}", "/receivables/receipts/{receipt}", "/receivables/bank",
        "/receivables/confirmations", "/imports",
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser of this machine, or Playwright's own."""
    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM") or None
        opened = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The application behind a real socket."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def things(owner_session: Session, clock: Any) -> dict[str, Any]:
    """A company with one customer, its invoices, rating and an application."""
    deploy_directory(owner_session, resources.bpmn())
    cast: Cast = make_cast(owner_session)
    customer = make_customer(owner_session, "Nordwind GmbH", branch=cast.north)
    make_rating(owner_session, customer, "BB")
    item = make_invoice(owner_session, customer, "1200.50", NOW.date())
    receipt = make_receipt(owner_session, customer, "200.00")
    allocate(owner_session, receipt, item, "50.00")
    application = make_application(
        owner_session, customer, cast.sara, 40_000, status="submitted", submitted_at=NOW
    )
    owner_session.commit()
    names = {"customer": customer.number, "application": application.number}
    return {"cast": cast, "item": item.id, "receipt": receipt.id} | names


def sign_in(page: Page, address: str, email: str) -> None:
    page.goto(f"{address}/sign-in")
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    page.click("main button")
    page.wait_for_url(f"{address}/")


def findings(page: Page) -> list[str]:
    """What axe calls serious or critical, and a page that is wider than its window."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES)
    texts = [
        f"{one['id']}: {one['nodes'][0]['html'][:120]}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [*texts, *(["wider than the screen"] if wide else [])]


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize(("width", "colours"), SIZES)
@pytest.mark.parametrize("who", sorted(PAGES))
def test_axe_finds_nothing_serious(
    chromium: Browser, address: str, things: dict[str, Any], who: str, width: int, colours: Any
) -> None:
    context = chromium.new_context(
        viewport={"width": width, "height": 844}, color_scheme=colours, bypass_csp=True
    )
    page, errors = context.new_page(), list[str]()
    page.on("pageerror", lambda error: errors.append(str(error)))
    sign_in(page, address, getattr(things["cast"], who).email)
    shown: dict[str, list[str]] = {}
    for path in PAGES[who]:
        answer = page.goto(address + path.format(**things), wait_until="networkidle")
        assert answer is not None
        assert answer.status == 200, path
        if texts := findings(page):
            shown[path] = texts
    context.close()
    assert (shown, errors) == ({}, [])


@pytest.mark.browser
def test_the_content_policy_blocks_nothing_of_ours(
    chromium: Browser, address: str, things: dict[str, Any]
) -> None:
    """Styles, scripts and diagrams work under the policy that forbids everything inline."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    page, complaints = context.new_page(), list[str]()
    heard: Callable[[Any], None] = lambda said: complaints.append(said.text)  # noqa: E731
    page.on("console", lambda said: heard(said) if "Content Security Policy" in said.text else None)
    sign_in(page, address, things["cast"].ada.email)
    for path in PAGES["ada"]:
        page.goto(address + path, wait_until="networkidle")
    assert page.goto(f"{address}/processes/1", wait_until="networkidle")
    assert page.locator(".djs-shape").count() > 5
    context.close()
    assert complaints == []
