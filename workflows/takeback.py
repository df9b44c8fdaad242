"""Taking back the last human step of an instance, until somebody else opens the case or the time is over.

The step's own statement keeps what it takes to undo it (table `take_back`, one row an instance): the state before,
and how many events there were. What it posted waits in the outbox until the row is gone or its time is over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from workflows.action import Actor
from workflows.errors import Conflict, NotAllowed, Refused
from workflows.store import InstanceRow

OTHERS = ("claimed", "put_back", "delegated")  # somebody took the case on without a change of its state


@dataclass(frozen=True, slots=True)
class Kept:
    """The locked row of `take_back`."""

    actor_id: int
    on_behalf_of: int | None
    process: str
    node: str
    state: bytes
    history_seq: int
    version: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Done:
    """One event of the step that is taken back, newest first: the credit rows it changed."""

    kind: str
    process: str
    node: str | None
    changes: list[Mapping[str, Any]]


def until(session: Session, instance_id: int, person_id: int, now: datetime) -> datetime | None:
    """Until when this person can take the instance's last step back; None when they cannot."""
    query = """SELECT t.until FROM take_back t JOIN instance i ON i.id = t.instance_id AND i.version = t.version
               WHERE t.instance_id = :id AND t.actor_id = :person AND t.until > :now"""
    found: datetime | None = session.execute(
        text(query), {"id": instance_id, "person": person_id, "now": now}
    ).scalar()
    return found


def opened(session: Session, instance_id: int, person_id: int | None, now: datetime) -> bool:
    """Somebody else than whoever acted last opens the case: the step stands, and what it posted leaves now.

    True when that changed anything; the caller then commits.
    """
    query = """WITH gone AS (DELETE FROM take_back WHERE instance_id = :id AND actor_id IS DISTINCT FROM :person
                 RETURNING history_seq),
               released AS (UPDATE outbox SET due_at = :now FROM gone WHERE instance_id = :id AND state = 'queued'
                 AND due_at > :now AND starts_with(key, concat(:id, ':', gone.history_seq, ':')))
               SELECT count(*) FROM gone"""
    return bool(
        session.execute(text(query), {"id": instance_id, "person": person_id, "now": now}).scalar_one()
    )


def locked(session: Session, row: InstanceRow, actor: Actor, now: datetime) -> Kept:
    """What was kept of the instance's last step, locked. Raises NotAllowed or Conflict with why it stands."""
    query = """SELECT actor_id, on_behalf_of, process, node, state, history_seq, version, until FROM take_back
               WHERE instance_id = :id FOR UPDATE"""
    found = session.execute(text(query), {"id": row.id}).first()
    if found is None:
        raise _why_nothing(session, row, actor)
    kept = Kept(**{**found._mapping, "state": bytes(found.state)})
    if kept.actor_id != actor.person_id:
        raise NotAllowed("Only whoever decided takes the decision back.")
    if kept.until <= now:
        raise Conflict("The time in which the decision could be taken back is over.")
    if kept.version != row.version or _taken_on(session, row.id, kept.history_seq):
        raise Conflict("The case has moved on since; the decision stands.")
    return kept


def _why_nothing(session: Session, row: InstanceRow, actor: Actor) -> Refused:
    query = """SELECT kind, actor_id FROM history WHERE instance_id = :id AND kind IN ('task_completed', 'taken_back')
               ORDER BY seq DESC LIMIT 1"""
    last = session.execute(text(query), {"id": row.id}).first()
    if last is not None and last.kind == "taken_back":
        return Conflict("The decision was taken back already.")
    if last is not None and last.actor_id == actor.person_id:
        return Conflict("Somebody has opened the case since; the decision stands.")
    return NotAllowed("Only whoever decided takes the decision back.")


def _taken_on(session: Session, instance_id: int, after: int) -> bool:
    query = "SELECT 1 FROM history WHERE instance_id = :id AND seq > :seq AND kind = ANY(:kinds) LIMIT 1"
    params = {"id": instance_id, "seq": after, "kinds": list(OTHERS)}
    return session.execute(text(query), params).first() is not None


def done_since(session: Session, instance_id: int, after: int) -> Iterator[Done]:
    """What the step did, newest event first. Raises Conflict when a part of its record was erased."""
    query = "SELECT kind, process, node, payload FROM history WHERE instance_id = :id AND seq > :seq ORDER BY seq DESC"
    for row in session.execute(text(query), {"id": instance_id, "seq": after}).all():
        if row.payload is None:
            raise Conflict("A part of this decision's record was erased by law; it cannot be taken back.")
        yield Done(row.kind, row.process, row.node, orjson.loads(row.payload).get("changes", []))


def forget(session: Session, instance_id: int, history_seq: int) -> None:
    """Drop what the step posted, and the kept row. Raises Conflict when something has left already."""
    prefix = f"{instance_id}:{history_seq}:"
    query = "SELECT 1 FROM outbox WHERE instance_id = :id AND starts_with(key, :prefix) AND state <> 'queued' LIMIT 1"
    if session.execute(text(query), {"id": instance_id, "prefix": prefix}).first() is not None:
        raise Conflict("A message about this decision has left already; the decision stands.")
    drop = "DELETE FROM outbox WHERE instance_id = :id AND starts_with(key, :prefix)"
    session.execute(text(drop), {"id": instance_id, "prefix": prefix})
    session.execute(text("DELETE FROM take_back WHERE instance_id = :id"), {"id": instance_id})
