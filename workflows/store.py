"""The hot statements: one SELECT that locks, one CTE that writes everything an action changed.

They run as driver SQL on the session's own connection, so they are part of its transaction and are prepared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from workflows import statements as sql
from workflows.action import Assignment, Message, TaskRow

_INSTANCE = """i.id, i.definition_id, i.process, i.subject_id, i.version, i.state, i.history_seq, i.history_hash,
  i.ended_at, d.sha256"""
_TASK = """t.id, t.task_no, t.process, t.node, t.role, t.scope, t.subject_id, t.claimed_by, t.opened_at, t.due_at,
  t.excluded"""


@dataclass(slots=True)
class InstanceRow:
    """The locked instance."""

    id: int
    definition_id: int
    process: str
    subject_id: int
    version: int
    state: bytes | None
    history_seq: int
    history_hash: bytes
    ended_at: datetime | None
    sha256: str
    tasks: dict[int, int] | None = (
        None  # ids of its open tasks by their numbers, where they were read with it
    )


@dataclass(frozen=True, slots=True)
class Fresh:
    """The number of an instance that is about to start, and the definition that it runs on."""

    number: int
    definition_id: int
    process: str
    sha256: str


@dataclass(frozen=True, slots=True)
class TimerRow:
    """A claimed timer."""

    id: int
    task_no: int
    kind: str
    process: str
    node: str
    due_at: datetime
    attempts: int


@dataclass(slots=True)
class Opened:
    """A user task that opens."""

    task_no: int
    process: str
    node: str
    assignment: Assignment


@dataclass(frozen=True, slots=True)
class Kept:
    """What it takes to undo the human step of this action, for as long as what it posts waits (`until`)."""

    task_id: int
    process: str
    node: str
    state: bytes
    history_seq: int
    until: datetime


@dataclass(slots=True)
class Changes:
    """All that one action writes to the platform's tables."""

    state: bytes | None
    codec: int
    outcome: str | None
    closed_tasks: list[int] = field(default_factory=list)
    opened: list[Opened] = field(default_factory=list)
    gone_timers: list[tuple[int, str]] = field(default_factory=list)
    timers: list[tuple[int, str, str, str, datetime, Exception | None]] = field(default_factory=list)
    gone_messages: list[tuple[int, str]] = field(default_factory=list)
    messages: list[tuple[int, str, str, str]] = field(default_factory=list)
    history: list[tuple[Any, ...]] = field(default_factory=list)
    history_seq: int = 0
    history_hash: bytes = b""
    outbox: list[Message] = field(default_factory=list)
    kept: Kept | None = None


def _run(session: Session, statement: str, params: dict[str, Any]) -> Any:
    """The driver's cursor after `statement`, on the session's connection and in its transaction.

    SQLAlchemy's result rows cost more than the statement: a sixth of an action's time. Errors are SQLAlchemy's.
    """
    connection = session.connection()
    driver: Any = connection.connection.driver_connection
    try:
        return driver.execute(statement, params, binary=True)
    except psycopg.Error as error:
        lost = driver.closed or driver.broken
        if lost:
            connection.invalidate(error)
        raise DBAPIError.instance(
            statement, None, error, psycopg.Error, connection_invalidated=lost
        ) from error


def lock_task(session: Session, task_id: int) -> tuple[InstanceRow, TaskRow] | None:
    """Lock an open task and its instance. None when the task is no longer open."""
    row = _run(
        session,
        f"""SELECT {_INSTANCE}, {_TASK} FROM open_task t JOIN instance i ON i.id = t.instance_id
            JOIN definition d ON d.id = i.definition_id WHERE t.id = %(id)s FOR UPDATE OF i, t""",
        {"id": task_id},
    ).fetchone()
    return (_instance(row), task_row(row[10:])) if row else None


def lock_instance(session: Session, instance_id: int) -> InstanceRow | None:
    """Lock an instance. None when there is none with that number."""
    row = _run(
        session,
        f"""SELECT {_INSTANCE} FROM instance i JOIN definition d ON d.id = i.definition_id
            WHERE i.id = %(id)s FOR UPDATE OF i""",
        {"id": instance_id},
    ).fetchone()
    return _instance(row) if row else None


def lock_to_tell(session: Session, instance_id: int, now: datetime) -> tuple[InstanceRow, bool] | None:
    """The same, and whether a timer event of the instance may be overdue: then `overdue_events` tells which."""
    row = _run(
        session,
        f"""SELECT {_INSTANCE}, EXISTS (SELECT FROM timer m WHERE m.instance_id = i.id AND m.kind = 'event'
              AND NOT m.held AND m.due_at <= %(now)s)
            FROM instance i JOIN definition d ON d.id = i.definition_id WHERE i.id = %(id)s FOR UPDATE OF i""",
        {"id": instance_id, "now": now},
    ).fetchone()
    return (_instance(row), row[10]) if row else None


