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


def _run(session: Session, sql: str, params: dict[str, Any]) -> Any:
    """The driver's cursor after `sql`, on the session's connection and in its transaction.

    SQLAlchemy's result rows cost more than the statement: a sixth of an action's time. Errors are SQLAlchemy's.
    """
    connection = session.connection()
    driver: Any = connection.connection.driver_connection
    try:
        return driver.execute(sql, params, binary=True)
    except psycopg.Error as error:
        lost = driver.closed or driver.broken
        if lost:
            connection.invalidate(error)
        raise DBAPIError.instance(sql, None, error, psycopg.Error, connection_invalidated=lost) from error


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


def new_instance(session: Session, process: str) -> tuple[int, int, str] | None:
    """A fresh instance number with the newest definition of `process`: (instance, definition, sha256)."""
    row = _run(
        session,
        """SELECT nextval(pg_get_serial_sequence('instance', 'id')), id, sha256 FROM definition
           WHERE key = %(key)s ORDER BY version DESC LIMIT 1""",
        {"key": process},
    ).fetchone()
    return tuple(row) if row else None


_UPDATE = """WITH changed AS (UPDATE instance SET state = %(state)s, codec = %(codec)s, version = version + 1,
  outcome = %(outcome)s, history_seq = %(history_seq)s, history_hash = %(history_hash)s, updated_at = %(now)s,
  ended_at = CASE WHEN %(ended)s THEN %(now)s ELSE ended_at END
  WHERE id = %(instance)s AND version = %(version)s RETURNING id)"""
_INSERT = """WITH changed AS (INSERT INTO instance (id, definition_id, process, subject_id, version, codec, state,
  outcome, history_seq, history_hash, started_by, started_at, updated_at, ended_at) OVERRIDING SYSTEM VALUE
  VALUES (%(instance)s, %(definition)s, %(process)s, %(subject)s, 1, %(codec)s, %(state)s, %(outcome)s,
  %(history_seq)s, %(history_hash)s, %(started_by)s, %(now)s, %(now)s, CASE WHEN %(ended)s THEN %(now)s END)
  RETURNING id)"""
# Rows travel as one JSON text for each table: cheaper to write and to read than an array for each column.
_HISTORY = """, written AS (INSERT INTO history (instance_id, seq, at, kind, process, node, task_id, actor_id,
  on_behalf_of, source, definition_id, payload, payload_sha256, hash)
  SELECT %(instance)s, seq, %(now)s, kind, process, node, task_id, actor_id, on_behalf_of, %(source)s,
  %(definition)s, payload, sha, hash FROM changed, json_to_recordset(%(history)s::json)
  AS h(seq int, kind text, process text, node text, task_id bigint, actor_id bigint, on_behalf_of bigint,
  payload text, sha bytea, hash bytea))"""
_HISTORY_KEYS = (
    "seq", "kind", "process", "node", "task_id", "actor_id", "on_behalf_of", "payload", "sha", "hash",
)  # fmt: skip
_CLOSE = """, closed AS (DELETE FROM open_task WHERE instance_id = %(instance)s
  AND task_no = ANY(%(closed)s::int[]))"""
_OPEN = """, opened AS (INSERT INTO open_task (instance_id, task_no, process, node, role, scope, subject_id,
  opened_at, due_at, excluded, claimed_by, claimed_at)
  SELECT changed.id, no, process, node, role, scope, %(subject)s, %(now)s, due, excluded, claimed,
  CASE WHEN claimed IS NOT NULL THEN %(now)s::timestamptz END FROM changed, json_to_recordset(%(opened)s::json)
  AS o(no int, process text, node text, role text, scope bigint, due timestamptz, excluded bigint[], claimed bigint)
  RETURNING id, task_no)"""
