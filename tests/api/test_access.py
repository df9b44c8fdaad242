"""Who may call, how often, and what a request sent twice does."""

import json
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from credit_app import jobs
from credit_app.api import body
from credit_app.facts.api_tokens import digest
from credit_app.models import AccessLog, ApiToken, IdempotencyKey, ReceivableItem
from tests.api.conftest import ROOT, Caller, invoice, token_of
from tests.factories import NOW, TODAY
from workflows import clock


def test_a_token_that_does_not_count_opens_nothing(erp: Caller, session: Session) -> None:
    ended, revoked = token_of(session, source="a"), token_of(session, source="b")
    day = TODAY - timedelta(days=1)
    session.execute(update(ApiToken).where(ApiToken.source == "a").values(expires_on=day))
    session.execute(update(ApiToken).where(ApiToken.source == "b").values(revoked_at=NOW))
    session.commit()
    for header, says in (
        (None, "Send the token in the header"),
        ("Basic YTpi", "Send the token in the header"),
        ("Bearer ", "Send the token in the header"),
        (f"Bearer {'x' * 300}", "Send the token in the header"),
        ("Bearer cd_nothing", "is not known here"),
        (f"Bearer {erp.secret[:-1]}", "is not known here"),
        (f"Bearer {digest(erp.secret)}", "is not known here"),
        (f"Bearer {ended}", "This token ended on 2026-03-09"),
        (f"Bearer {revoked}", "was revoked"),
    ):
        answer = erp.client.get(f"{ROOT}/customers/K1", headers={"Authorization": header} if header else {})
        assert (answer.status_code, answer.content_type) == (401, "application/problem+json")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert says in answer.json["detail"]
        assert set(answer.json) == {"type", "title", "status", "detail"}


def test_a_scope_opens_its_own_requests_only(erp: Caller, session: Session) -> None:
    reader = Caller(erp.client, token_of(session, "ledger.read"))
    assert reader.get("/customers/K1/open-items")["items"] == []
    refused = reader.get("/customers/K1", 403)
    assert refused["detail"] == "This token has the scopes ledger.read; this request needs customers.read."
    assert reader.rows("/invoices", invoice(), status=403)["title"] == "Forbidden"
    assert session.scalars(select(ReceivableItem)).all() == []


def test_sessions_and_cookies_do_not_count(erp: Caller) -> None:
    with erp.client.session_transaction() as kept:
        kept["born"] = kept["seen"] = 1.0  # a session that ended long ago
    answer = erp.send("/invoices", {"rows": [invoice()]})
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    erp.secret = "cd_wrong"
    assert erp.send("/invoices", {"rows": [invoice()]}).status_code == 401


def test_the_last_use_is_kept_once_a_minute(erp: Caller, session: Session) -> None:
    def seen() -> Any:
        session.rollback()
        return session.scalar(select(ApiToken.last_used_at))

    assert seen() is None
    erp.get("/customers/K1")
    assert seen() == NOW
    for seconds, kept in ((59, 0), (61, 61)):
        with clock.at(NOW + timedelta(seconds=seconds)):
            erp.get("/customers/K1")
        assert seen() == NOW + timedelta(seconds=kept)


def test_what_a_system_reads_of_a_customer_stands_in_the_access_log_of_its_file(
    erp: Caller, session: Session
) -> None:
    erp.rows("/invoices", invoice())
    for path in ("", "/open-items", "/statement"):
        erp.get(f"/customers/K1{path}")
    erp.get("/customers/K9", 404)
    erp.get("/ageing")
    authorised = {"Authorization": f"Bearer {erp.secret}"}
    assert erp.client.get(ROOT + "/items/R1/ubl", headers=authorised).status_code == 200
    rows = session.scalars(select(AccessLog).order_by(AccessLog.id)).all()
    assert [(row.kind, row.area) for row in rows] == [("export", "master"), *[("export", "account")] * 3]
    assert {(row.person_id, row.token.name) for row in rows if row.token} == {(None, "ERP")}


def test_the_pages_of_a_listing_are_one_line_of_the_access_log(erp: Caller, session: Session) -> None:
    erp.rows("/invoices", invoice("R1"), invoice("R2"), invoice("R3"))

    def read_all() -> int:
        pages, path = 0, "/customers/K1/open-items?limit=1"
        following = ""
        while following is not None:
            answer = erp.get(path + (f"&after={following}" if following else ""))
            pages, following = pages + 1, answer["next"]
        return pages

    def lines() -> int:
        session.rollback()
        return session.query(AccessLog).count()

    assert (read_all(), lines()) == (3, 1)
    assert (read_all(), lines()) == (3, 2), "reading it again is another line"
    # A page that is asked for long after the others is told again.
    after = erp.get("/customers/K1/open-items?limit=1")["next"]
    assert lines() == 3
    with clock.at(NOW + timedelta(hours=25)):
        erp.get(f"/customers/K1/open-items?limit=1&after={after}")
    assert lines() == 4