def lock_all_to_tell(
    session: Session, instance_ids: Sequence[int], now: datetime
) -> dict[int, tuple[InstanceRow, bool]]:
    """The same for many instances in one statement, locked in the order of their numbers, by number; with the ids of
    their open tasks."""
    rows = _run(
        session,
        f"""SELECT {_INSTANCE}, EXISTS (SELECT FROM timer m WHERE m.instance_id = i.id AND m.kind = 'event'
              AND NOT m.held AND m.due_at <= %(now)s),
              (SELECT json_object_agg(t.task_no, t.id) FROM open_task t WHERE t.instance_id = i.id)
            FROM instance i JOIN definition d ON d.id = i.definition_id WHERE i.id = ANY(%(ids)s::bigint[])
            ORDER BY i.id FOR UPDATE OF i""",
        {"ids": list(instance_ids), "now": now},
    ).fetchall()
    found = {row[0]: (_instance(row), row[10]) for row in rows}
    for row in rows:
        found[row[0]][0].tasks = {int(number): task_id for number, task_id in (row[11] or {}).items()}
    return found


def claim_timer(
    session: Session, now: datetime, timer_id: int | None = None
) -> tuple[InstanceRow, TimerRow] | None:
    """Lock the due timer that waits longest (or the given one) and its instance; rows others hold are skipped.

    The instance comes first, as everywhere: a timer whose instance is busy must not stay locked.
    """
    which = "m.id = %(id)s" if timer_id is not None else "m.due_at <= %(now)s AND NOT m.held"
    row = _run(
        session,
        f"""SELECT {_INSTANCE}, m.id, m.task_no, m.kind, m.process, m.node, m.due_at, m.attempts
            FROM timer m JOIN instance i ON i.id = m.instance_id JOIN definition d ON d.id = i.definition_id
            WHERE {which} ORDER BY m.due_at LIMIT 1 FOR UPDATE OF i, m SKIP LOCKED""",
        {"now": now, "id": timer_id},
    ).fetchone()
    return (_instance(row), TimerRow(*row[10:])) if row else None


def overdue_events(session: Session, instance_id: int, now: datetime) -> list[int]:
    """The timer events of an instance that are due, the earliest first."""
    rows = _run(
        session,
        """SELECT id FROM timer WHERE instance_id = %(id)s AND kind = 'event' AND NOT held AND due_at <= %(now)s
           ORDER BY due_at, id""",
        {"id": instance_id, "now": now},
    ).fetchall()
    return [row[0] for row in rows]


def _instance(row: Any) -> InstanceRow:
    instance = InstanceRow(*row[:10])
    instance.state = bytes(instance.state) if instance.state is not None else None
    instance.history_hash = bytes(instance.history_hash)
    return instance


def task_row(values: Sequence[Any]) -> TaskRow:
    """A TaskRow from the columns of `_TASK`."""
    number, task_no, process, node, role, scope, subject, claimed_by, opened_at, due_at, excluded = values
    return TaskRow(
        number, task_no, process, node, role, scope, subject, claimed_by, opened_at, due_at, tuple(excluded)
    )


def task_ids(session: Session, instance_id: int, numbers: list[int]) -> dict[int, int]:
    """Ids of open tasks by their numbers within the instance."""
    rows = _run(
        session,
        "SELECT task_no, id FROM open_task WHERE instance_id = %(id)s AND task_no = ANY(%(numbers)s::int[])",
        {"id": instance_id, "numbers": numbers},
    )
    return dict(tuple(row) for row in rows)


def new_instances(session: Session, process: str, count: int) -> list[Fresh]:
    """So many fresh instances of the newest definition of `process`; none when there is no such process."""
    rows = _run(
        session,
        """SELECT nextval(pg_get_serial_sequence('instance', 'id')), d.id, d.sha256
           FROM (SELECT id, sha256 FROM definition WHERE key = %(key)s ORDER BY version DESC LIMIT 1) d,
             generate_series(1, %(count)s)""",
        {"key": process, "count": count},
    ).fetchall()
    return [Fresh(number, definition_id, process, sha256) for number, definition_id, sha256 in rows]


def short(error: BaseException) -> str:
    """An error for a column: its class and words, without NUL, at most 2,000 signs."""
    words = f"{type(error).__name__}: {error}".replace("\0", "")[:2_000]
    return words.encode(errors="replace").decode()


