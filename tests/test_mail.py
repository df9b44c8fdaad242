"""Mail through a real SMTP server on loopback: language, identity, retries, incidents; without one, the page."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from io import BytesIO
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from credit_app import confirmations, jobs, mail
from credit_app.models import Contact, CreditApplication
from tests.factories import TODAY, Cast, make_customer, make_invoice
from tests.screens.desk import Desk
from workflows import SYSTEM, clock
from workflows.incidents import MOST_ATTEMPTS
from workflows.tables import Incident, Outbox


@dataclass
class Postman:
    """What the SMTP server was given; `refuse` answers recipients, `fail` the mail itself, for so many times."""

    mails: list[EmailMessage] = field(default_factory=list)
    refuse: dict[str, str] = field(default_factory=dict)
    fail: int = 0

    async def handle_RCPT(  # noqa: N802 (the server's name for it)
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        if self.fail:
            self.fail -= 1
            return "451 try again later"
        return "250 OK"

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.mails if mail["To"] == address]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def desk(app: Flask, session: Session, cast: Cast) -> Desk:
    """The cast at work; nothing posted yet."""
    return Desk(app, session, cast)


@pytest.fixture
def postman(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Postman]:
    """A real server, and the application set to use it."""
    handler = Postman()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    use(app, monkeypatch, controller.port)
    yield handler
    controller.stop(no_assert=True)


def use(app: Flask, monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    """Send through the server on this port."""
    config = replace(
        app.extensions["config"], smtp_url=f"smtp://127.0.0.1:{port}", base_url="https://credit.example"
    )
    monkeypatch.setitem(app.extensions, "config", config)


def run_at(app: Flask, seconds: float) -> int:
    """The worker's job, so many seconds from now."""
    with clock.at(clock.now() + timedelta(seconds=seconds)):
        return jobs.send_outbox(app)


def posted(desk: Desk) -> CreditApplication:
    """An application that asks Anna and Anton by mail."""
    return desk.usual()


def rows(desk: Desk) -> dict[str, Outbox]:
    desk.fresh()
    found = desk.session.scalars(select(Outbox))
    return {desk.names[int(row.recipient.removeprefix("person:"))]: row for row in found}