def test_a_caller_that_runs_wild_is_told_to_wait(
    app: Flask, erp: Caller, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.extensions, "config", replace(app.extensions["config"], api_per_minute=2))
    calm = Caller(erp.client, token_of(session, source="calm"))
    assert [erp.client.get(f"{ROOT}/customers/K1", headers=erp._headers()).status_code for _ in range(3)] == [
        200,
        200,
        429,
    ]
    late = erp.client.get(f"{ROOT}/customers/K1", headers=erp._headers())
    assert 1 <= int(late.headers["Retry-After"]) <= 60
    assert "2 requests in the last minute" in late.json["detail"]
    calm.get("/customers/K1")


def test_the_same_request_is_done_once_and_answered_the_same(erp: Caller, session: Session) -> None:
    sent = {"rows": [invoice()]}
    first = erp.send("/invoices", sent, key="k1")
    again = erp.send("/invoices", sent, key="k1")
    assert first.headers.get("Idempotent-Replay") is None
    assert (again.headers["Idempotent-Replay"], again.data) == ("true", first.data)
    assert again.json["new"] == 1
    for path, other in (("/invoices", {"rows": [invoice("R2")]}), ("/customers", sent)):
        refused = erp.send(path, other, key="k1")
        assert (refused.status_code, "used for another request" in refused.text) == (409, True)
    other_token = Caller(erp.client, token_of(session, source="shop"))
    assert other_token.rows("/invoices", invoice(), key="k1")["new"] == 1
    assert session.scalar(select(func.count()).select_from(ReceivableItem)) == 2


def test_a_refused_request_may_come_again_under_its_key(erp: Caller, session: Session) -> None:
    wrong = erp.rows("/invoices", invoice(amount="x"), status=422, key="k1")
    assert wrong["status"] == 422
    assert erp.rows("/invoices", invoice(), key="k1")["new"] == 1
    for key in ("", " ", "é", "x" * 101):
        headers = {"Authorization": f"Bearer {erp.secret}"} | ({"Idempotency-Key": key} if key else {})
        answer = erp.client.post(f"{ROOT}/invoices", json={"rows": [invoice("R2")]}, headers=headers)
        assert (answer.status_code, "Send a header Idempotency-Key" in answer.text) == (400, True)


def test_two_at_the_same_moment_are_done_once(app: Flask, erp: Caller, session: Session) -> None:
    answers: list[int] = []
    gate = threading.Barrier(6)

    def send() -> None:
        caller = Caller(app.test_client(), erp.secret)
        gate.wait()
        answer = caller.send("/invoices", {"rows": [invoice()]}, key="k1")
        assert answer.status_code == 200 or answer.headers["Retry-After"] == "1"
        answers.append(answer.status_code)

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(answers) <= {200, 409}
    assert 200 in answers
    assert len(answers) == 6
    assert session.scalar(select(func.count()).select_from(ReceivableItem)) == 1
    assert session.scalar(select(func.count()).select_from(IdempotencyKey)) == 1


def test_a_key_in_work_is_told_and_an_import_in_work_too(
    erp: Caller, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = session.scalars(select(ApiToken.id)).one()
    lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")
    session.execute(lock, {"key": f"credit_desk.api {token} k1"})
    busy = erp.send("/invoices", {"rows": [invoice()]}, key="k1")
    assert (busy.status_code, busy.headers["Retry-After"]) == (409, "1")
    session.rollback()
    monkeypatch.setattr("credit_app.api.taking.LONGEST_WAIT", "50ms")
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('credit_desk.import'))"))
    busy = erp.send("/invoices", {"rows": [invoice()]}, key="k1")
    assert (busy.status_code, busy.headers["Retry-After"]) == (503, "10")
    session.rollback()
    assert erp.rows("/invoices", invoice(), key="k1")["new"] == 1


def test_kept_answers_are_dropped_after_a_month(app: Flask, erp: Caller, session: Session) -> None:
    erp.rows("/invoices", invoice(), key="k1")
    with clock.at(NOW + timedelta(days=30)):
        assert jobs.forget_answers(app) == 0
    with clock.at(NOW + timedelta(days=31)):
        assert jobs.forget_answers(app) == 1