def _json(keys: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    return orjson.dumps([dict(zip(keys, row, strict=True)) for row in rows]).decode()


def _history_json(rows: Sequence[Sequence[Any]]) -> str:
    """History rows; bytes as PostgreSQL reads them."""
    return _json(
        sql.HISTORY_KEYS, [(*row[:-2], f"\\x{row[-2].hex()}", f"\\x{row[-1].hex()}") for row in rows]
    )


def write(session: Session, head: dict[str, Any], changes: Changes, start: bool) -> dict[int, int] | None:
    """Write all changes of one action in one statement.

    `head` holds instance, definition, process, subject, version, started_by, person, source, now. Returns the ids
    of the opened tasks by task number, or None when the instance is no longer at `version` (nothing written).
    """
    params = {
        **head,
        "state": changes.state,
        "codec": changes.codec,
        "outcome": changes.outcome,
        "ended": changes.state is None,
        "history_seq": changes.history_seq,
        "history_hash": changes.history_hash,
        "leaves": changes.kept.until if changes.kept is not None else head["now"],
    }
    parts = [sql.INSERT if start else sql.UPDATE, sql.HISTORY]
    params["history"] = _history_json(changes.history)

    def add(part: str, name: str, keys: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        if rows:
            parts.append(part)
            params[name] = _json(keys, rows)

    if changes.closed_tasks:
        parts.append(sql.CLOSE)
        params["closed"] = f"{{{','.join(map(str, changes.closed_tasks))}}}"
    opened = [
        (o.task_no, o.process, o.node, o.assignment.role, o.assignment.scope, o.assignment.due_at,
         o.assignment.excluded, o.assignment.claimed_by)
        for o in changes.opened
    ]  # fmt: skip
    add(sql.OPEN, "opened", sql.OPEN_KEYS, opened)
    add(sql.TIMERS_GONE, "stopped", ("no", "kind"), changes.gone_timers)
    timers = [(*timer, None if error is None else short(error)) for *timer, error in changes.timers]
    add(sql.TIMERS, "timers", sql.TIMER_KEYS, timers)
    add(sql.MESSAGES_GONE, "unheard", ("no", "message"), changes.gone_messages)
    add(sql.MESSAGES, "messages", ("no", "message", "process", "node"), changes.messages)
    sent = [(m.key, m.channel, m.recipient, m.template, m.params) for m in changes.outbox]
    add(sql.OUTBOX, "outbox", ("key", "channel", "recipient", "template", "params"), sent)
    if changes.kept is not None:
        parts.append(sql.KEEP)
        kept = changes.kept
        params |= {
            "kept_task": kept.task_id, "kept_process": kept.process, "kept_node": kept.node,
            "kept_state": kept.state, "kept_seq": kept.history_seq,
        }  # fmt: skip
    answer = "SELECT (SELECT count(*) FROM changed)"
    if opened:
        answer += ", (SELECT json_object_agg(task_no, id) FROM opened)"
    row = _run(session, "".join(parts) + answer, params).fetchone()
    if row[0] != 1:
        return None
    return {int(number): identifier for number, identifier in row[1].items()} if opened else {}


def claim(session: Session, head: dict[str, Any], history: tuple[Any, ...], claimed_by: int | None) -> None:
    """Give an open task to a person (None = back to the group) with its history row; the instance is locked."""
    params = {
        **head,
        "claimed_by": claimed_by,
        "history": _history_json([history]),
    }
    _run(
        session,
        """WITH changed AS (UPDATE instance SET history_seq = %(history_seq)s, history_hash = %(history_hash)s
             WHERE id = %(instance)s RETURNING id),
           taken AS (UPDATE open_task SET claimed_by = %(claimed_by)s,
             claimed_at = CASE WHEN %(claimed_by)s::bigint IS NULL THEN NULL ELSE %(now)s::timestamptz END
             WHERE id = %(task)s)"""
        + sql.HISTORY
        + " SELECT 1",
        params,
    )


def remark(session: Session, head: dict[str, Any], history: tuple[Any, ...]) -> None:
    """Write an event that moves nothing; the instance is locked."""
    _run(
        session,
        """WITH changed AS (UPDATE instance SET history_seq = %(history_seq)s, history_hash = %(history_hash)s
             WHERE id = %(instance)s RETURNING id)"""
        + sql.HISTORY
        + " SELECT 1",
        {**head, "history": _history_json([history])},
    )


def read_task(session: Session, task_id: int) -> tuple[InstanceRow, TaskRow] | None:
    """An open task with its instance, not locked: for showing a page. None when it is no longer open."""
    row = _run(
        session,
        f"""SELECT {_INSTANCE}, {_TASK} FROM open_task t JOIN instance i ON i.id = t.instance_id
            JOIN definition d ON d.id = i.definition_id WHERE t.id = %(id)s""",
        {"id": task_id},
    ).fetchone()
    return (_instance(row), task_row(row[10:])) if row else None
