"""The task inbox, read from SQL tables only. A lane is (role, branch id; 0 = tasks of no branch)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import text
from sqlalchemy.orm import Session

from workflows.errors import NotFound, Refused

Lane = tuple[str, int]
Order = Literal["oldest", "newest", "due"]
_ORDERS = {
    "oldest": ("t.opened_at", "asc", ">"),
    "newest": ("t.opened_at", "desc", "<"),
    "due": ("coalesce(t.due_at, 'infinity'::timestamptz)", "asc", ">"),
}
COUNT_CAP = 1_000
_COLUMNS = """t.id, t.instance_id, t.process, t.node, t.role, t.scope, t.subject_id, t.claimed_by, t.claimed_at,
  t.opened_at, t.due_at, t.excluded"""


@dataclass(frozen=True, slots=True)
class InboxRow:
    """An open task as a list shows it; `key` continues the list after this row."""

    id: int
    instance_id: int
    process: str
    node: str
    role: str
    scope: int | None
    subject_id: int
    claimed_by: int | None
    claimed_at: datetime | None
    opened_at: datetime
    due_at: datetime | None
    excluded: list[int]
    key: str


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows an inbox; None = everything. `subjects` are the ids of the credit rows a search found; those of
    the processes in `apart`, which are about rows of other kinds, are named there."""

    process: str | None = None
    node: str | None = None
    overdue_at: datetime | None = None
    subjects: Sequence[int] | None = None
    apart: Mapping[str, Sequence[int]] = field(default_factory=dict)


def _conditions(filters: Filters, params: dict[str, Any]) -> str:
    parts = []
    if filters.process is not None:
        parts.append("t.process = :process")
        params["process"] = filters.process
    if filters.node is not None:
        parts.append("t.node = :node")
        params["node"] = filters.node
    if filters.overdue_at is not None:
        parts.append("t.due_at < :overdue_at")
        params["overdue_at"] = filters.overdue_at
    return "".join(f" AND {part}" for part in parts)


def _source(filters: Filters, params: dict[str, Any]) -> str:
    """Where the tasks are read from: few known subjects by their own index first, else the lists' indexes."""
    if filters.subjects is None:
        return "open_task"
    params["subjects"] = list(filters.subjects)
    params["apart"] = list(filters.apart)
    found = (
        "SELECT * FROM open_task WHERE subject_id = ANY(:subjects) AND process <> ALL(CAST(:apart AS text[]))"
    )
    for place, (process, ids) in enumerate(filters.apart.items()):
        params[f"process_{place}"], params[f"subjects_{place}"] = process, list(ids)
        found += f""" UNION ALL SELECT * FROM open_task
            WHERE subject_id = ANY(:subjects_{place}) AND process = :process_{place}"""
    return f"({found} OFFSET 0)"


def _after(order: Order, key: str | None, params: dict[str, Any]) -> str:
    if key is None:
        return ""
    expression, _, sign = _ORDERS[order]
    value, _, identifier = key.rpartition("_")
    try:
        number = int(identifier)
        if not 0 <= number < 2**63:
            raise ValueError(identifier)
        params["after_id"] = number
        params["after"] = value if value == "infinity" else datetime.fromisoformat(value).isoformat()
    except ValueError:
        raise Refused("The position in the list cannot be read; start from its first page.") from None
    return f" AND ({expression}, t.id) {sign} (CAST(:after AS timestamptz), :after_id)"


def _check(order: str) -> tuple[str, str, str]:
    if order not in _ORDERS:
        raise Refused("The inbox is sorted by one of: %(names)s.", names=", ".join(_ORDERS))
    return _ORDERS[order]


def mine(
    session: Session, person_id: int, order: Order = "oldest", after: str | None = None, limit: int = 25,
    filters: Filters = Filters(),
) -> list[InboxRow]:  # fmt: skip
    """Tasks that this person has claimed, `limit` rows after `after`."""
    expression, direction, _ = _check(order)
    params: dict[str, Any] = {"person": person_id, "limit": limit}
    where = _conditions(filters, params) + _after(order, after, params)
    query = f"""SELECT {_COLUMNS}, {expression}::text AS position FROM {_source(filters, params)} t
                WHERE t.claimed_by = :person{where} ORDER BY {expression} {direction}, t.id {direction} LIMIT :limit"""
    return _rows(session, query, params)