def test_mail_reaches_each_reader_once_with_an_identity_of_its_own(
    desk: Desk, app: Flask, postman: Postman
) -> None:
    application = posted(desk)
    threads = [threading.Thread(target=jobs.send_outbox, args=[app]) for _worker in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (anna,), (anton,) = postman.to("anna.weiss@test.example"), postman.to("anton.fuchs@test.example")
    assert len(postman.mails) == 2
    assert anna["Subject"] == f"Decision needed: {application.number}, Nordwind AG"
    assert anna["From"] == "Credit Desk <credit-desk@localhost>"
    assert anna["Auto-Submitted"] == "auto-generated"
    assert anna["Message-ID"] != anton["Message-ID"]
    assert anna["Message-ID"].startswith("<outbox-")
    assert f"https://credit.example/applications/{application.number}" in anna.get_content()
    row = rows(desk)["Anna Weiss"]
    assert (row.state, row.sent_to, row.attempts) == ("sent", "anna.weiss@test.example", 1)
    assert row.sent_at == clock.now()
    assert jobs.send_outbox(app) == 0


def test_mail_is_written_in_the_language_of_its_reader(desk: Desk, app: Flask, postman: Postman) -> None:
    desk.cast.anna.locale = "zh_Hans_CN"
    application = posted(desk)
    jobs.send_outbox(app)
    (anna,), (anton,) = postman.to("anna.weiss@test.example"), postman.to("anton.fuchs@test.example")
    assert anna["Subject"] == f"待审批：{application.number}，Nordwind AG"
    assert anton["Subject"] == f"Decision needed: {application.number}, Nordwind AG"


def test_name_with_line_breaks_makes_no_header(desk: Desk, app: Flask, postman: Postman) -> None:
    desk.in_approval(desk.customer("Nordwind AG\r\nBcc: thief@evil.example"))
    jobs.send_outbox(app)
    assert {mail["To"] for mail in postman.mails} == {"anna.weiss@test.example", "anton.fuchs@test.example"}
    assert all(mail["Bcc"] is None for mail in postman.mails)


def test_mail_refused_for_a_while_is_sent_later_with_the_same_identity(
    desk: Desk, app: Flask, postman: Postman
) -> None:
    posted(desk)
    postman.refuse["anton.fuchs@test.example"] = "550 no such mailbox"
    postman.fail = 1
    assert jobs.send_outbox(app) == 2
    first = rows(desk)["Anna Weiss"]
    assert (first.state, first.attempts) == ("queued", 1)
    assert "451" in (first.last_error or "")
    assert timedelta(seconds=25) < first.due_at - clock.now() < timedelta(seconds=35)
    assert jobs.send_outbox(app) == 0  # it rests before the next attempt
    assert run_at(app, 40) == 2
    tried, sent = postman.to("anna.weiss@test.example")
    assert tried["Message-ID"] == sent["Message-ID"]
    assert rows(desk)["Anna Weiss"].state == "sent"
    refused = rows(desk)["Anton Fuchs"]
    assert (refused.state, refused.attempts) == ("queued", 2)
    assert "550" in (refused.last_error or "")
    assert (
        timedelta(seconds=90) < refused.due_at - clock.now() < timedelta(seconds=110)
    )  # 40 s + twice as long


def test_a_confirmation_goes_out_with_the_statement_to_sign(
    desk: Desk, app: Flask, postman: Postman, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = make_customer(desk.session, "Nordwind AG", country="DE")
    make_invoice(desk.session, customer, "100.00", TODAY, number="RE-1")
    desk.session.add(Contact(customer_id=customer.id, name="Ada Post", email="ap@nordwind.example"))
    desk.session.commit()
    with app.test_request_context():
        confirmations.start(desk.session, app.extensions["engine"], customer.id, SYSTEM, "test")
        desk.session.commit()
    postman.fail = 1
    assert jobs.send_outbox(app) == 1
    assert run_at(app, 40) == 1
    tried, sent = postman.to("ap@nordwind.example")
    (paper,) = sent.iter_attachments()
    assert paper.get_content_type() == "application/pdf"
    assert paper.get_filename() == f"{customer.number}-{TODAY.isoformat()}-confirmation.pdf"
    content = paper.get_content()
    assert content.startswith(b"%PDF")
    assert [one.get_content() for one in tried.iter_attachments()] == [content]  # the same at every attempt
    words = " ".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
    assert "RE-1" in words
    body = sent.get_body()
    assert body is not None
    assert "100.00" in body.get_content()
    assert "The statement is attached" in body.get_content()
    assert f"[{paper.get_filename()}]" in desk.session.scalars(select(Outbox.sent_text)).one()

    monkeypatch.setattr(mail, "MOST_BYTES", len(content) - 1)
    desk.session.execute(update(Outbox).values(state="queued"))
    desk.session.commit()
    assert run_at(app, 80) == 1
    bare = postman.to("ap@nordwind.example")[-1]
    assert list(bare.iter_attachments()) == []
    assert "attached" not in bare.get_content()


def test_mail_that_fails_for_good_becomes_an_incident_that_the_administrator_retries(
    desk: Desk, app: Flask, postman: Postman, monkeypatch: pytest.MonkeyPatch
) -> None:
    working = app.extensions["config"].smtp_url
    use(app, monkeypatch, free_port())  # nobody listens there
    application = posted(desk)
    before = desk.events(application)
    for attempt in range(MOST_ATTEMPTS):
        assert run_at(app, 3_600 * attempt) == 2
    assert run_at(app, 3_600 * 24) == 0
    failed = rows(desk)["Anna Weiss"]
    assert (failed.state, failed.attempts) == ("failed", MOST_ATTEMPTS)
    assert desk.again(application).status == "in_approval"
    assert desk.events(application) == before

    page = desk.get(desk.cast.ada, "/admin/incidents")
    assert page.text.count("ConnectionRefusedError") == 2
    assert "ConnectionRefusedError" in desk.get(desk.cast.ada, f"/admin/outbox/{failed.id}").text
    assert "failed" in desk.get(desk.cast.ada, "/admin/outbox?state=failed").text
    desk.get(desk.cast.anna, "/admin/incidents", 403)

    monkeypatch.setitem(app.extensions, "config", replace(app.extensions["config"], smtp_url=working))
    incidents = {row.reference_id: row.id for row in desk.session.scalars(select(Incident))}
    retry = page.form(f"/admin/incidents/{incidents[failed.id]}/retry")
    done = retry.send()
    assert done.messages == ["It is tried again within seconds. Should it fail again, it comes back here."]
    assert retry.send().status == 404  # a second click finds it solved
    assert jobs.send_outbox(app) == 1
    assert jobs.send_outbox(app) == 0
    assert len(postman.to("anna.weiss@test.example")) == 1
    assert rows(desk)["Anna Weiss"].state == "sent"
    open_page = desk.get(desk.cast.ada, "/admin/incidents")
    assert open_page.text.count("ConnectionRefusedError") == 1
    assert "Ada Larsen" in desk.get(desk.cast.ada, "/admin/incidents?solved=1").text


def test_without_a_server_the_text_stands_on_the_outbox_page(desk: Desk, app: Flask) -> None:
    application = posted(desk)
    assert jobs.send_outbox(app) == 2
    row = rows(desk)["Anna Weiss"]
    assert (row.state, row.sent_at) == ("held", None)
    listed = desk.get(desk.cast.ada, "/admin/outbox")
    assert "Anna Weiss" in listed.text
    (address,) = [link for link in listed.links("/admin/outbox/") if link.endswith(f"/{row.id}")]
    page = desk.get(desk.cast.ada, address)
    assert f"Decision needed: {application.number}, Nordwind AG" in page.text
    assert "waits for a decision of your level" in page.text
    assert page.links(f"/applications/{application.number}")
    assert jobs.send_outbox(app) == 0
    desk.get(desk.cast.anna, address, 403)
