"""The engine: every public function is one action in the caller's transaction; the caller commits.

An action locks the instance, restores it, checks that the task is open and that this person may do it, lets the
step's code change credit rows, runs the process to rest and writes everything in one statement. Any exception
leaves the database as it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.timer import CycleTimerEventDefinition
from SpiffWorkflow.bpmn.util.event import BpmnEvent
from sqlalchemy import text
from sqlalchemy.orm import Session

from workflows import clock, codec, history, incidents, store
from workflows.action import SYSTEM, Action, Actor, Handlers, TaskRow, check_data
from workflows.definitions import Cache, Parsed
from workflows.errors import (
    AlreadyAnswered,
    EngineError,
    NotAllowed,
    NotFound,
    NotWaiting,
    Refused,
    ServiceFailed,
    StaleTask,
)
from workflows.recorder import Recorder
from workflows.run import Context, Rest, Run
from workflows.runtime import READY, LeanTask, LeanWorkflow, node_id

Answer = Callable[[Action], Mapping[str, Any]]
MOST_PARKED = 10


class Engine:
    """Runs the processes. One per program; safe to share between threads."""

    def __init__(self, handlers: Handlers) -> None:
        self.handlers = handlers
        self.definitions = Cache()

    # --- actions ----------------------------------------------------------------------------------------------

    def start(
        self,
        session: Session,
        process: str,
        subject_id: int,
        data: Mapping[str, Any],
        actor: Actor,
        source: str,
    ) -> Rest:
        """Start the newest version of `process` about the credit row `subject_id`. Raises NotFound."""
        return self._parking(
            session, lambda parked: self._start(session, process, subject_id, data, actor, source, parked)
        )

    def complete(
        self,
        session: Session,
        task_id: int,
        actor: Actor,
        source: str,
        answer: Answer,
        request_key: str | None = None,
    ) -> Rest:
        """Complete an open user task with what `answer(action)` returns.

        Raises StaleTask (somebody was faster), AlreadyAnswered (this very answer was recorded before), NotAllowed,
        and whatever Refused the step raises. `answer` may be called again when a later service task fails.
        """
        return self._parking(
            session,
            lambda parked: self._complete(session, task_id, actor, source, answer, request_key, parked),
        )

    def send(
        self,
        session: Session,
        instance_id: int,
        message: str,
        actor: Actor,
        source: str,
        data: Mapping[str, Any] | None = None,
        before: Callable[[Action], None] | None = None,
    ) -> Rest:
        """Deliver a message to an instance; `before(action)` may change credit rows and refuse.

        Raises NotWaiting when the instance does not wait for it (any more), NotFound.
        """
        return self._parking(
            session,
            lambda parked: self._send(
                session, instance_id, message, actor, source, data or {}, before, parked
            ),
        )

    def fire_timer(self, session: Session, timer_id: int | None = None) -> Rest | None:
        """Fire the given timer, or the due one that waits longest. None when there is none to claim."""
        wanted = timer_id

        def attempt(parked: frozenset[str]) -> Rest | None:
            nonlocal wanted
            claimed = store.claim_timer(session, clock.now(), wanted)
            if claimed is None:
                return None
            row, timer = claimed
            wanted = timer.id
            try:
                return self._fire(session, row, timer, parked)
            except ServiceFailed as failed:
                if timer.kind == "service" and (failed.process, failed.node) == (timer.process, timer.node):
                    raise TimerFailed(timer.id, failed.error) from failed.error
                raise
            except Exception as error:
                raise TimerFailed(timer.id, error) from error

        return self._parking(session, attempt)

    # --- claiming ---------------------------------------------------------------------------------------------

    def claim(self, session: Session, task_id: int, actor: Actor, source: str) -> None:
        """Take an open task for oneself. Raises StaleTask, NotAllowed."""
        row, task = self._lock_task(session, task_id, actor, None)
        if task.claimed_by == actor.person_id:
            return
        if task.claimed_by is not None:
            raise StaleTask("Somebody else has claimed this task.", task.claimed_by, None)
        with self._opened(session, row, actor, source) as run:
            self.handlers.check_person(run.action(self._task(run.workflow, task), task))
        self._assign(session, row, task, actor, source, "claimed", actor.person_id)

    def put_back(self, session: Session, task_id: int, actor: Actor, source: str) -> None:
        """Give a claimed task back to its group. Raises StaleTask, NotAllowed when it is somebody else's."""
        row, task = self._lock_task(session, task_id, actor, None)
        if task.claimed_by is None:
            return
        if task.claimed_by != actor.person_id:
            raise NotAllowed("Only the person who claimed a task puts it back.")
        self._assign(session, row, task, actor, source, "put_back", None)

    def delegate(self, session: Session, task_id: int, to_person: int, actor: Actor, source: str) -> None:
        """Hand a task that is one's own (or unclaimed) to another person who may do it."""
        row, task = self._lock_task(session, task_id, actor, None)
        if task.claimed_by not in (None, actor.person_id):
            raise NotAllowed("Only the person who claimed a task hands it on.")
        for person in (actor, Actor(to_person)):
            with self._opened(session, row, person, source) as run:
                self.handlers.check_person(run.action(self._task(run.workflow, task), task))
        self._assign(session, row, task, actor, source, "delegated", to_person)

    def look(self, session: Session, task_id: int, actor: Actor) -> Action:
        """The open task for showing its page: nothing is locked or changed. Raises StaleTask, NotFound."""
        row = store.read_task(session, task_id)
        if row is None:
            raise self._stale(session, task_id, actor, None)
        instance, task = row
        with self._opened(session, instance, actor, "look") as run:
            return run.action(self._task(run.workflow, task), task)

    # --- inside -----------------------------------------------------------------------------------------------

    def _parking(self, session: Session, attempt: Callable[[frozenset[str]], Any]) -> Any:
        """Try; when a service task fails, discard all and do it again with the token resting before that node."""
        parked: frozenset[str] = frozenset()
        for _ in range(MOST_PARKED):
            try:
                return attempt(parked)
            except ServiceFailed as failed:
                incidents.log_failure(failed)
                session.rollback()
                node = f"{failed.process}/{failed.node}"
                if node in parked:
                    raise EngineError(f"{node} failed although it was parked.") from failed
                parked |= {node}
        raise EngineError("Too many service tasks failed in one action.")

    def _parsed(self, session: Session, identifier: int, sha256: str) -> Parsed:
        return self.definitions.known(identifier, sha256) or self.definitions.get(session, identifier)

    def _opened(self, session: Session, row: store.InstanceRow, actor: Actor, source: str) -> _Opened:
        return _Opened(self, session, row, actor, source)

    def _start(
        self,
        session: Session,
        process: str,
        subject_id: int,
        data: Mapping[str, Any],
        actor: Actor,
        source: str,
        parked: frozenset[str],
    ) -> Rest:
        fresh = store.new_instance(session, process)
        if fresh is None:
            raise NotFound(f"There is no process {process!r}.")
        number, definition_id, sha256 = fresh
        row = store.InstanceRow(
            number, definition_id, process, subject_id, 0, None, 0, history.FIRST_HASH, None, sha256
        )
        with self._opened(session, row, actor, source) as run:
            run.parked = parked
            run.workflow.task_tree.data = check_data(data, f"the start of {process}")
            run.record("started", None, data={name: [None, value] for name, value in data.items()})
            run.to_rest()
            return run.save(start=True)

    def _complete(
        self,
        session: Session,
        task_id: int,
        actor: Actor,
        source: str,
        answer: Answer,
        request_key: str | None,
        parked: frozenset[str],
    ) -> Rest:
        row, task = self._lock_task(session, task_id, actor, request_key)
        if task.claimed_by not in (None, actor.person_id, actor.on_behalf_of):
            raise NotAllowed("Somebody else has claimed this task.")
        with self._opened(session, row, actor, source) as run:
            run.parked = parked
            live = self._task(run.workflow, task)
            action = run.action(live, task)
            self.handlers.check_person(action)
            run.answer(live, action, answer(action), request_key)
            run.to_rest()
            return run.save()

    def _send(
        self,
        session: Session,
        instance_id: int,
        message: str,
        actor: Actor,
        source: str,
        data: Mapping[str, Any],
        before: Callable[[Action], None] | None,
        parked: frozenset[str],
    ) -> Rest:
        row = store.lock_instance(session, instance_id)
        if row is None:
            raise NotFound(f"There is no process number {instance_id}.")
        if row.state is None:
            raise NotWaiting("This process has already ended.")
        with self._opened(session, row, actor, source) as run:
            run.parked = parked
            found = [task for (number, name) in run.before.messages if name == message
                     and (task := run.workflow.get_task_from_id(number)) is not None]  # fmt: skip
            if not found:
                raise NotWaiting("This process does not wait for that any more.")
            action = run.action(found[0])
            if before is not None:
                before(action)
            payload = check_data(data, f"the message {message}")
            run.record(
                "message", found[0], action, message=message, data={k: [None, v] for k, v in payload.items()}
            )
            run.workflow.send_event(BpmnEvent(MessageEventDefinition(message), payload=payload))
            run.to_rest()
            return run.save()

    def _fire(
        self, session: Session, row: store.InstanceRow, timer: store.TimerRow, parked: frozenset[str]
    ) -> Rest:
        with self._opened(session, row, SYSTEM, f"timer:{timer.id}") as run:
            run.parked = parked
            task = run.workflow.get_task_from_id(timer.task_no)
            if task is None:
                raise EngineError(f"The timer {timer.id} belongs to a step that is gone.")
            if timer.kind == "service":
                run.resume(task)
            else:
                run.record("timer_fired", task, due=timer.due_at)
                _fire_event(task)
            run.to_rest()
            return run.save()

    def _lock_task(
        self, session: Session, task_id: int, actor: Actor, request_key: str | None
    ) -> tuple[store.InstanceRow, TaskRow]:
        found = store.lock_task(session, task_id)
        if found is None:
            raise self._stale(session, task_id, actor, request_key)
        return found

    def _task(self, workflow: LeanWorkflow, row: TaskRow) -> LeanTask:
        task = workflow.get_task_from_id(row.task_no)
        if task is None or task._state != READY or not task.task_spec.manual or node_id(task) != row.node:
            raise EngineError(f"The open task {row.id} does not match the state of its process.")
        return task

    def _assign(
        self,
        session: Session,
        row: store.InstanceRow,
        task: TaskRow,
        actor: Actor,
        source: str,
        kind: str,
        claimed_by: int | None,
    ) -> None:
        event = history.Event(
            kind, task.process, task.node, task.id, actor.person_id, actor.on_behalf_of,
            {"claimed_by": [task.claimed_by, claimed_by]},
        )  # fmt: skip
        now, seq = clock.now(), row.history_seq + 1
        body = history.payload_text(event.payload)
        sha = hashlib.sha256(body.encode()).digest()
        head = history.header(row.id, seq, now, event, source, row.definition_id)
        chained = history.link(row.history_hash, sha, head)
        values = (
            seq,
            kind,
            event.process,
            event.node,
            task.id,
            event.actor_id,
            event.on_behalf_of,
            body,
            sha,
            chained,
        )
        params = {
            "instance": row.id, "definition": row.definition_id, "now": now, "source": source, "task": task.id,
            "history_seq": seq, "history_hash": chained,
        }  # fmt: skip
        store.claim(session, params, values, claimed_by)

    def _stale(self, session: Session, task_id: int, actor: Actor, request_key: str | None) -> Refused:
        row = session.execute(
            text(
                """SELECT instance_id, actor_id, at, payload FROM history WHERE task_id = :id
                   AND kind = 'task_completed' ORDER BY id DESC LIMIT 1"""
            ),
            {"id": task_id},
        ).first()
        if row is None:
            known = session.execute(
                text("SELECT max(at) FROM history WHERE task_id = :id"), {"id": task_id}
            ).scalar()
            highest = session.execute(
                text("SELECT last_value FROM pg_sequences WHERE sequencename = 'open_task_id_seq'")
            ).scalar()
            if known is None and (highest is None or task_id > highest or task_id < 1):
                return NotFound("There is no such task.")
            return StaleTask("This task is no longer open: the process moved on without it.", None, known)
        recorded = orjson.loads(row.payload or "{}").get("request")
        if request_key is not None and recorded == request_key and row.actor_id == actor.person_id:
            return AlreadyAnswered(row.instance_id, task_id)
        return StaleTask("This task has already been decided.", row.actor_id, row.at)