def of_groups(
    session: Session, person_id: int, lanes: Sequence[Lane], order: Order = "oldest", after: str | None = None,
    limit: int = 25, filters: Filters = Filters(),
) -> list[InboxRow]:  # fmt: skip
    """Unclaimed tasks of the person's lanes, less those they are excluded from, `limit` rows after `after`.

    One index range a lane (LATERAL), so the time does not grow with the number of open tasks.
    """
    expression, direction, _ = _check(order)
    params: dict[str, Any] = {
        "person": person_id, "limit": limit, "roles": [role for role, _ in lanes],
        "scopes": [scope for _, scope in lanes],
    }  # fmt: skip
    where = _conditions(filters, params) + _after(order, after, params)
    shown = _COLUMNS.replace("t.", "found.")  # not `sorted`: Python has no infinite instant
    query = f"""SELECT {shown}, position
        FROM unnest(CAST(:roles AS text[]), CAST(:scopes AS bigint[])) AS lane(lane_role, lane_scope)
        CROSS JOIN LATERAL (SELECT {_COLUMNS}, {expression} AS sorted, {expression}::text AS position
          FROM {_source(filters, params)} t
          WHERE t.role = lane.lane_role AND coalesce(t.scope, 0) = lane.lane_scope
          AND t.claimed_by IS NULL AND NOT :person = ANY(t.excluded){where}
          ORDER BY {expression} {direction}, t.id {direction} LIMIT :limit) AS found
        ORDER BY sorted {direction}, id {direction} LIMIT :limit"""
    return _rows(session, query, params)


def _rows(session: Session, query: str, params: dict[str, Any]) -> list[InboxRow]:
    rows = []
    for row in session.execute(text(query), params).mappings():
        position = row["position"]
        key = f"{'infinity' if position == 'infinity' else datetime.fromisoformat(position).isoformat()}_{row['id']}"
        values = {name: row[name] for name in InboxRow.__slots__ if name != "key"}
        rows.append(InboxRow(**values, key=key))
    return rows


def count_mine(session: Session, person_id: int) -> int:
    """How many tasks the person has claimed, at most COUNT_CAP."""
    query = (
        "SELECT count(*) FROM (SELECT 1 FROM open_task WHERE claimed_by = :person LIMIT :cap) AS open_rows"
    )
    return int(session.execute(text(query), {"person": person_id, "cap": COUNT_CAP}).scalar_one())


def count_groups(session: Session, person_id: int, lanes: Sequence[Lane]) -> int:
    """How many unclaimed tasks the person's lanes hold, at most COUNT_CAP."""
    query = """SELECT count(*) FROM (SELECT 1 FROM unnest(CAST(:roles AS text[]), CAST(:scopes AS bigint[]))
        AS lane(lane_role, lane_scope) CROSS JOIN LATERAL (SELECT 1 FROM open_task t WHERE t.role = lane.lane_role
        AND coalesce(t.scope, 0) = lane.lane_scope AND t.claimed_by IS NULL AND NOT :person = ANY(t.excluded)
        LIMIT :cap) AS found LIMIT :cap) AS open_rows"""
    params = {
        "person": person_id, "cap": COUNT_CAP, "roles": [role for role, _ in lanes],
        "scopes": [scope for _, scope in lanes],
    }  # fmt: skip
    return int(session.execute(text(query), params).scalar_one())


def count_new(session: Session, person_id: int, lanes: Sequence[Lane] | None, since: datetime) -> int:
    """How many tasks came since then, at most COUNT_CAP: into these lanes; with None, into the person's own list."""
    if lanes is None:
        own = """SELECT count(*) FROM (SELECT 1 FROM open_task WHERE claimed_by = :person AND claimed_at > :since
            LIMIT :cap) AS open_rows"""
        params: dict[str, Any] = {"person": person_id, "since": since, "cap": COUNT_CAP}
        return int(session.execute(text(own), params).scalar_one())
    query = """SELECT count(*) FROM (SELECT 1 FROM unnest(CAST(:roles AS text[]), CAST(:scopes AS bigint[]))
        AS lane(lane_role, lane_scope) CROSS JOIN LATERAL (SELECT 1 FROM open_task t WHERE t.role = lane.lane_role
        AND coalesce(t.scope, 0) = lane.lane_scope AND t.claimed_by IS NULL AND t.opened_at > :since
        AND NOT :person = ANY(t.excluded) LIMIT :cap) AS found LIMIT :cap) AS open_rows"""
    params = {
        "person": person_id, "cap": COUNT_CAP, "since": since, "roles": [role for role, _ in lanes],
        "scopes": [scope for _, scope in lanes],
    }  # fmt: skip
    return int(session.execute(text(query), params).scalar_one())


def tasks(session: Session, task_ids: Sequence[int]) -> list[InboxRow]:
    """Those of the tasks that are still open."""
    query = f"""SELECT {_COLUMNS}, t.opened_at::text AS position FROM open_task t WHERE t.id = ANY(:ids)
                ORDER BY t.id"""
    return _rows(session, query, {"ids": list(task_ids)})


