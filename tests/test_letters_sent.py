"""Letters on their way out: a mail with the PDF through a real SMTP server, a short message through a real gateway."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from credit_app import jobs, mail, sms
from credit_app.api.access import RateLimit
from credit_app.facts.contact_outcomes import outcomes_of
from credit_app.facts.dunning import compose
from credit_app.facts.dunning_sending import dispatch, queue_for
from credit_app.models import CollectionContact, Contact, LimitationInterruption
from credit_app.models.dunning import DunningLetter
from credit_app.models.late_interest import InterestClaim
from tests.api.conftest import Caller, token_of
from tests.factories import NOW, TODAY, make_company, make_customer, make_invoice
from tests.test_mail import Postman, free_port
from workflows import clock
from workflows.incidents import MOST_ATTEMPTS
from workflows.tables import Incident, Outbox


@dataclass
class Gateway:
    """What the gateway was sent; `answers` are the statuses that it gives next, then 200."""

    port: int = 0
    requests: list[tuple[dict[str, str], dict[str, Any]]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)


@pytest.fixture
def gateway(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    """A real HTTP server on loopback, and the application set to use it."""
    found = Gateway()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.requests.append((dict(self.headers), json.loads(body)))
            status = found.answers.pop(0) if found.answers else 200
            self.send_response(status)
            if status == 302:
                self.send_header("Location", f"http://127.0.0.1:{found.port}/elsewhere")
            self.end_headers()
            self.wfile.write(b'{"id": "abc"}')

        def log_message(self, *_args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    config = replace(
        app.extensions["config"],
        sms_url=f"http://127.0.0.1:{found.port}/send",
        sms_token="secret",
        sms_sender="Nordlicht",
    )
    monkeypatch.setitem(app.extensions, "config", config)
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


def queued(session: Session, level: str, **contact: str) -> DunningLetter:
    """A letter of that level to a customer in China, in the outbox."""
    make_company(session)
    customer = make_customer(session, "北风有限公司", country="CN")
    customer.contacts.append(Contact(name="Wang Li", **contact))
    make_invoice(session, customer, "100.00", TODAY - timedelta(days=20), number="R-1")
    letter = compose(session, customer, level, TODAY, NOW, TODAY)
    assert letter is not None
    dispatch(session, letter, queue_for(session, letter))
    dispatch(session, letter, queue_for(session, letter))  # the outbox takes the same letter once
    session.commit()
    return letter


def again(session: Session, letter: DunningLetter) -> DunningLetter:
    session.rollback()
    session.refresh(letter)
    return letter


def test_a_letter_by_mail_has_its_pdf_and_is_sent_once(
    app: Flask, session: Session, clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    postman = Postman()
    controller = Controller(postman, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        config = replace(app.extensions["config"], smtp_url=f"smtp://127.0.0.1:{controller.port}")
        monkeypatch.setitem(app.extensions, "config", config)
        letter = queued(session, "letter_1", email="wang@north.example")
        assert jobs.send_outbox(app) == 1
        assert jobs.send_outbox(app) == 0
        # One that is too large for mail servers is left out: the items stand in the mail too.
        monkeypatch.setattr(mail, "MOST_BYTES", 100)
        row = session.scalars(select(Outbox)).one()
        assert f"[{letter.number}.pdf]" in (row.sent_text or "")
        row.state = "queued"
        session.commit()
        assert jobs.send_outbox(app) == 1
    finally:
        controller.stop(no_assert=True)
    sent, bare = postman.mails
    assert list(bare.iter_attachments()) == []
    assert sent["Message-ID"].split("@")[0] == bare["Message-ID"].split("@")[0]
    assert (sent["To"], sent["Subject"]) == ("wang@north.example", f"催款函（第一次）{letter.number}")
    text = sent.get_body().get_content()  # type: ignore[union-attr]
    assert "R-1，到期日 2026年2月18日，逾期 20 天：EUR 100.00" in text.replace("\n", "")
    [attached] = sent.iter_attachments()
    content = attached.get_content()
    assert (attached.get_content_type(), attached.get_filename()) == (
        "application/pdf",
        f"{letter.number}.pdf",
    )
    page = "".join(PdfReader(BytesIO(content)).pages[0].extract_text().split())
    assert "催款函（第一次）" in page
    found = again(session, letter)
    assert (found.status, found.sent_on) == ("sent", TODAY)


def test_a_short_message_is_sent_reported_and_proof(
    app: Flask, session: Session, clock: object, gateway: Gateway
) -> None:
    letter = queued(session, "friendly_notice", phone="+86 138 0000 0000")
    gateway.answers = [500, 302]
    jobs.send_outbox(app)
    with at(hours=1):
        jobs.send_outbox(app)
    row = session.scalars(select(Outbox)).one()
    assert (row.state, row.attempts) == ("queued", 2)
    assert (
        row.last_error == 'SmsRefused: The SMS gateway answered 302: {"id": "abc"}'
    )  # the token goes nowhere else
    with at(hours=5):
        jobs.send_outbox(app)
        jobs.send_outbox(app)
    assert len(gateway.requests) == 3
    assert len({headers["Idempotency-Key"] for headers, _body in gateway.requests}) == 1
    headers, body = gateway.requests[-1]
    assert headers["Authorization"] == "Bearer secret"
    assert (body["to"], body["from"], body["reference"]) == ("+8613800000000", "Nordlicht", letter.number)
    assert body["text"].startswith("【Nordlicht GmbH】北风有限公司有EUR 100.00自2026年2月18日起逾期")
    assert again(session, letter).status == "sent"
    # What became of it comes back by the interface.
    app.extensions["api_rate_limit"] = RateLimit()
    erp = Caller(app.test_client(), token_of(session, "ledger.read"))
    report = {"message": letter.number.lower(), "state": "delivered", "happened_on": "2026-03-09"}
    assert erp.rows("/sms-reports", report, status=403)
    provider = Caller(app.test_client(), token_of(session, "sms.report"))
    wrong = provider.rows("/sms-reports", report | {"state": "seen"}, status=422)
    assert wrong["errors"][0]["reason"] == "is none of delivered, failed"
    failed = provider.rows("/sms-reports", report | {"state": "failed", "note": "switched off"})
    assert (failed["new"], again(session, letter).status) == (1, "failed")
    done = provider.rows("/sms-reports", report, {"message": "DUN-1999-00001", "state": "failed"})
    assert [one["result"] for one in done["rows"]] == ["new", "unknown"]
    assert provider.rows("/sms-reports", report)["same"] == 1
    found = again(session, letter)
    assert (found.status, found.delivered_on) == ("delivered", TODAY)  # never before it was sent
    assert [(proof.kind, proof.reported_by) for proof in found.proofs] == [
        ("failed", "ERP"),
        ("delivered", "ERP"),
    ]
    [interruption] = session.scalars(select(LimitationInterruption))
    assert (interruption.ground, interruption.evidence) == (
        "demand_delivered", f"dunning_proof:{found.proofs[1].id}",
    )  # fmt: skip
    outcomes = session.scalars(select(CollectionContact.outcome).order_by(CollectionContact.id)).all()
    assert outcomes == ["sent", "sent", "failed", "delivered"]


def test_a_gateway_that_is_away_ends_in_an_incident_and_none_keeps_the_message(
    app: Flask, session: Session, clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = queued(session, "friendly_notice", phone="+8613800000000")
    assert jobs.send_outbox(app) == 1
    assert again(session, held).status == "held"
    assert outcomes(session) == ["held", "held"], "nothing is called sent that has not left"
    row = session.scalars(select(Outbox)).one()
    assert (row.state, row.sent_to, row.sent_text) == ("held", "+8613800000000", held.body)
    config = replace(app.extensions["config"], sms_url=f"http://127.0.0.1:{free_port()}/send")
    monkeypatch.setitem(app.extensions, "config", config)
    monkeypatch.setattr(sms, "TIMEOUT_SECONDS", 1)
    row.state, row.sent_text = "queued", None
    session.commit()
    for hours in range(0, 24 * MOST_ATTEMPTS, 24):
        with at(hours=hours):
            jobs.send_outbox(app)
        if hours == 0:
            assert outcomes(session) == ["queued", "queued"]
    session.rollback()
    [incident] = session.scalars(select(Incident))
    assert "The SMS gateway cannot be reached" in incident.error
    assert (again(session, held).status, outcomes(session)) == ("failed", ["failed", "failed"])
    # Somebody sets the gateway right and has it tried again.
    session.execute(update(Outbox).values(state="queued", due_at=NOW))
    session.commit()
    monkeypatch.setattr(sms, "send", lambda *_args: None)
    assert jobs.send_outbox(app) == 1
    assert (again(session, held).status, outcomes(session)) == ("sent", ["sent", "sent"])


def outcomes(session: Session) -> list[str]:
    """What came of the contacts, as the pages of a case show it."""
    session.rollback()
    rows = session.scalars(select(CollectionContact).order_by(CollectionContact.id)).all()
    return list(outcomes_of(session, rows).values())


def at(hours: int) -> Any:
    """So many hours from now."""
    return clock.at(NOW + timedelta(hours=hours))


def test_a_letter_that_does_not_get_through_books_no_interest(
    app: Flask, session: Session, clock: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_company(session)
    customer = make_customer(session, "Nordwind AG", country="DE")
    customer.contacts.append(Contact(name="Ada Post", email="ap@nordwind.example"))
    make_invoice(session, customer, "1000.00", TODAY - timedelta(days=40), number="R-1")
    letter = compose(session, customer, "letter_2", TODAY, NOW, TODAY)
    assert letter is not None
    dispatch(session, letter, queue_for(session, letter))
    session.commit()
    port = free_port()
    config = replace(app.extensions["config"], smtp_url=f"smtp://127.0.0.1:{port}")
    monkeypatch.setitem(app.extensions, "config", config)
    jobs.send_outbox(app)  # nobody listens there
    assert again(session, letter).status == "queued"
    assert session.scalars(select(InterestClaim)).all() == []
    controller = Controller(Postman(), hostname="127.0.0.1", port=port)
    controller.start()
    try:
        with at(hours=1):
            jobs.send_outbox(app)
            jobs.send_outbox(app)
    finally:
        controller.stop(no_assert=True)
    assert again(session, letter).status == "sent"
    [row] = session.scalars(select(InterestClaim))
    [item] = letter.items
    assert (row.amount, row.fee, row.made_by) == (item.interest, item.fee, None)
    assert row.interest_item is not None
    assert row.interest_item.due_date == letter.pay_by