class TimerFailed(Exception):
    """Firing a timer failed; the worker rolls back and schedules the next attempt."""

    def __init__(self, timer_id: int, error: BaseException) -> None:
        super().__init__(f"{type(error).__name__}: {error}")
        self.timer_id = timer_id


def _fire_event(task: LeanTask) -> None:
    definition = task.task_spec.event_definition
    if isinstance(definition, CycleTimerEventDefinition):
        _skip_missed(task.internal_data["event_value"], clock.now())
    else:
        task._set_internal_data(event_fired=True)
    task.task_spec._update(task)


def _skip_missed(value: dict[str, Any], now: datetime) -> None:
    """After a long rest a repeating timer fires once, not once for each cycle that was missed."""
    step = timedelta(seconds=value["duration"])
    if step <= timedelta(0):
        return
    upcoming = datetime.fromisoformat(value["next"])
    missed = int((now - upcoming) / step)
    if missed > 0:
        if value["cycles"] > 0:
            missed = min(missed, value["cycles"] - 1)
            value["cycles"] -= missed
        value["next"] = (upcoming + missed * step).isoformat()


class _Opened:
    """Restores an instance for the length of one action and records the caller's changes meanwhile."""

    def __init__(
        self, engine: Engine, session: Session, row: store.InstanceRow, actor: Actor, source: str
    ) -> None:
        self._engine, self._session, self._row = engine, session, row
        self._actor, self._source = actor, source
        self._recorder = Recorder(session)

    def __enter__(self) -> Run:
        row, engine = self._row, self._engine
        parsed = engine._parsed(self._session, row.definition_id, row.sha256)
        context = Context(self._session, engine.handlers, parsed, self._actor, self._source, clock.now())
        if row.state is None:
            workflow = LeanWorkflow(parsed.spec, parsed.subprocess_specs)
        else:
            workflow = codec.load(row.state, parsed.spec, parsed.subprocess_specs)
        self._recorder.__enter__()
        return Run(context, row, workflow, self._recorder)

    def __exit__(self, *exc: object) -> None:
        self._recorder.__exit__(*exc)
