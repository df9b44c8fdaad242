"""What happens during one action, event by event, until it is written with the instance."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from workflows import codec, history, store
from workflows.action import Action, Actor, Handlers, Message, TaskRow
from workflows.definitions import Parsed
from workflows.history import Event
from workflows.recorder import Recorder
from workflows.runtime import LeanTask, node_id, process_id, task_key


@dataclass(frozen=True, slots=True)
class Context:
    """What stays the same during an action. In the background nobody sees a refusal: it counts as a failure."""

    session: Session
    handlers: Handlers
    parsed: Parsed
    actor: Actor
    source: str
    now: datetime
    background: bool = False


class Journal:
    """The events of one action and what they post; `chain` turns them into history rows."""

    def __init__(self, context: Context, row: store.InstanceRow, recorder: Recorder) -> None:
        self.context = context
        self.row = row
        self.recorder = recorder
        self.events: list[Event] = []
        self.outbox: list[Message] = []
        self.path: list[str] = []

    def action(self, task: LeanTask, task_row: TaskRow | None = None) -> Action:
        """The view of this transaction that the code behind `task` gets."""
        context = self.context
        return Action(
            context.session, context.now, context.actor, context.source, self.row.id, process_id(task), node_id(task),
            self.row.subject_id, codec.copied(task.data), task_row, f"{self.row.id}:{self.row.history_seq}:{task.id}",
            context.handlers.today, context.parsed,
        )  # fmt: skip

    def passed(self, task: LeanTask) -> None:
        """Note a node without code that the token went through; the next event carries the path."""
        self.path.append(task_key(task))

    def record(self, kind: str, task: LeanTask | None, action: Action | None = None, **payload: Any) -> Event:
        """Add an event with the credit rows changed since the last one and the nodes passed."""
        actor = self.context.actor
        event = Event(
            kind,
            process_id(task) if task is not None else self.row.process,
            node_id(task) if task is not None else None,
            action.task.id if action is not None and action.task is not None else None,
            actor.person_id,
            actor.on_behalf_of,
        )
        event.payload = {key: value for key, value in payload.items() if value not in (None, {}, [])}
        if self.path:
            event.payload["path"], self.path = self.path, []
        if action is not None:
            if action.notes:
                event.payload["notes"] = action.notes
            self.outbox.extend(action.outbox)
        changes = self.recorder.take()
        if changes:
            event.payload["changes"] = changes
        self.events.append(event)
        return event

    def chain(self) -> tuple[list[tuple[Any, ...]], int, bytes]:
        """The history rows, the last number and the last hash."""
        seq, last, rows = self.row.history_seq, self.row.history_hash, []
        for event in self.events:
            seq += 1
            body = history.payload_text(event.payload)
            sha = hashlib.sha256(body.encode()).digest()
            head = history.header(
                self.row.id, seq, self.context.now, event, self.context.source, self.row.definition_id
            )
            last = history.link(last, sha, head)
            rows.append(
                (seq, event.kind, event.process, event.node, event.task_id, event.actor_id, event.on_behalf_of,
                 body, sha, last)
            )  # fmt: skip
        return rows, seq, last


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """name → [before, after] of what changed in process data."""
    names = [*before, *(name for name in after if name not in before)]
    return {
        name: [before.get(name), after.get(name)]
        for name in names
        if before.get(name) != after.get(name) or (name in before) != (name in after)
    }
