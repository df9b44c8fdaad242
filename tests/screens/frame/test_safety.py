"""What no request gets past: CSRF, method, headers, hostile addresses, errors that lose nothing."""

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from credit_app.models import Holiday
from tests.factories import Cast
from tests.screens.frame.browsing import Browser


def test_a_form_without_token_changes_nothing(
    signed_in: Callable[[Any], Browser], cast: Cast, owner_session: Session
) -> None:
    opened = signed_in(cast.ada)
    answer = opened.client.post("/admin/calendar", data={"day": "2026-12-25", "name": "Christmas"})
    assert answer.status_code == 400
    assert "nothing was changed" in answer.text
    assert "Send again" not in answer.text  # it did not come from our own page
    assert owner_session.scalars(select(Holiday)).all() == []


def test_an_old_form_from_our_own_page_can_be_sent_again(
    signed_in: Callable[[Any], Browser], cast: Cast
) -> None:
    opened = signed_in(cast.ada)
    form = {"day": "2026-12-25", "name": "Christmas <b>", "csrf_token": "old"}
    answer = opened.client.post("/admin/calendar", data=form, headers={"Origin": "http://localhost"})
    assert answer.status_code == 400
    assert 'value="Christmas &lt;b&gt;"' in answer.text
    assert "Send again" in answer.text


def test_what_was_typed_into_a_password_field_is_not_shown_again(browser: Browser) -> None:
    form = {"email": "sara.lind@test.example", "password": "my secret", "csrf_token": "old"}
    answer = browser.client.post("/sign-in", data=form, headers={"Origin": "http://localhost"})
    assert answer.status_code == 400
    assert "my secret" not in answer.text


CHANGES = [
    "/sign-out",
    "/preferences",
    "/admin/people/1/roles",
    "/admin/people/1/deactivate",
    "/admin/people/1/password-link",
    "/admin/substitutes/1/end",
    "/admin/calendar/2026-12-25/remove",
    "/admin/incidents/1/retry",
    "/inbox/1/claim",
    "/inbox/1/put-back",
    "/inbox/1/delegate",
    "/applications/CA-2026-00001/comments",
    "/applications/CA-2026-00001/watch",
    "/applications/CA-2026-00001/unwatch",
    "/applications/CA-2026-00001/follow-ups",
    "/applications/CA-2026-00001/follow-ups/1/done",
    "/inbox/bulk",
    "/inbox/bulk/approve",
    "/filters",
    "/filters/1/delete",
]


def test_nothing_changes_by_opening_an_address(signed_in: Callable[[Any], Browser], cast: Cast) -> None:
    opened = signed_in(cast.ada)
    for path in CHANGES:
        answer = opened.get(path)
        assert answer.status_code == 405, path
        assert "changes are made with the buttons" in answer.text, path


def test_every_change_asks_for_the_token(signed_in: Callable[[Any], Browser], cast: Cast) -> None:
    opened = signed_in(cast.ada)
    for path in CHANGES:
        assert opened.client.post(path).status_code == 400, path


def test_every_answer_carries_the_headers(browser: Browser) -> None:
    headers = browser.get("/sign-in").headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert "Strict-Transport-Security" not in headers
    secure = browser.get("/sign-in", base_url="https://localhost").headers
    assert "max-age=31536000" in secure["Strict-Transport-Security"]


SORTED = [
    "/customers",
    "/applications",
    "/admin/people",
    "/imports",
    "/inbox",
    "/inbox/groups",
    "/admin/outbox",
]
SORTS = ["name;DROP TABLE person", "name desc--", "(select 1)", "-password_hash", "é"]


@pytest.mark.parametrize("path", SORTED)
def test_a_sort_order_that_is_sql_is_refused_in_a_sentence(
    signed_in: Callable[[Any], Browser], cast: Cast, path: str
) -> None:
    opened = signed_in(cast.ada if path.startswith("/admin") else cast.carla)
    for sort in SORTS:
        answer = opened.get(path, query_string={"sort": sort})
        assert answer.status_code == 400, sort
        assert "sorted" in answer.text, sort


