"""One action on one instance: runs the workflow to rest, gathers its events and writes them in one statement."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.multiple import MultipleEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition
from SpiffWorkflow.bpmn.specs.mixins.events.end_event import EndEvent
from sqlalchemy.orm import Session

from workflows import codec, decisions, history, store
from workflows.action import Action, Actor, Handlers, Message, TaskRow, check_data
from workflows.definitions import Parsed
from workflows.errors import Conflict, EngineError, Refused, ServiceFailed
from workflows.history import Event
from workflows.recorder import Recorder
from workflows.runtime import READY, LeanTask, LeanWorkflow, node_id, task_key
from workflows.specs import DecisionTask, ServiceTask

FIRST_RETRY = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class OpenedTask:
    """A user task that an action opened."""

    id: int
    process: str
    node: str
    role: str


@dataclass(frozen=True, slots=True)
class Rest:
    """Where an instance came to rest. `outcome` is the id of the end event once it has ended."""

    instance_id: int
    version: int
    ended: bool
    outcome: str | None
    opened: tuple[OpenedTask, ...]
    parked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Context:
    """What stays the same during an action."""

    session: Session
    handlers: Handlers
    parsed: Parsed
    actor: Actor
    source: str
    now: datetime


@dataclass
class Waiting:
    """What an instance waits for, by task number."""

    tasks: dict[int, LeanTask] = field(default_factory=dict)
    timers: dict[tuple[int, str], tuple[str, str, datetime]] = field(default_factory=dict)
    messages: dict[tuple[int, str], tuple[str, str]] = field(default_factory=dict)


def waiting(workflow: LeanWorkflow, retry_at: datetime) -> Waiting:
    """Open user tasks, timers with their due instants, messages; parked service tasks wait for `retry_at`."""
    found = Waiting()
    for task in workflow.all_tasks():
        if task._state == READY:
            if task.task_spec.manual:
                found.tasks[task.id] = task
            else:
                found.timers[task.id, "service"] = (task.workflow.spec.name, node_id(task), retry_at)
    for task in workflow.event_manager.tasks.values():
        definition = task.task_spec.event_definition
        kinds = (
            definition.event_definitions if isinstance(definition, MultipleEventDefinition) else [definition]
        )
        for kind in kinds:
            if isinstance(kind, TimerEventDefinition):
                due = due_instant(task)
                if due is not None:
                    found.timers[task.id, "event"] = (task.workflow.spec.name, node_id(task), due)
            elif isinstance(kind, MessageEventDefinition):
                found.messages[task.id, kind.name] = (task.workflow.spec.name, node_id(task))
    return found


def due_instant(task: LeanTask) -> datetime | None:
    """When the timer of `task` fires (UTC); None when it has run out."""
    value = task.internal_data.get("event_value")
    if isinstance(value, dict):
        if value["cycles"] == 0:
            return None
        value = value["next"]
    if value is None:
        return None
    due = TimerEventDefinition.parse_time_or_duration(value)
    if not isinstance(due, datetime):
        raise EngineError(f"The timer {node_id(task)} has no instant but {value!r}.")
    return due.astimezone(UTC)


class Run:
    """The transaction of one action. Use: do something, `to_rest()`, `save()`; any exception discards it all."""

    def __init__(
        self, context: Context, row: store.InstanceRow, workflow: LeanWorkflow, recorder: Recorder
    ) -> None:
        self.context = context
        self.row = row
        self.workflow = workflow
        self.recorder = recorder
        self.events: list[Event] = []
        self.outbox: list[Message] = []
        self.before = waiting(workflow, context.now) if row.state is not None else Waiting()
        self.parked: frozenset[str] = frozenset()
        self._path: list[str] = []
        self._facts: dict[str, Any] = {}
        self._outcome: str | None = None
        workflow.host = self

    # --- events -----------------------------------------------------------------------------------------------

    def action(self, task: LeanTask, task_row: TaskRow | None = None) -> Action:
        """The view of this transaction that the code behind `task` gets."""
        context = self.context
        return Action(
            context.session, context.now, context.actor, context.source, self.row.id, task.workflow.spec.name,
            node_id(task), self.row.subject_id, dict(task.data), task_row,
            f"{self.row.id}:{self.row.history_seq + len(self.events) + 1}", context.handlers.today,
        )  # fmt: skip

    def record(self, kind: str, task: LeanTask | None, action: Action | None = None, **payload: Any) -> Event:
        """Add an event; the nodes passed since the last one go with it."""
        actor = self.context.actor
        event = Event(
            kind,
            task.workflow.spec.name if task is not None else self.row.process,
            node_id(task) if task is not None else None,
            action.task.id if action is not None and action.task is not None else None,
            actor.person_id,
            actor.on_behalf_of,
        )
        event.payload = {key: value for key, value in payload.items() if value not in (None, {}, [])}
        if self._path:
            event.payload["path"], self._path = self._path, []
        if action is not None:
            if action.notes:
                event.payload["notes"] = action.notes
            self.outbox.extend(action.outbox)
        changes = self.recorder.take()
        if changes:
            event.payload["changes"] = changes
        self.events.append(event)
        return event

    def _observe(self, task: LeanTask, before: dict[str, Any]) -> None:
        spec = task.task_spec
        if isinstance(spec, ServiceTask | DecisionTask):
            kind = "service_run" if isinstance(spec, ServiceTask) else "decided"
            facts, self._facts = self._facts, {}
            self.record(kind, task, facts.pop("action"), data=difference(before, task.data), **facts)
        elif self.context.parsed.node(task.workflow.spec.name, node_id(task)) is not None:
            self._path.append(task_key(task))
            if isinstance(spec, EndEvent) and task.workflow is self.workflow:
                self._outcome = node_id(task)

    # --- what SpiffWorkflow asks of its host ------------------------------------------------------------------

    def run_service(self, task: LeanTask) -> None:
        """Run the code behind a service task; what it returns becomes process data."""
        action = self.action(task)
        where = task_key(task)
        try:
            result = self.context.handlers.service(action.process, action.node)(action) or {}
            self.context.session.flush()
        except (Refused, EngineError):
            raise
        except Exception as error:
            raise ServiceFailed(action.process, action.node, error) from error
        task.data.update(check_data(result, where))
        self._facts = {"action": action}

    def run_decision(self, task: LeanTask, table: Any) -> None:
        """Ask a decision table; inputs, matched row and outputs go into the history."""
        action = self.action(task)
        handlers = self.context.handlers
        try:
            inputs = handlers.inputs(action.process, action.node)(action)
            decided = decisions.decide(table, inputs)
            outputs = handlers.outputs(action.process, action.node)
            result = outputs(action, decided.outputs) if outputs is not None else decided.outputs
        except (Refused, EngineError):
            raise
        except Exception as error:
            raise ServiceFailed(action.process, action.node, error) from error
        task.data.update(check_data(result, task_key(task)))
        rule = {"table": decided.table, "row": decided.row, "id": decided.rule_id}
        self._facts = {"action": action, "inputs": dict(inputs), "rule": rule, "outputs": decided.outputs}

    # --- moving -----------------------------------------------------------------------------------------------

    def answer(
        self, task: LeanTask, action: Action, answer: Mapping[str, Any], request_key: str | None
    ) -> None:
        """Complete a user task with its whitelisted answer."""
        before = task.data
        task.data = {**before, **check_data(answer, task_key(task))}
        after = task.data
        task.run()
        self.record("task_completed", task, action, data=difference(before, after), request=request_key)

    def to_rest(self) -> None:
        """Run automatic tasks until only people, timers and messages are waited for."""
        self.workflow.run_to_rest(self._observe, self.parked)

    def resume(self, task: LeanTask) -> None:
        """Run a parked service or decision task."""
        self.workflow.run_one(task, self._observe)

    # --- writing ----------------------------------------------------------------------------------------------

    def save(self, start: bool = False) -> Rest:
        """Write everything in one statement. Raises Conflict when the instance changed under our feet."""
        left = [task for task in self.workflow.ready() if task_key(task) not in self.parked]
        if left or self.workflow.bpmn_events:
            raise EngineError(f"The process {self.row.process} did not come to rest.")
        ended = self._ended()
        after = Waiting() if ended else waiting(self.workflow, self.context.now + FIRST_RETRY)
        if not (ended or after.tasks or after.timers or after.messages):
            raise EngineError(f"The process {self.row.process} waits for nothing and has not ended.")
        changes = store.Changes(
            None if ended else codec.dump(self.workflow), codec.VERSION, self._outcome if ended else None
        )
        self._compare(after, changes)
        self._close(changes, ended)
        changes.outbox = self.outbox
        self._chain(changes)
        written = store.write(self.context.session, self._head(), changes, start)
        if written is None:
            raise Conflict("Somebody else changed this process at the same moment; nothing was saved.")
        opened = tuple(
            OpenedTask(written[o.task_no], o.process, o.node, o.assignment.role) for o in changes.opened
        )
        parked = tuple(sorted(node for (_, kind), (_, node, _) in after.timers.items() if kind == "service"))
        return Rest(self.row.id, self.row.version + 1, ended, changes.outcome, opened, parked)

    def _ended(self) -> bool:
        return bool(self.workflow.completed)

    def _compare(self, after: Waiting, changes: store.Changes) -> None:
        before = self.before
        changes.closed_tasks = [number for number in before.tasks if number not in after.tasks]
        for number, task in after.tasks.items():
            if number not in before.tasks:
                changes.opened.append(self._open(task))
        for key, timer in after.timers.items():
            if before.timers.get(key) != timer and not (key[1] == "service" and key in before.timers):
                changes.timers.append((key[0], key[1], *timer))
                if key in before.timers:
                    changes.gone_timers.append(key)
        changes.gone_timers += [key for key in before.timers if key not in after.timers]
        changes.gone_messages = [key for key in before.messages if key not in after.messages]
        changes.messages = [
            (number, name, process, node)
            for (number, name), (process, node) in after.messages.items()
            if (number, name) not in before.messages
        ]

    def _open(self, task: LeanTask) -> store.Opened:
        process, node = task.workflow.spec.name, node_id(task)
        drawn = self.context.parsed.node(process, node)
        if drawn is None or drawn.lane is None:
            raise EngineError(f"The user task {process}/{node} stands in no lane.")
        assignment = self.context.handlers.assign(self.action(task), drawn.lane)
        return store.Opened(task.id, process, node, assignment)

    def _close(self, changes: store.Changes, ended: bool) -> None:
        """Say in the last event what opened, what was cancelled and whether the process ended."""
        completed = {event.node for event in self.events if event.kind == "task_completed"}
        closed = [self.before.tasks[number] for number in changes.closed_tasks]
        cancelled = [task_key(task) for task in closed if node_id(task) not in completed]
        if ended:
            self.record("ended", None, outcome=changes.outcome, cancelled=cancelled)
            return
        if not self.events:
            raise EngineError("An action left no event.")
        last = self.events[-1]
        if self._path:
            last.payload["to"], self._path = self._path, []
        if changes.opened:
            last.payload["opened"] = [
                {"task": o.task_no, "process": o.process, "node": o.node, "role": o.assignment.role}
                for o in changes.opened
            ]
        if cancelled:
            last.payload["cancelled"] = cancelled

    def _chain(self, changes: store.Changes) -> None:
        seq, previous = self.row.history_seq, self.row.history_hash
        for event in self.events:
            seq += 1
            body = history.payload_text(event.payload)
            sha = hashlib.sha256(body.encode()).digest()
            head = history.header(
                self.row.id, seq, self.context.now, event, self.context.source, self.row.definition_id
            )
            previous = history.link(previous, sha, head)
            changes.history.append(
                (seq, event.kind, event.process, event.node, event.task_id, event.actor_id, event.on_behalf_of,
                 body, sha, previous)
            )  # fmt: skip
        changes.history_seq, changes.history_hash = seq, previous

    def _head(self) -> dict[str, Any]:
        context, row = self.context, self.row
        return {
            "instance": row.id, "definition": row.definition_id, "process": row.process, "subject": row.subject_id,
            "version": row.version, "started_by": context.actor.person_id, "person": context.actor.person_id,
            "source": context.source, "now": context.now,
        }  # fmt: skip


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """name → [before, after] of what changed in process data."""
    names = [*before, *(name for name in after if name not in before)]
    return {
        name: [before.get(name), after.get(name)]
        for name in names
        if before.get(name) != after.get(name) or (name in before) != (name in after)
    }