def holders(session: Session, lanes: Sequence[Lane]) -> list[tuple[str, int, int]]:
    """Who holds claimed tasks in these lanes: (role, scope, person id).

    One look into the index for each holder, however many tasks they hold.
    """
    next_holder = """(SELECT min(t.claimed_by) FROM open_task t WHERE t.role = lane.role
        AND coalesce(t.scope, 0) = lane.scope AND t.claimed_by IS NOT NULL AND t.claimed_by > lane.holder)"""
    query = f"""WITH RECURSIVE held(role, scope, holder) AS (
          SELECT role, scope, {next_holder} FROM (SELECT role, scope, CAST(-1 AS bigint) AS holder
            FROM unnest(CAST(:roles AS text[]), CAST(:scopes AS bigint[])) AS lane(role, scope)) AS lane
          UNION ALL SELECT role, scope, {next_holder} FROM held AS lane WHERE holder IS NOT NULL)
        SELECT role, scope, holder FROM held WHERE holder IS NOT NULL ORDER BY role, scope, holder"""
    params = {"roles": [role for role, _ in lanes], "scopes": [scope for _, scope in lanes]}
    return [(row.role, row.scope, row.holder) for row in session.execute(text(query), params)]


def held_by(
    session: Session, person_id: int, held: Sequence[tuple[str, int, int]], limit: int = 25
) -> list[InboxRow]:
    """The tasks of these holders (as `holders` gives them) that `person_id` is not excluded from, oldest first."""
    query = f"""SELECT {_COLUMNS}, t.opened_at::text AS position
        FROM unnest(CAST(:roles AS text[]), CAST(:scopes AS bigint[]), CAST(:people AS bigint[]))
        AS lane(role, scope, holder) JOIN open_task t ON t.role = lane.role AND t.claimed_by = lane.holder
        AND coalesce(t.scope, 0) = lane.scope WHERE NOT :person = ANY(t.excluded)
        ORDER BY t.opened_at, t.id LIMIT :limit"""
    params = {
        "person": person_id, "limit": limit, "roles": [role for role, _, _ in held],
        "scopes": [scope for _, scope, _ in held], "people": [holder for _, _, holder in held],
    }  # fmt: skip
    return _rows(session, query, params)


@dataclass(frozen=True, slots=True)
class DoneRow:
    """A task this person completed."""

    history_id: int
    instance_id: int
    task_id: int
    process: str
    node: str
    subject_id: int
    at: datetime
    on_behalf_of: int | None


def done_by(session: Session, person_id: int, before: int | None = None, limit: int = 25) -> list[DoneRow]:
    """Tasks this person completed, newest first, `limit` rows before the history id `before`."""
    query = """SELECT h.id, h.instance_id, h.task_id, h.process, h.node, i.subject_id, h.at, h.on_behalf_of
        FROM history h JOIN instance i ON i.id = h.instance_id WHERE h.actor_id = :person
        AND h.kind = 'task_completed' AND (CAST(:before AS bigint) IS NULL OR h.id < :before)
        ORDER BY h.id DESC LIMIT :limit"""
    rows = session.execute(text(query), {"person": person_id, "before": before, "limit": limit})
    return [DoneRow(*row) for row in rows]


def task(session: Session, task_id: int) -> InboxRow | None:
    """One open task; None when it is no longer open."""
    return next(iter(tasks(session, [task_id])), None)


def subject_of(session: Session, instance_id: int) -> int:
    """The id of the credit row that an instance is about. Raises NotFound."""
    query = text("SELECT subject_id FROM instance WHERE id = :id")
    found = session.execute(query, {"id": instance_id}).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no process number %(instance_id)s.", instance_id=instance_id)
    return int(found)


def process_of(session: Session, instance_id: int) -> str:
    """The id of the process that an instance runs."""
    query = text("SELECT process FROM instance WHERE id = :id")
    return str(session.execute(query, {"id": instance_id}).scalar_one())


def of_instances(session: Session, instance_ids: Sequence[int]) -> list[InboxRow]:
    """The open tasks of some instances, the oldest first."""
    query = f"""SELECT {_COLUMNS}, t.opened_at::text AS position FROM open_task t WHERE t.instance_id = ANY(:ids)
                ORDER BY t.opened_at, t.id"""
    return _rows(session, query, {"ids": list(instance_ids)})


def of_instance(session: Session, instance_id: int) -> list[InboxRow]:
    """The open tasks of one instance: what happens next, and who may do it."""
    return of_instances(session, [instance_id])
