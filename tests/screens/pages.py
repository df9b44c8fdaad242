"""A browser without a screen for tests: pages, their forms as a person would fill them, sign-in; CSRF is on."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import lxml.html
from flask import session
from flask.testing import FlaskClient
from lxml.html import HtmlElement
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from credit_app.db import db
from credit_app.models import Person
from credit_app.screens import sessions
from tests.factories import PASSWORD, PASSWORD_HASH

SIGN_IN = "/sign-in"


@dataclass(frozen=True)
class File:
    """A file as a person would attach it."""

    name: str
    content: bytes
    content_type: str = "application/octet-stream"


class Page:
    """An answer: its status, where redirects ended, and what stands on it."""

    def __init__(self, browser: "Browser", response: TestResponse) -> None:
        self.browser = browser
        self.response = response
        self.status = response.status_code
        self.path = response.request.path
        self.raw = response.get_data()
        self.html: HtmlElement = lxml.html.document_fromstring(self.raw.decode() or "<html></html>")

    def __repr__(self) -> str:
        return f"<Page {self.status} {self.path}: {self.problems or self.messages or self.text[:400]}>"

    @property
    def main(self) -> HtmlElement:
        """The content without the frame; the whole body of a page that has none."""
        return next(iter(self.all("//main")), self.html.body)

    @property
    def text(self) -> str:
        """What can be read, blanks made single."""
        return plain(self.main)

    @property
    def heading(self) -> str:
        return " ".join(plain(one) for one in self.all("//h1"))

    @property
    def messages(self) -> list[str]:
        """What the last action said."""
        return [plain(one) for one in self.all("//*[@id='messages']//p")]

    @property
    def problems(self) -> list[str]:
        """The list of everything that was not accepted."""
        return [plain(one) for one in self.all("//*[@id='errors']//li")]

    def error_at(self, name: str) -> str:
        """What stands at a field."""
        return " ".join(plain(one) for one in self.all(f"//*[@id='{name}-error']"))

    def all(self, xpath: str) -> list[Any]:
        found = self.html.xpath(xpath)
        return list(found) if isinstance(found, list) else [found]

    def links(self, part: str) -> list[str]:
        """The addresses in the content that hold this text."""
        return [href for href in self.main.xpath(".//a/@href") if part in href]

    def facts(self) -> dict[str, str]:
        """The definition lists of the page: label to value."""
        return {plain(term): plain(term.getnext()) for term in self.all("//dl//dt")}

    def has_form(self, action: str) -> bool:
        return any(action in (form.get("action") or "") for form in self.html.forms)

    def form(self, action: str) -> "Form":
        """The form whose address holds this text."""
        for form in self.html.forms:
            if action in (form.get("action") or ""):
                return Form(self, form)
        raise AssertionError(f"no form for {action!r} on {self!r}")

    def form_named(self, identifier: str) -> "Form":
        """The form with this id, and the fields that stand elsewhere on the page and name the form as theirs."""
        (element,) = [form for form in self.html.forms if form.get("id") == identifier]
        for outside in self.all(f"//*[@form='{identifier}']"):
            element.append(outside)
        return Form(self, element)

    def last_form(self, action: str) -> "Form":
        """The last of the forms whose address begins so."""
        return Form(
            self, [form for form in self.html.forms if (form.get("action") or "").startswith(action)][-1]
        )


@dataclass
class Form:
    """A form of a page, filled like a person would: only fields and choices that stand on the page."""

    page: Page
    element: Any
    files: MultiDict[str, Any] = field(default_factory=MultiDict)
    forged: MultiDict[str, str] = field(default_factory=MultiDict)
    missing: set[str] = field(default_factory=set)

    def value(self, name: str) -> str | None:
        """What stands in a field now."""
        found = self.element.fields[name]
        return found if found is None else self.shown(name, str(found))

    def shown(self, name: str, value: str) -> str:
        """A text area's first line break is the page's, as in a browser."""
        area = getattr(self.element.inputs[name], "tag", "") == "textarea"
        return value.replace("\r\n", "\n").removeprefix("\n") if area else value

    def fill(self, **values: str | None) -> "Form":
        """Type, choose, tick. A choice that is not offered is a ValueError, a field that is not there a KeyError."""
        for name, value in values.items():
            if name not in self.element.fields:
                raise KeyError(f"{name} is not on the form")
            self.element.fields[name] = value
        return self

    def attach(self, name: str, *files: File) -> "Form":
        if not self.element.xpath(f".//input[@type='file'][@name='{name}']"):
            raise KeyError(f"{name} takes no file")
        for file in files:
            self.files.add(name, (BytesIO(file.content), file.name, file.content_type))
        return self

    def forge(self, **values: str) -> "Form":
        """Send what the page does not offer, in place of what it holds: what an attacker does."""
        for name, value in values.items():
            self.missing.add(name)
            self.forged.add(name, value)
        return self

    def without(self, *names: str) -> "Form":
        self.missing |= set(names)
        return self

    def pairs(self) -> list[tuple[str, str]]:
        """What is sent, files aside."""
        pairs = [
            (name, self.shown(name, value))
            for name, value in self.element.form_values()
            if name not in self.missing
        ]
        return [*pairs, *self.forged.items(multi=True)]

    def filled(self, **press: str) -> "MultiDict[str, Any]":
        """All that is sent, files too."""
        data: MultiDict[str, Any] = MultiDict([*self.pairs(), *press.items()])
        data.update(self.files)
        return data

    def post(self) -> Any:
        """Send the form and follow nothing: what the server answers."""
        action, encoding = self.element.get("action") or self.page.path, self.element.get("enctype")
        return self.page.browser.send(action, self.filled(), encoding, follow=False)

    def send(self, to: str | None = None, **press: str) -> Page:
        """Send the form; `to` is the address of another button, `press` the name and value of the button."""
        data = self.filled(**press)
        action = to or self.element.get("action") or self.page.path
        encoding = self.element.get("enctype")
        if (self.element.get("method") or "get").lower() == "get":
            return self.page.browser.get(action, query=list(data.items(multi=True)))
        return self.page.browser.post(action, data, encoding)


class Browser:
    """One person's browser, signed in at the first page it opens and again after a session has ended."""

    def __init__(self, client: FlaskClient, email: str) -> None:
        self.client = client
        self.email = email
        self.opened = False

    def enter(self) -> None:
        """Begin a session as the sign-in begins it, without its form: tests/screens/frame is about the form.

        Who could not sign in with PASSWORD now meets the form.
        """
        with self.client.application.test_request_context():
            person = db.session.scalar(select(Person).where(Person.email == self.email, Person.active))
            if person is None or person.password_hash != PASSWORD_HASH or person.locked_until:
                return
            sessions.begin(db.session(), person)
            begun = dict(session)
        with self.client.session_transaction() as kept:
            kept.clear()
            kept.update(begun)

    def sign_in(self, asked: Page | None = None) -> Page:
        """Sign in on the page that asks for it; leads to the page that was wanted."""
        form = (asked or self._get(SIGN_IN)).form(SIGN_IN)
        page = form.fill(email=self.email, password=PASSWORD).send()
        assert page.path != SIGN_IN, page
        return page

    def get(self, path: str, status: int | None = None, query: Iterable[tuple[str, str]] = ()) -> Page:
        """Open a page and follow redirects; `status` is what must be answered."""
        if not self.opened:
            self.opened = True
            self.enter()
        page = self._get(path, query)
        if page.path == SIGN_IN and path != SIGN_IN:
            page = self.sign_in(page)
        assert status is None or page.status == status, page
        return page

    def _get(self, path: str, query: Iterable[tuple[str, str]] = ()) -> Page:
        asked = MultiDict(list(query))
        return Page(self, self.client.get(path, query_string=asked or None, follow_redirects=True))

    def post(self, path: str, data: Any, content_type: str | None = None) -> Page:
        """Send what a form holds and follow redirects."""
        return Page(self, self.send(path, data, content_type))

    def send(self, path: str, data: Any, content_type: str | None = None, follow: bool = True) -> Any:
        """Send what a form holds; the answer as it comes, or the one at the end of the redirects."""
        headers = {"Origin": "http://localhost"}
        answer = self.client.post(
            path, data=data, content_type=content_type, headers=headers, follow_redirects=follow
        )
        for one in (*answer.history, answer):  # a large body lies in a file that the client leaves open
            one.request.environ["wsgi.input"].close()
        return answer


def plain(element: Any) -> str:
    """The text of an element, blanks made single, one between any two elements."""
    return " ".join(" ".join(element.itertext()).split())
