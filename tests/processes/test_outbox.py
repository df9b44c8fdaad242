"""The outbox: what leaves the house is sent once, tried again when it fails, and shown when it keeps failing."""

import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from credit_app.db import make_engine
from tests.processes.kit import Note, Platform, at
from workflows import NotFound, incidents, outbox
from workflows.outbox import Delivered, Posted


def post(platform: Platform, key: str = "k1") -> None:
    outbox.queue(platform.session, key, "mail", "person:5", "password_link", {"token": "abc"})
    platform.session.commit()


def deliver(session: Session, posted: Posted) -> Delivered:
    return Delivered(f"{posted.recipient}@example.org", str(posted.params))


def test_what_is_queued_is_sent_once(platform: Platform) -> None:
    post(platform)
    post(platform)  # the same key again
    assert outbox.send_next(platform.session, deliver) is True
    platform.session.commit()
    assert outbox.send_next(platform.session, deliver) is None
    row = platform.rows("outbox")[0]
    assert (row["state"], row["sent_to"], row["attempts"]) == ("sent", "person:5@example.org", 1)
    assert row["sent_at"] == datetime(2026, 3, 10, 9, 30, tzinfo=UTC)


def test_what_fails_is_tried_again_becomes_an_incident_and_goes_out_after_a_retry(platform: Platform) -> None:
    post(platform)

    def broken(session: Session, posted: Posted) -> Delivered:
        session.add(Note(words="half"))
        session.flush()
        raise ConnectionRefusedError("no mail server")

    for attempt in range(1, 6):
        with at(platform.rows("outbox")[0]["due_at"].isoformat()):
            assert outbox.send_next(platform.session, broken) is False
            platform.session.commit()
        row = platform.rows("outbox")[0]
        assert (row["attempts"], row["state"]) == (attempt, "failed" if attempt == 5 else "queued")
        assert row["last_error"] == "ConnectionRefusedError: no mail server"
    assert platform.rows("note") == []
    with at("2027-01-01T00:00:00+00:00"):
        assert outbox.send_next(platform.session, deliver) is None
        incident = incidents.open_incidents(platform.session)[0]
        assert (incident["kind"], incident["attempts"]) == ("outbox", 5)
        incidents.retry(platform.session, incident["id"], 9)
        platform.session.commit()
        assert outbox.send_next(platform.session, deliver) is True
        platform.session.commit()
    assert incidents.open_incidents(platform.session) == []
    with pytest.raises(NotFound):
        incidents.retry(platform.session, incident["id"], 9)


def test_one_bad_row_does_not_hold_up_the_others(platform: Platform) -> None:
    post(platform, "bad")
    post(platform, "good")

    def picky(session: Session, posted: Posted) -> Delivered:
        if posted.key == "bad":
            raise ValueError("no such address")
        return deliver(session, posted)

    for _ in range(2):
        outbox.send_next(platform.session, picky)
        platform.session.commit()
    assert [row["state"] for row in platform.rows("outbox")] == ["queued", "sent"]


def test_two_workers_send_nothing_twice(platform: Platform, database_app_url: str) -> None:
    for number in range(100):
        outbox.queue(platform.session, f"k{number}", "mail", "person:5", "x", {})
    platform.session.commit()
    sent: list[str] = []

    def note(session: Session, posted: Posted) -> Delivered:
        sent.append(posted.key)
        return deliver(session, posted)

    def work() -> None:
        engine = make_engine(database_app_url)
        with Session(engine) as session:
            going: Any = True
            while going:
                going = outbox.send_next(session, note)
                session.commit()
        engine.dispose()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(sent) == len(set(sent)) == 100


def test_a_worker_that_dies_while_sending_leaves_the_row_to_the_next(platform: Platform) -> None:
    post(platform)

    def die(session: Session, posted: Posted) -> Delivered:
        raise SystemExit

    with pytest.raises(SystemExit):
        outbox.send_next(platform.session, die)
    platform.session.rollback()
    assert outbox.send_next(platform.session, deliver) is True