# --- hostile requests ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        (b"", "not JSON that can be read"),
        (b"{", "not JSON that can be read, line 1"),
        (b"\xff\xfe{}", "not UTF-8"),
        (b"[]", "has to be a JSON object"),
        (b"null", "has to be a JSON object"),
        (b'{"rows": NaN}', "NaN is no number of JSON"),
        (b'{"rows": [{"amount": -Infinity}]}', "-Infinity is no number of JSON"),
        (b'{"rows": [{"amount": 1, "amount": 2}]}', "“amount” stands twice"),
        (b'{"rows": [], "rows": []}', "“rows” stands twice"),
        (b"[" * 100_000, "nested deeper than 8 levels"),
        (b'{"a":' * 20_000 + b"1" + b"}" * 20_000, "nested deeper than 8 levels"),
        (b'{"rows": [{"external_id": "a\\u0000b"}]}', "NUL or half of a pair"),
        (b'{"rows": [{"external_id": "\\ud800"}]}', "NUL or half of a pair"),
        (b'{"\\ud800": 1}', "NUL or half of a pair"),
    ],
)
def test_a_body_that_is_no_exact_json_is_refused(erp: Caller, sent: bytes, says: str) -> None:
    refused = erp.post("/invoices", sent, 400)
    assert says in refused["detail"]


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({}, "has to have one field, rows; it has none"),
        ({"rows": [], "more": 1}, "it has more"),
        ({"rows": []}, "has 0 objects; 1 to 1000 are accepted"),
        ({"rows": {}}, "has to be a list of objects"),
        ({"rows": ["x"]}, "has to be a list of objects"),
        ({"rows": [{}] * 1001}, "has 1001 objects; 1 to 1000 are accepted"),
        (
            {"rows": [invoice() | {"batch_id": "1"}]},
            "row 1, batch_id: is no field here; known are external_id",
        ),
        ({"rows": [invoice() | {"customer_name": "x"}]}, "row 1, customer_name: is no field here"),
        ({"rows": [invoice() | {"'; DROP TABLE x --": 1}]}, "'; DROP TABLE x --: is no field here"),
    ],
)
def test_only_known_fields_are_read(erp: Caller, session: Session, sent: Any, says: str) -> None:
    assert says in erp.post("/invoices", sent, 422)["detail"]
    assert session.scalars(select(ReceivableItem)).all() == []


def test_numbers_of_any_length_cost_nothing(erp: Caller) -> None:
    sent = json.dumps({"rows": [invoice(amount=0)]}).encode()
    for number in (b"1e999999999", b"9" * 10_000, b"1e-999999999", b"1." + b"0" * 9_000 + b"1"):
        refused = erp.post("/invoices", sent.replace(b'"amount": 0', b'"amount": ' + number), 422)
        assert refused["errors"][0]["field"] == "amount"


def test_other_types_and_sizes_are_refused(erp: Caller) -> None:
    sent = json.dumps({"rows": [invoice()]}).encode()
    for content_type in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "application/xml",
        "",
    ):
        refused = erp.post("/invoices", sent, 415, content_type=content_type)
        assert "accepted is application/json" in refused["detail"]
    erp.headers["Content-Encoding"] = "gzip"
    assert "compressed" in erp.post("/invoices", sent, 415)["detail"]
    erp.headers.clear()
    refused = erp.post("/invoices", b" " * (10 << 20), 413)
    assert refused["detail"] == "The body is larger than 2 MB; send the rows in several requests."
    # Without a length that says so beforehand.
    with Path("/dev/zero").open("rb") as endless:
        unsaid = erp.client.post(
            f"{ROOT}/invoices",
            input_stream=endless,
            content_type="application/json",
            environ_overrides={"wsgi.input_terminated": True},
            headers=erp._headers() | {"Idempotency-Key": "k"},
        )
    assert unsaid.status_code == 413
    assert body.LARGEST_JSON == 2 << 20


def test_wrong_addresses_and_methods_are_problems_too(erp: Caller) -> None:
    for path, method, status in (
        ("/api/v1/nothing", "GET", 404),
        ("/api/v1", "GET", 404),
        ("/api/v1/invoices", "GET", 405),
        ("/api/v1/invoices", "DELETE", 405),
        ("/api/v1/customers/K1", "PUT", 405),
    ):
        answer = erp.client.open(path, method=method)
        assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert "POST" in answer.headers["Allow"] or "GET" in answer.headers["Allow"]
    assert erp.client.get("/nothing").content_type.startswith("text/html")


def test_a_defect_is_a_problem_with_a_reference(erp: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("credit_app.api.asking.customer_named", lambda *_: 1 / 0)
    refused = erp.get("/customers/K1", 500)
    assert refused["detail"].startswith("Something failed on our side")
    assert len(refused["reference"]) == 8
