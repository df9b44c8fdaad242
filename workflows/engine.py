"""The engine: every public function is one action in the caller's transaction; the caller commits.

An action locks the instance, restores it, checks that the task is open and that this person may do it, lets the
step's code change credit rows, runs the process to rest and writes everything in one statement. Any exception
leaves the database as it was, once the caller has rolled back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.util.event import BpmnEvent
from sqlalchemy.orm import Session

from workflows import clock, codec, history, stale, store, takeback
from workflows.action import SYSTEM, Action, Actor, Handlers, TaskRow, check_data
from workflows.definitions import Cache
from workflows.errors import Conflict, EngineError, NotAllowed, NotFound, NotWaiting, StaleTask
from workflows.journal import Context
from workflows.recorder import Recorder
from workflows.run import Rest, Run
from workflows.runtime import READY, LeanTask, LeanWorkflow, node_id
from workflows.waiting import Waiting, fire, waiting

Answer = Callable[[Action], Mapping[str, Any]]
# An instance, locked, and whether timers of it are overdue.
Held = tuple[store.InstanceRow, bool]


class TimerFailed(Exception):
    """Firing a timer failed; the worker rolls back and schedules the next attempt."""

    def __init__(self, timer_id: int, error: BaseException) -> None:
        super().__init__(f"{type(error).__name__}: {error}")
        self.timer_id = timer_id
        self.error = error


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
        fresh: store.Fresh | None = None,
    ) -> Rest:
        """Start the newest version of `process` about the credit row `subject_id`. Raises NotFound.

        `fresh` is one of `numbers`, for who starts many.
        """
        fresh = fresh or self.numbers(session, process, 1)[0]
        row = store.InstanceRow(
            fresh.number,
            fresh.definition_id,
            process,
            subject_id,
            0,
            None,
            0,
            history.FIRST_HASH,
            None,
            fresh.sha256,
        )
        with self._restored(session, row, actor, source) as run:
            run.workflow.task_tree.data = check_data(data, f"the start of {process}")
            run.journal.record("started", None, data={name: [None, value] for name, value in data.items()})
            run.to_rest()
            return run.save(start=True)

    def numbers(self, session: Session, process: str, count: int) -> list[store.Fresh]:
        """The numbers of so many instances that are about to start, in one statement. Raises NotFound."""
        fresh = store.new_instances(session, process, count)
        if len(fresh) < count:
            raise NotFound("There is no process “%(process)s”.", process=process)
        return fresh

    def complete(
        self,
        session: Session,
        task_id: int,
        actor: Actor,
        source: str,
        answer: Answer,
        request_key: str | None = None,
        hold: timedelta | None = None,
    ) -> Rest:
        """Complete an open user task with what `answer(action)` returns; it is called once.

        With `hold` the step can be taken back for so long, and what it posts waits until then, where the step and
        all that ran after it know how to undo what they did.

        Raises StaleTask (somebody was faster), AlreadyAnswered (this very answer was recorded before), NotAllowed,
        and whatever Refused the step raises.
        """
        row, task = self._lock_task(session, task_id, actor, request_key)
        if task.claimed_by not in (None, actor.person_id, actor.on_behalf_of):
            raise NotAllowed("Somebody else has claimed this task.")
        with self._restored(session, row, actor, source) as run:
            live = self._live(run.workflow, task)
            action = run.action(live, task)
            self._check_person(action)
            run.answer(live, action, answer(action), request_key)
            run.to_rest()
            return run.save(hold=hold)

    def opened(self, session: Session, instance_id: int, actor: Actor) -> bool:
        """Somebody opens the case: unless it is whoever acted last, that step now stands. True: commit."""
        return takeback.opened(session, instance_id, actor.person_id, clock.now())

    def may_take_back(self, session: Session, instance_id: int, actor: Actor) -> datetime | None:
        """Until when this person can take the last step of the instance back; None when they cannot."""
        return takeback.until(session, instance_id, actor.person_id or 0, clock.now())

    def take_back(self, session: Session, instance_id: int, actor: Actor, source: str) -> Rest:
        """Undo the last human step: the state before it, its facts undone by its own code, its posts dropped.

        The task is open again, in the hands of whoever decided. Raises NotFound, NotAllowed (somebody else decided)
        and Conflict (opened, over, moved on, taken back already), each with its sentence.
        """
        row = store.lock_instance(session, instance_id)
        if row is None:
            raise NotFound("There is no process number %(number)s.", number=instance_id)
        kept = takeback.locked(session, row, actor, clock.now())
        takeback.forget(session, instance_id, kept.history_seq)
        parsed = self.definitions.get(session, row.definition_id)
        now_waits = Waiting()
        if row.state is not None:
            present = codec.load(row.state, parsed.spec, parsed.subprocess_specs)
            now_waits = waiting(present, clock.now())
        before = replace(row, state=kept.state)
        with self._restored(session, before, Actor(actor.person_id, kept.on_behalf_of), source) as run:
            task = run.take_back(now_waits, (kept.process, kept.node), kept.actor_id)
            action = run.action(task)
            for done in takeback.done_since(session, instance_id, kept.history_seq):
                self._undo(action, done)
            run.journal.record("taken_back", task, action, events=kept.history_seq)
            return run.save()

    def _undo(self, action: Action, done: takeback.Done) -> None:
        if done.node is None or not (done.changes or done.kind == "task_completed"):
            return
        hooks = self.handlers.take_back if done.kind == "task_completed" else self.handlers.undo
        undo = hooks(done.process, done.node)
        if undo is None:
            raise Conflict(
                "Something that followed from this decision cannot be undone; the decision stands."
            )
        undo(replace(action, process=done.process, node=done.node, undoes=list(done.changes)))
        action.session.flush()

    def send(
        self,
        session: Session,
        instance_id: int,
        message: str,
        actor: Actor,
        source: str,
        data: Mapping[str, Any] | None = None,
        before: Callable[[Action], None] | None = None,
        held: Held | None = None,
    ) -> Rest:
        """Deliver a message to an instance; `before(action)` may change credit rows and refuse.

        Timers that were due before it fire first, also when no worker has come to them yet: a message that met them
        at the same gateway would be lost. `held` is what `hold` gave for the instance, for who tells many.

        Raises NotWaiting when the instance does not wait for it (any more), NotFound.
        """
        row, late = self._to_tell(session, instance_id, held)
        if late:
            for timer_id in store.overdue_events(session, instance_id, clock.now()):
                self.fire_timer(session, timer_id)
            row, _ = self._to_tell(session, instance_id, None)
        with self._restored(session, row, actor, source) as run:
            number = next((number for number, name in run.before.messages if name == message), None)
            catch = run.workflow.get_task_from_id(number) if number is not None else None
            if catch is None:
                raise NotWaiting("This process does not wait for that any more.")
            action = run.action(catch)
            if before is not None:
                before(action)
            payload = check_data(data or {}, f"the message {message}")
            shown = {name: [None, value] for name, value in payload.items()}
            run.journal.record("message", catch, action, message=message, data=shown)
            run.workflow.send_event(BpmnEvent(MessageEventDefinition(message), payload=payload))
            run.to_rest()
            return run.save()

    def hold(self, session: Session, instance_ids: Iterable[int]) -> dict[int, Held]:
        """Lock so many instances in one statement, for one message to each of them: by number, what `send` takes."""
        return store.lock_all_to_tell(session, sorted(instance_ids), clock.now())

    def _to_tell(
        self, session: Session, instance_id: int, held: Held | None
    ) -> tuple[store.InstanceRow, bool]:
        """The instance, locked, that a message is for, and whether timers of it are overdue. Raises NotFound,
        NotWaiting."""
        found = held or store.lock_to_tell(session, instance_id, clock.now())
        if found is None:
            raise NotFound("There is no process number %(instance_id)s.", instance_id=instance_id)
        if found[0].state is None:
            raise NotWaiting("This process has already ended.")
        return found

    def fire_timer(self, session: Session, timer_id: int | None = None) -> Rest | None:
        """Fire the given timer, or the due one that waits longest. None when there is none to claim.

        Raises TimerFailed; the caller rolls back and tells `incidents.timer_failed`.
        """
        claimed = store.claim_timer(session, clock.now(), timer_id)
        if claimed is None:
            return None
        row, timer = claimed
        try:
            with self._restored(session, row, SYSTEM, f"timer:{timer.id}", background=True) as run:
                task = run.workflow.get_task_from_id(timer.task_no)
                if task is None:
                    raise EngineError(f"The timer {timer.id} belongs to a step that is gone.")
                if timer.kind == "service":
                    run.resume(task)
                else:
                    run.journal.record("timer_fired", task, due=timer.due_at)
                    fire(task, run.context.now)
                run.to_rest()
                return run.save()
        except Exception as error:
            raise TimerFailed(timer.id, error) from error

    # --- claiming ---------------------------------------------------------------------------------------------

    def claim(self, session: Session, task_id: int, actor: Actor, source: str) -> None:
        """Take an open task for oneself; from somebody who may no longer do it, it is taken over, on record.

        Raises StaleTask, NotAllowed.
        """
        row, task = self._lock_task(session, task_id, actor, None)
        if task.claimed_by == actor.person_id:
            return
        if task.claimed_by is not None and self._able(session, row, task, task.claimed_by, source):
            raise StaleTask("Somebody else has claimed this task.", task.claimed_by, None)
        self._check_may(session, row, task, actor, source)
        kind = "claimed" if task.claimed_by is None else "taken_over"
        self._assign(session, row, task, actor, source, kind, actor.person_id)

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
            self._check_may(session, row, task, person, source)
        self._assign(session, row, task, actor, source, "delegated", to_person)

    def hand_over(self, session: Session, task_id: int, to_person: int, actor: Actor, source: str) -> None:
        """Give a task, whoever has claimed it, to another person who may do it. Whether `actor` may hand on the work
        of others is the caller's to check. Raises StaleTask, NotAllowed.
        """
        row, task = self._lock_task(session, task_id, actor, None)
        if task.claimed_by == to_person:
            return
        self._check_may(session, row, task, Actor(to_person), source)
        self._assign(session, row, task, actor, source, "delegated", to_person)

    def remark(
        self,
        session: Session,
        instance_id: int,
        actor: Actor,
        source: str,
        kind: str,
        facts: Mapping[str, Any],
    ) -> None:
        """Add what somebody said about a case to its history; the process does not move. Raises NotFound."""
        row = store.lock_instance(session, instance_id)
        if row is None:
            raise NotFound("There is no process number %(instance_id)s.", instance_id=instance_id)
        event = history.Event(kind, row.process, None, None, actor.person_id, actor.on_behalf_of, dict(facts))
        store.remark(session, *_chained(row, event, source))

    def look(self, session: Session, task_id: int, actor: Actor, request_key: str | None = None) -> Action:
        """The open task for showing its page: nothing is locked or changed.

        Raises StaleTask, NotFound, and AlreadyAnswered when the actor closed it with this request key.
        """
        found = store.read_task(session, task_id)
        if found is None:
            raise stale.why(session, task_id, actor, request_key)
        row, task = found
        with self._restored(session, row, actor, "look") as run:
            return run.action(self._live(run.workflow, task), task)

    # --- inside -----------------------------------------------------------------------------------------------

    @contextmanager
    def _restored(
        self, session: Session, row: store.InstanceRow, actor: Actor, source: str, background: bool = False
    ) -> Iterator[Run]:
        """The instance for the length of one action; the caller's changes are recorded meanwhile."""
        parsed = self.definitions.known(row.definition_id, row.sha256)
        parsed = parsed or self.definitions.get(session, row.definition_id)
        context = Context(session, self.handlers, parsed, actor, source, clock.now(), background)
        if row.state is None:
            workflow = LeanWorkflow(parsed.spec, parsed.subprocess_specs)
        else:
            workflow = codec.load(row.state, parsed.spec, parsed.subprocess_specs)
        with Recorder(session) as recorder:
            yield Run(context, row, workflow, recorder)

    def _lock_task(
        self, session: Session, task_id: int, actor: Actor, request_key: str | None
    ) -> tuple[store.InstanceRow, TaskRow]:
        found = store.lock_task(session, task_id)
        if found is None:
            raise stale.why(session, task_id, actor, request_key)
        return found

    @staticmethod
    def _live(workflow: LeanWorkflow, row: TaskRow) -> LeanTask:
        task = workflow.get_task_from_id(row.task_no)
        if task is None or task._state != READY or not task.task_spec.manual or node_id(task) != row.node:
            raise EngineError(f"The open task {row.id} does not match the state of its process.")
        return task

    def _check_person(self, action: Action) -> None:
        self.handlers.check_person(action)
        excluded = action.task.excluded if action.task is not None else ()
        if action.actor.person_id in excluded or action.actor.on_behalf_of in excluded:
            raise NotAllowed("This task must be done by somebody else: you took part in what it is about.")

    def _check_may(
        self, session: Session, row: store.InstanceRow, task: TaskRow, person: Actor, source: str
    ) -> None:
        with self._restored(session, row, person, source) as run:
            self._check_person(run.action(self._live(run.workflow, task), task))

    def _able(
        self, session: Session, row: store.InstanceRow, task: TaskRow, person_id: int, source: str
    ) -> bool:
        """Whether a person may still do a task, in their own right or for somebody they substitute."""
        with self._restored(session, row, Actor(person_id), source) as run:
            action = run.action(self._live(run.workflow, task), task)
            for principal in (None, *self.handlers.principals(action, person_id)):
                action.actor = Actor(person_id, principal)
                try:
                    self._check_person(action)
                except NotAllowed:
                    continue
                return True
        return False

    @staticmethod
    def _assign(
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
        head, values = _chained(row, event, source)
        store.claim(session, head | {"task": task.id}, values, claimed_by)


def _chained(
    row: store.InstanceRow, event: history.Event, source: str
) -> tuple[dict[str, Any], tuple[Any, ...]]:
    """The next link of an instance's history: what `store` writes for the instance, and the event's row."""
    now, seq = clock.now(), row.history_seq + 1
    body = history.payload_text(event.payload)
    sha = hashlib.sha256(body.encode()).digest()
    chained = history.link(
        row.history_hash, sha, history.header(row.id, seq, now, event, source, row.definition_id)
    )
    values = (
        seq, event.kind, event.process, event.node, event.task_id, event.actor_id, event.on_behalf_of, body, sha,
        chained,
    )  # fmt: skip
    head = {
        "instance": row.id, "definition": row.definition_id, "now": now, "source": source,
        "history_seq": seq, "history_hash": chained,
    }  # fmt: skip
    return head, values
