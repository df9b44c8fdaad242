"""Failures: retried with growing pauses, then an incident that an administrator sees and retries."""

from __future__ import annotations

import logging
import random
from datetime import timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from workflows import clock, store
from workflows.errors import NotFound

MOST_ATTEMPTS = 5
_FIRST_PAUSE = timedelta(seconds=30)
log = logging.getLogger(__name__)


def pause(attempts: int) -> timedelta:
    """The pause after that many failed attempts: doubling from 30 seconds, with a little chance in it."""
    chance = random.uniform(0.9, 1.1)  # noqa: S311 (spreads retries, keeps no secret)
    return timedelta(seconds=_FIRST_PAUSE.total_seconds() * 2 ** max(0, attempts - 1) * chance)


def timer_failed(session: Session, timer_id: int, error: BaseException) -> None:
    """Schedule the next attempt of a timer; after the last one hold it and open an incident."""
    row = session.execute(
        text(
            """UPDATE timer SET attempts = attempts + 1, last_error = :error, held = attempts + 1 >= :most,
                 due_at = :now + :pause * interval '1 second'
               WHERE id = :id RETURNING attempts, held, kind, instance_id, process, node"""
        ),
        {
            "id": timer_id,
            "error": store.short(error),
            "most": MOST_ATTEMPTS,
            "now": clock.now(),
            "pause": pause(_attempts(session, timer_id) + 1).total_seconds(),
        },
    ).first()
    log.error("Timer %s failed: %s", timer_id, store.short(error))
    if row is not None and row.held:
        kind = "service" if row.kind == "service" else "timer"
        open_incident(
            session, kind, timer_id, row.attempts, store.short(error), row.instance_id, row.process, row.node
        )


def _attempts(session: Session, timer_id: int) -> int:
    return session.execute(text("SELECT attempts FROM timer WHERE id = :id"), {"id": timer_id}).scalar() or 0


def open_incident(
    session: Session,
    kind: str,
    reference_id: int,
    attempts: int,
    error: str,
    instance_id: int | None = None,
    process: str | None = None,
    node: str | None = None,
) -> None:
    """Open an incident, once for each piece of work."""
    session.execute(
        text(
            """INSERT INTO incident (kind, reference_id, instance_id, process, node, error, attempts, opened_at)
               VALUES (:kind, :reference, :instance, :process, :node, :error, :attempts, :now)
               ON CONFLICT DO NOTHING"""
        ),
        {
            "kind": kind, "reference": reference_id, "instance": instance_id, "process": process, "node": node,
            "error": error, "attempts": attempts, "now": clock.now(),
        },
    )  # fmt: skip


def retry(session: Session, incident_id: int, person_id: int | None) -> None:
    """Try the incident's work again, now. Raises NotFound when it is not open (any more)."""
    query = text("SELECT kind, reference_id FROM incident WHERE id = :id AND resolved_at IS NULL")
    row = session.execute(query, {"id": incident_id}).first()
    if row is None:
        raise NotFound("This incident is not open any more.")
    if row.kind == "check":  # it looks again by itself, and opens an incident should it find the same
        statement = "SELECT :id, :now"
    elif row.kind == "outbox":
        statement = """UPDATE outbox SET state = 'queued', attempts = 0, due_at = :now
                       WHERE id = :id AND state = 'failed'"""
    else:
        statement = "UPDATE timer SET held = false, attempts = 0, due_at = :now WHERE id = :id"
    # The work first, then the incident: the order in which an action that settles both locks them.
    session.execute(text(statement), {"id": row.reference_id, "now": clock.now()})
    resolve = """UPDATE incident SET resolved_at = :now, resolved_by = :person
                 WHERE id = :id AND resolved_at IS NULL RETURNING id"""
    params = {"id": incident_id, "now": clock.now(), "person": person_id}
    if session.execute(text(resolve), params).first() is None:
        raise NotFound("This incident is not open any more.")


def close(session: Session, kind: str, reference_id: int) -> None:
    """End the open incident of a piece of work that is in order again, if there is one."""
    session.execute(
        text(
            """UPDATE incident SET resolved_at = :now
               WHERE kind = :kind AND reference_id = :reference AND resolved_at IS NULL"""
        ),
        {"kind": kind, "reference": reference_id, "now": clock.now()},
    )


def open_incidents(session: Session) -> list[Any]:
    """The open incidents, newest first, for the administrator."""
    return list(
        session.execute(
            text(
                "SELECT * FROM incident WHERE resolved_at IS NULL ORDER BY opened_at DESC, id DESC LIMIT 500"
            )
        ).mappings()
    )
