"""The demo company behind a real socket, and a browser whose every page is watched."""

import io
import os
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import lxml.html
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, Playwright
from werkzeug.serving import make_server

from credit_app import create_app, demo, resources
from credit_app.config import Config
from credit_app.db import db

AXE = (resources.CHECKOUT / "node_modules" / "axe-core" / "axe.min.js").read_text
IMAGES = resources.CHECKOUT / "docs" / "images"
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
    "--disable-component-update",
]  # fmt: skip
# Milliseconds of a round; rounds without a request until a page rests, and at most.
ROUND, ROUNDS, MOST_ROUNDS = 30, 3, 600
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


def launch(playwright: Playwright) -> Browser:
    """The browser that CHROMIUM names, one of the machine, or Playwright's own."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    return playwright.chromium.launch(executable_path=path, args=ARGUMENTS)


@contextmanager
def serving(config: Config) -> Iterator[tuple[Flask, str]]:
    """The application on a free port, in a thread."""
    app = create_app(replace(config, database_app_url=config.database_app_url))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield app, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    with app.app_context():
        db.engine.dispose()


@dataclass
class Person:
    """Somebody at a browser of this size; what the browser complains about is kept in `complaints`."""

    browser: Browser
    address: str
    email: str
    size: dict[str, int]
    dark: bool = False
    scripts: bool = True
    at_once: bool = False
    complaints: list[str] = field(default_factory=list)
    on_the_way: set[Any] = field(default_factory=set)
    context: BrowserContext = field(init=False)
    page: Page = field(init=False)

    def __post_init__(self) -> None:
        options: dict[str, Any] = {"bypass_csp": True} if self.scripts else {"java_script_enabled": False}
        self.context = self.browser.new_context(
            viewport=self.size,
            color_scheme="dark" if self.dark else "light",
            base_url=self.address,
            **options,
        )
        self.context.set_default_timeout(20_000)
        self.page = self.context.new_page()
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        self.page.on("request", self._asked)
        self.page.on("requestfinished", self._done)
        self.page.on("requestfailed", self._done)
        self.page.on("response", self._answered)
        self.sign_in()

    def _heard(self, said: Any) -> None:
        if said.type in ("error", "warning"):
            self.complaints.append(f"console: {said.text}")

    def _asked(self, request: Any) -> None:
        self.on_the_way.add(request)
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and f"{parts.scheme}://{parts.netloc}" != self.address:
            self.complaints.append(f"asked elsewhere: {request.url}")

    def _done(self, request: Any) -> None:
        self.on_the_way.discard(request)

    def _answered(self, response: Any) -> None:
        if response.status >= 400:
            self.complaints.append(f"{response.status}: {response.url}")

    def sign_in(self) -> None:
        if self.at_once:
            self._sign_in_unseen()
            return
        self.page.goto("/sign-in")
        self.page.fill("#email", self.email)
        self.page.fill("#password", demo.PASSWORD)
        self.page.click("main button")
        self.page.wait_for_url(f"{self.address}/")

    def _sign_in_unseen(self) -> None:
        """As the form does, without showing it: for those whose sign-in is not what a test is about."""
        page = lxml.html.fromstring(self.context.request.get("/sign-in").text())
        (form,) = [one for one in page.forms if one.action == "/sign-in"]
        answers = dict(form.form_values()) | {"email": self.email, "password": demo.PASSWORD}
        headers = {"Origin": self.address}
        answer = self.context.request.post("/sign-in", form=answers, headers=headers, max_redirects=0)
        assert answer.status == 302, answer.text()

    def open(self, path: str) -> "Person":
        self.page.goto(path, wait_until="load")
        self.settle()
        return self

    def settle(self) -> None:
        """Wait until the page is there and asks for nothing more: as “networkidle”, without its half second of rest."""
        self.page.wait_for_load_state("load")
        calm = 0 if self.scripts else ROUNDS
        for _ in range(MOST_ROUNDS):
            if calm == ROUNDS:
                return
            self.page.wait_for_timeout(ROUND)
            calm = 0 if self.on_the_way else calm + 1
        raise AssertionError(f"{self.page.url} still asks for {[one.url for one in self.on_the_way]}")

    def text(self) -> str:
        return " ".join(self.page.locator("main").inner_text().split())

    def look(self, name: str, axe: bool = True) -> None:
        """Nothing serious for axe, nothing wider than the window, no complaint of the browser."""
        if self.scripts and axe:
            self.settle()
            self.page.evaluate("scrollTo(0, 0)")  # nothing lies half under the bar on top
            self.page.evaluate(AXE())
            rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
            # What passes is not described: that takes most of the time.
            options = {"runOnly": rules, "resultTypes": ["violations"], "selectors": False}
            found = self.page.evaluate("options => axe.run(document, options)", options)
            serious = [
                f"{one['id']}: {one['nodes'][0]['html'][:160]}"
                for one in found["violations"]
                if one["impact"] in ("serious", "critical")
            ]
            assert not serious, (name, serious)
        if self.scripts:
            self.page.wait_for_load_state()  # a page that has only just answered has no width yet
            wide = "[document.scrollingElement.scrollWidth, innerWidth]"
            width, window = self.page.evaluate(wide)
            assert width <= window, f"{name} is {width} px wide"
        assert not self.complaints, (name, self.complaints)

    def keep(self, name: str) -> None:
        """Keep a picture for the README, when asked for."""
        if os.environ.get("CREDIT_SCREENSHOTS") == "1":
            self.page.wait_for_timeout(300)
            save(self.page.screenshot(), IMAGES / f"{name}.png")

    def leave(self) -> None:
        self.context.close()


def save(picture: bytes, path: Path) -> None:
    """Write a picture with few colours when Pillow is there, as it is otherwise."""
    path.parent.mkdir(exist_ok=True)
    try:
        from PIL import Image  # noqa: PLC0415 (only for whoever renews the pictures)
    except ImportError:
        path.write_bytes(picture)
        return
    with Image.open(io.BytesIO(picture)) as image:
        image.convert("RGB").quantize(128).save(path, optimize=True)


def number_in(text: str) -> str:
    found = re.search(r"CA-\d{4}-\d{5}", text)
    assert found is not None, text
    return found.group()
