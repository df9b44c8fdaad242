"""The append-only history: what one event holds, its hash chain, verification and erasure by law.

hash = SHA-256(previous hash + SHA-256 of the payload + header); the header is the event's other columns joined by
the unit separator, so a payload can be erased (a tombstone stays) and the chain still verifies.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from workflows import clock
from workflows.errors import N_, NotFound, Refused

FIRST_HASH = bytes(32)
# Events about who has a task; the process itself does not move with them.
HANDINGS = frozenset({"claimed", "taken_over", "put_back", "delegated", "reassigned"})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(slots=True)
class Event:
    """One event before it is written. `payload` is plain JSON data."""

    kind: str
    process: str
    node: str | None
    task_id: int | None = None
    actor_id: int | None = None
    on_behalf_of: int | None = None
    payload: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Broken:
    """The first row where the chain does not hold, and why."""

    instance_id: int
    seq: int
    reason: str


def plain(value: Any) -> Any:
    """JSON for what orjson does not know: money as text, bytes as their size and hash."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return f"{len(value)} bytes, sha256 {hashlib.sha256(value).hexdigest()}"
    return str(value)


def payload_text(payload: dict[str, Any]) -> str:
    """The payload as it is stored and hashed."""
    return orjson.dumps(payload, default=plain).decode()


def header(instance_id: int, seq: int, at: datetime, event: Event, source: str, definition_id: int) -> bytes:
    """The hashed header; the same text as `_HEADER_SQL` makes from the stored row."""
    parts = (
        instance_id, seq, (at - _EPOCH) // _MICROSECOND, event.kind, event.process, event.node, event.task_id,
        event.actor_id, event.on_behalf_of, source, definition_id,
    )  # fmt: skip
    return "\x1f".join("" if part is None else str(part) for part in parts).encode()


def link(previous: bytes, payload_sha256: bytes, head: bytes) -> bytes:
    """The hash of one row."""
    return hashlib.sha256(previous + payload_sha256 + head).digest()


_HEADER_SQL = """concat(instance_id, e'\\x1f', seq, e'\\x1f', (extract(epoch FROM at) * 1000000)::bigint, e'\\x1f',
  kind, e'\\x1f', process, e'\\x1f', node, e'\\x1f', task_id, e'\\x1f', actor_id, e'\\x1f', on_behalf_of, e'\\x1f',
  source, e'\\x1f', definition_id)"""


def _rows(session: Session, instance_id: int | None) -> Iterator[Any]:
    connection: Any = session.connection().connection.driver_connection
    where = "WHERE instance_id = %(id)s" if instance_id is not None else ""
    query = f"""SELECT instance_id, seq, {_HEADER_SQL}, payload, payload_sha256, hash, erased_ground
                FROM history {where} ORDER BY instance_id, seq"""
    with connection.cursor(name=f"verify_history_{instance_id or 0}", binary=True) as cursor:
        cursor.itersize = 5_000
        cursor.execute(query, {"id": instance_id})
        yield from cursor


def verify(
    session: Session, instance_id: int | None = None, progress: Callable[[int], None] | None = None
) -> tuple[int, Broken | None]:
    """Check the chain of one instance, or of all: (rows read, the first broken row or None).

    Every payload is hashed again, every link is computed again, and the head that the instance keeps must be the
    last row, so a changed, inserted, removed or cut-off row is found. Safe while the processes run: an instance
    that moved on meanwhile is looked at again with its row locked.
    """
    if instance_id is not None:
        _lock(session, instance_id)
    count, current, previous, seq = 0, -1, FIRST_HASH, 0
    heads = _heads(session, instance_id)
    sha256 = hashlib.sha256
    for number, row_seq, head, payload, payload_hash, row_hash, ground in _rows(session, instance_id):
        if number != current:
            if not _is_head(heads, current, seq, previous) and (
                broken := _again(session, current, instance_id, seq)
            ):
                return count, broken
            current, previous, seq = number, FIRST_HASH, 0
        seq += 1
        reason = None
        if row_seq != seq:
            reason = N_("the row is missing")
        elif payload is None and not ground:
            reason = N_("the payload is gone without a tombstone")
        elif payload is not None and sha256(payload.encode()).digest() != payload_hash:
            reason = N_("the payload was changed")
        elif sha256(previous + payload_hash + head.encode()).digest() != row_hash:
            reason = N_("the row was changed")
        if reason is not None:
            return count, Broken(number, seq, reason)
        previous = row_hash
        count += 1
        if progress is not None and count % 50_000 == 0:
            progress(count)
    if not _is_head(heads, current, seq, previous) and (broken := _again(session, current, instance_id, seq)):
        return count, broken
    return count, _left_over(heads)


def _lock(session: Session, instance_id: int) -> None:
    session.execute(text("SELECT 1 FROM instance WHERE id = :id FOR SHARE"), {"id": instance_id})


def _again(session: Session, current: int, locked: int | None, seq: int) -> Broken | None:
    """Whether the chain is really broken: without a lock, the instance may have moved on since its head was read."""
    if locked is None:
        return verify(session, current)[1]
    return Broken(
        current, seq + 1, N_("rows after this one were removed, or the instance's head was changed")
    )