_OPEN_KEYS = ("no", "process", "node", "role", "scope", "due", "excluded", "claimed")
_TIMERS_GONE = """, stopped AS (DELETE FROM timer WHERE instance_id = %(instance)s AND (task_no, kind) IN
  (SELECT no, kind FROM json_to_recordset(%(stopped)s::json) AS t(no int, kind text)) RETURNING id),
  settled AS (UPDATE incident SET resolved_at = %(now)s, resolved_by = %(person)s WHERE resolved_at IS NULL
  AND kind IN ('timer', 'service') AND reference_id IN (SELECT id FROM stopped))"""
# A repeating timer keeps its row: a DELETE and an INSERT of the same key in one statement have no order.
_TIMERS = """, set_timers AS (INSERT INTO timer (instance_id, task_no, kind, process, node, due_at, attempts,
  last_error)
  SELECT changed.id, no, kind, process, node, due, (error IS NOT NULL)::int, error
  FROM changed, json_to_recordset(%(timers)s::json)
  AS t(no int, kind text, process text, node text, due timestamptz, error text)
  ON CONFLICT (instance_id, task_no, kind) DO UPDATE SET due_at = EXCLUDED.due_at, attempts = EXCLUDED.attempts,
  held = false, last_error = EXCLUDED.last_error)"""
_TIMER_KEYS = ("no", "kind", "process", "node", "due", "error")
_MESSAGES_GONE = """, unheard AS (DELETE FROM subscription WHERE instance_id = %(instance)s AND (task_no, message) IN
  (SELECT no, message FROM json_to_recordset(%(unheard)s::json) AS m(no int, message text)))"""
_MESSAGES = """, subscribed AS (INSERT INTO subscription (instance_id, task_no, message, process, node)
  SELECT changed.id, no, message, process, node FROM changed, json_to_recordset(%(messages)s::json)
  AS m(no int, message text, process text, node text))"""
_OUTBOX = """, posted AS (INSERT INTO outbox (key, instance_id, channel, recipient, template, params, due_at,
  created_at)
  SELECT key, changed.id, channel, recipient, template, params, %(now)s, %(now)s
  FROM changed, json_to_recordset(%(outbox)s::json)
  AS x(key text, channel text, recipient text, template text, params text))"""


def short(error: BaseException) -> str:
    """An error for a column: its class and words, without NUL, at most 2,000 signs."""
    words = f"{type(error).__name__}: {error}".replace("\0", "")[:2_000]
    return words.encode(errors="replace").decode()


def _json(keys: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    return orjson.dumps([dict(zip(keys, row, strict=True)) for row in rows]).decode()


def _history_json(rows: Sequence[Sequence[Any]]) -> str:
    """History rows; bytes as PostgreSQL reads them."""
    return _json(_HISTORY_KEYS, [(*row[:-2], f"\\x{row[-2].hex()}", f"\\x{row[-1].hex()}") for row in rows])


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
    }
    parts = [_INSERT if start else _UPDATE, _HISTORY]
    params["history"] = _history_json(changes.history)

    def add(part: str, name: str, keys: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        if rows:
            parts.append(part)
            params[name] = _json(keys, rows)

    if changes.closed_tasks:
        parts.append(_CLOSE)
        params["closed"] = f"{{{','.join(map(str, changes.closed_tasks))}}}"
    opened = [
        (o.task_no, o.process, o.node, o.assignment.role, o.assignment.scope, o.assignment.due_at,
         o.assignment.excluded, o.assignment.claimed_by)
        for o in changes.opened
    ]  # fmt: skip
    add(_OPEN, "opened", _OPEN_KEYS, opened)
    add(_TIMERS_GONE, "stopped", ("no", "kind"), changes.gone_timers)
    timers = [(*timer, None if error is None else short(error)) for *timer, error in changes.timers]
    add(_TIMERS, "timers", _TIMER_KEYS, timers)
    add(_MESSAGES_GONE, "unheard", ("no", "message"), changes.gone_messages)
    add(_MESSAGES, "messages", ("no", "message", "process", "node"), changes.messages)
    sent = [(m.key, m.channel, m.recipient, m.template, m.params) for m in changes.outbox]
    add(_OUTBOX, "outbox", ("key", "channel", "recipient", "template", "params"), sent)
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
        + _HISTORY
        + " SELECT 1",
        params,
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
