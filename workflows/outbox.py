"""The outbox: what leaves the house is queued in the action's transaction and sent afterwards by a worker.

Delivery is at least once: a worker that dies after the send and before its commit sends again, with the same key.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from workflows import clock, incidents


@dataclass(frozen=True, slots=True)
class Posted:
    """A row to deliver. `key` is the same at every attempt, so a receiver can drop a repetition."""

    id: int
    key: str
    instance_id: int | None
    channel: str
    recipient: str
    template: str
    params: dict[str, Any]
    attempts: int


@dataclass(frozen=True, slots=True)
class Delivered:
    """What was sent: to which address, with which words. `held`: only kept to be read; `digest`: left for a digest."""

    address: str
    text: str
    state: Literal["sent", "held", "digest"] = "sent"


Deliver = Callable[[Session, Posted], Delivered]
GivenUp = Callable[[Session, Posted], None]


def queue(
    session: Session, key: str, channel: str, recipient: str, template: str, params: dict[str, Any]
) -> None:
    """Queue something outside of a process (a password link); the same key again changes nothing."""
    session.execute(
        text(
            """INSERT INTO outbox (key, channel, recipient, template, params, due_at, created_at)
               VALUES (:key, :channel, :recipient, :template, :params, :now, :now) ON CONFLICT (key) DO NOTHING"""
        ),
        {
            "key": key, "channel": channel, "recipient": recipient, "template": template,
            "params": orjson.dumps(params, default=str).decode(), "now": clock.now(),
        },
    )  # fmt: skip


def send_next(session: Session, deliver: Deliver, given_up: GivenUp | None = None) -> bool | None:
    """Claim and send the row that is due longest: True sent, False failed (retried later), None nothing due.

    A row that fails for the last time is told to `given_up`. The caller commits in every case; rows that other workers
    hold are skipped.
    """
    row = session.execute(
        text(
            """SELECT id, key, instance_id, channel, recipient, template, params, attempts FROM outbox
               WHERE state = 'queued' AND due_at <= :now ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED"""
        ),
        {"now": clock.now()},
    ).first()
    if row is None:
        return None
    posted = Posted(
        row.id, row.key, row.instance_id, row.channel, row.recipient, row.template, orjson.loads(row.params),
        row.attempts,
    )  # fmt: skip
    try:
        with session.begin_nested():
            delivered = deliver(session, posted)
    except Exception as error:
        if _failed(session, posted, error) and given_up is not None:
            given_up(session, posted)
        return False
    session.execute(
        text(
            """UPDATE outbox SET state = :state, sent_at = :now, sent_to = :address, sent_text = :words,
                 attempts = attempts + 1, last_error = NULL WHERE id = :id"""
        ),
        {
            "id": posted.id,
            "state": delivered.state,
            "now": clock.now() if delivered.state == "sent" else None,
            "address": delivered.address,
            "words": delivered.text,
        },
    )
    return True


def _failed(session: Session, posted: Posted, error: Exception) -> bool:
    """Note a failure; returns whether it was the last."""
    attempts = posted.attempts + 1
    last = attempts >= incidents.MOST_ATTEMPTS
    message = f"{type(error).__name__}: {error}"[:2_000]
    session.execute(
        text(
            """UPDATE outbox SET attempts = :attempts, last_error = :error, state = :state, due_at = :due
               WHERE id = :id"""
        ),
        {
            "id": posted.id, "attempts": attempts, "error": message, "state": "failed" if last else "queued",
            "due": clock.now() + (timedelta(0) if last else incidents.pause(attempts)),
        },
    )  # fmt: skip
    if last:
        incidents.open_incident(session, "outbox", posted.id, attempts, message, posted.instance_id)
    return last