def _heads(session: Session, instance_id: int | None) -> dict[int, tuple[int, bytes]]:
    where = "WHERE id = :id" if instance_id is not None else ""
    rows = session.execute(
        text(f"SELECT id, history_seq, history_hash FROM instance {where}"), {"id": instance_id}
    )
    return {row.id: (row.history_seq, bytes(row.history_hash)) for row in rows}


def _is_head(heads: dict[int, tuple[int, bytes]], instance_id: int, seq: int, last: bytes) -> bool:
    return instance_id == -1 or heads.pop(instance_id, None) == (seq, last)


def _left_over(heads: dict[int, tuple[int, bytes]]) -> Broken | None:
    for instance_id, (seq, _) in sorted(heads.items()):
        if seq:
            return Broken(instance_id, 1, N_("all rows of the instance were removed"))
    return None


def erase(session: Session, instance_id: int, seq: int, ground: str, person_id: int | None) -> None:
    """Erase one event's payload by law; ground, who and when stay. Runs as the owner of the database.

    Raises Refused without a ground, NotFound when there is no such event or it is erased already.
    """
    if not ground.strip():
        raise Refused("Name the legal ground for the erasure.")
    found = session.execute(
        text(
            """UPDATE history SET payload = NULL, erased_ground = :ground, erased_by = :person, erased_at = :now
               WHERE instance_id = :id AND seq = :seq AND payload IS NOT NULL RETURNING id"""
        ),
        {"ground": ground.strip(), "person": person_id, "now": clock.now(), "id": instance_id, "seq": seq},
    ).first()
    if found is None:
        raise NotFound(
            "Process %(instance_id)s has no event %(seq)s whose content could be erased.",
            instance_id=instance_id,
            seq=seq,
        )


def head_of(session: Session, instance_id: int) -> tuple[int, str]:
    """Number and hash (hexadecimal) of the last event written for an instance; 0 and zeros before the first."""
    found = _heads(session, instance_id).get(instance_id, (0, FIRST_HASH))
    return found[0], found[1].hex()


def excerpt(session: Session, instance_id: int, after: int, told: Collection[int]) -> list[dict[str, Any]]:
    """The chain of an instance after event number `after`, as its links can be computed again elsewhere.

    Each row: seq, head (the hashed header), payload_sha256 and hash in hexadecimal; the payload's text only of the
    events numbered in `told` (None where it was erased).
    """
    rows = session.execute(
        text(
            f"""SELECT seq, {_HEADER_SQL} AS head, payload, payload_sha256, hash FROM history
                WHERE instance_id = :id AND seq > :after ORDER BY seq"""
        ),
        {"id": instance_id, "after": after},
    )
    return [
        {
            "seq": row.seq,
            "head": row.head,
            "payload_sha256": bytes(row.payload_sha256).hex(),
            "hash": bytes(row.hash).hex(),
        }
        | ({"payload": row.payload} if row.seq in told else {})
        for row in rows
    ]


def naming(session: Session, instance_id: int, after: int, word: str) -> set[int]:
    """Numbers of the events after event `after` whose content holds `word` (a hash, a number)."""
    rows = session.execute(
        text(
            """SELECT seq FROM history WHERE instance_id = :id AND seq > :after
               AND position(:word IN payload) > 0"""
        ),
        {"id": instance_id, "after": after, "word": word},
    )
    return set(rows.scalars())


def last_of_kind(session: Session, instance_id: int, kind: str) -> dict[str, Any] | None:
    """The newest event of that kind, its payload parsed; None when there is none."""
    row = (
        session.execute(
            text(
                """SELECT * FROM history WHERE instance_id = :id AND kind = :kind AND payload IS NOT NULL
               ORDER BY seq DESC LIMIT 1"""
            ),
            {"id": instance_id, "kind": kind},
        )
        .mappings()
        .first()
    )
    return None if row is None else {**row, "payload": orjson.loads(row["payload"])}


def timeline(session: Session, instance_id: int, less: Iterable[str] = ()) -> list[Any]:
    """The events of an instance less those of some kinds, oldest first; `payload` parsed (None once erased)."""
    query = "SELECT * FROM history WHERE instance_id = :id AND kind <> ALL(:less) ORDER BY seq"
    rows = session.execute(text(query), {"id": instance_id, "less": list(less)}).mappings()
    return [{**row, "payload": orjson.loads(row["payload"]) if row["payload"] else None} for row in rows]


def people_who_completed(session: Session, instance_id: int, steps: Iterable[tuple[str, str]]) -> set[int]:
    """Everybody who completed one of these user tasks (process, node) of the instance, also on whose behalf."""
    rows = session.execute(
        text(
            """SELECT DISTINCT actor_id, on_behalf_of FROM history WHERE instance_id = :id
               AND kind = 'task_completed' AND process || '/' || node = ANY(:steps)"""
        ),
        {"id": instance_id, "steps": [f"{process}/{node}" for process, node in steps]},
    )
    return {person for row in rows for person in row if person is not None}
