"""Why a task is not open (any more): who closed it and when, or that it never existed."""

from __future__ import annotations

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from workflows.action import Actor
from workflows.errors import AlreadyAnswered, NotFound, Refused, StaleTask

LARGEST_ID = 2**63 - 1


def why(session: Session, task_id: int, actor: Actor, request_key: str | None) -> Refused:
    """The refusal for a task that is not open: AlreadyAnswered, StaleTask or NotFound."""
    if not 0 < task_id <= LARGEST_ID:
        return NotFound("There is no such task.")
    query = """SELECT instance_id, kind, actor_id, at, payload FROM history WHERE task_id = :id
               AND kind IN ('task_completed', 'cancelled') ORDER BY id DESC LIMIT 1"""
    row = session.execute(text(query), {"id": task_id}).first()
    if row is None:
        return NotFound("There is no such task.")
    if row.kind == "cancelled":
        return StaleTask(
            "This task is no longer open: the process moved on without it.",
            row.actor_id,
            row.at,
            unanswered=True,
        )
    recorded = orjson.loads(row.payload or "{}").get("request")
    if request_key is not None and recorded == request_key and row.actor_id == actor.person_id:
        return AlreadyAnswered(row.instance_id, task_id)
    return StaleTask("This task has already been decided.", row.actor_id, row.at)