@pytest.mark.parametrize("path", ["/customers", "/applications"])
def test_a_page_mark_that_is_not_ours_is_refused(
    signed_in: Callable[[Any], Browser], cast: Cast, path: str
) -> None:
    opened = signed_in(cast.carla)
    for mark in ("x", "WzFd", "W251bGwsMV0", "../../etc", "%00", "W1siYSJdLCAiYiJd"):
        assert opened.get(path, query_string={"after": mark}).status_code == 400, mark


HOSTILE = ("%", "_", "'", '"; drop table', "\\", "a" * 5000, "<script>alert(1)</script>")


@pytest.mark.parametrize("path", ["/search", "/customers", "/applications", "/inbox/groups"])
def test_a_hostile_search_finds_nothing_and_breaks_nothing(
    signed_in: Callable[[Any], Browser], rows: SimpleNamespace, cast: Cast, path: str
) -> None:
    opened = signed_in(cast.carla)
    for words in HOSTILE:
        answer = opened.get(path, query_string={"q": words})
        assert answer.status_code == 200, words
        assert "Nordwind" not in answer.text, words
        assert "<script>alert" not in answer.text, words


def test_a_nul_character_is_refused(signed_in: Callable[[Any], Browser], cast: Cast) -> None:
    opened = signed_in(cast.carla)
    for path in ("/search?q=a%00b", "/customers?q=%00", "/customers/C-%00", "/applications?status=%00"):
        assert opened.get(path).status_code == 400, path


def test_an_unknown_address_is_answered_in_the_frame(signed_in: Callable[[Any], Browser], cast: Cast) -> None:
    answer = signed_in(cast.sara).get("/nothing/here")
    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.text
    assert "Reference" in answer.text
    assert 'href="/applications"' in answer.text


def test_htmx_gets_the_message_alone(signed_in: Callable[[Any], Browser], cast: Cast) -> None:
    answer = signed_in(cast.sara).get("/customers/C-999999", headers={"HX-Request": "true"})
    assert answer.status_code == 404
    assert answer.headers["HX-Retarget"] == "#messages"
    assert "<html" not in answer.text


def test_a_defect_is_answered_with_a_reference_and_no_detail(
    app: Flask, cast: Cast, monkeypatch: Any
) -> None:
    def broken(*_arguments: Any, **_options: Any) -> None:
        raise RuntimeError("the secret detail")

    monkeypatch.setitem(app.view_functions, "start.help_page", broken)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    answer = Browser(app).get("/help")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert re.search(r"Reference \w+", answer.text)
    assert "Nothing was saved by halves" in answer.text


def test_too_large_a_request_is_refused(
    signed_in: Callable[[Any], Browser], cast: Cast, app: Flask, monkeypatch: Any
) -> None:
    opened = signed_in(cast.rita)
    opened.get("/blacklist")
    monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 1000)
    answer = opened.post("/blacklist", {"mapping": "x" * 5000})
    assert answer.status_code == 413
    assert "larger than accepted" in answer.text


def test_static_files_are_compressed_and_kept(browser: Browser) -> None:
    page = browser.get("/sign-in").text
    path = re.search(r'href="(/static/app.css\?v=[^"]+)"', page)
    assert path is not None
    answer = browser.get(path[1], headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "immutable" in answer.headers["Cache-Control"]


def test_the_first_view_stays_under_150_kilobytes(browser: Browser) -> None:
    total = 0
    pending, seen = ["/sign-in"], set()
    while pending:
        path = pending.pop()
        if path in seen:
            continue
        seen.add(path)
        answer = browser.get(path, headers={"Accept-Encoding": "gzip"})
        assert answer.status_code == 200, path
        total += len(answer.data)
        if answer.mimetype == "text/html":
            pending += re.findall(r'(?:href|src)="(/static/[^"]+)"', answer.text)
            pending.append("/static/vendor/htmx.min.js")
        elif path.startswith("/static/app.js"):
            pending += ["/static/choices.js", "/static/autosave.js", "/static/shortcuts.js"]
    assert total < 150_000
