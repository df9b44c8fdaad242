"""One action on one instance: runs the workflow to rest and writes everything it changed in one statement."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from SpiffWorkflow.bpmn.specs.mixins.events.end_event import EndEvent
from sqlalchemy.exc import DBAPIError

from workflows import codec, decisions, store
from workflows.action import SYSTEM, Action, TaskRow, check_data
from workflows.errors import Conflict, EngineError, Refused
from workflows.journal import Context, Journal, difference
from workflows.recorder import Recorder, is_undone_as_a_whole
from workflows.runtime import LeanTask, LeanWorkflow, node_id, process_id, task_key
from workflows.specs import DecisionTask, ServiceTask
from workflows.waiting import Waiting, waiting

FIRST_RETRY = timedelta(seconds=30)
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OpenedTask:
    """A user task that an action opened."""

    id: int
    process: str
    node: str
    role: str


@dataclass(frozen=True, slots=True)
class Rest:
    """Where an instance came to rest. `outcome` is the id of the end event once it has ended.

    `parked` names the service tasks that failed and are tried again by a worker.
    """

    instance_id: int
    version: int
    ended: bool
    outcome: str | None
    opened: tuple[OpenedTask, ...]
    parked: tuple[str, ...]


class Run:
    """The transaction of one action. Use: do something, `to_rest()`, `save()`; any exception discards it all.

    A service task's code runs in a savepoint: when it fails, only its own changes are undone, the token rests before
    it and a worker tries again, so what the person answered is kept and `answer` is never called twice. Only what is
    undone as a whole has none: there the failure is raised.
    """

    def __init__(
        self, context: Context, row: store.InstanceRow, workflow: LeanWorkflow, recorder: Recorder
    ) -> None:
        self.context = context
        self.row = row
        self.workflow = workflow
        self.journal = Journal(context, row, recorder)
        self.before = waiting(workflow, context.now) if row.state is not None else Waiting()
        self.parked = self.before.parked()
        self.failures: dict[int, Exception] = {}
        self._facts: dict[int, tuple[dict[str, Any], dict[str, Any]]] = {}
        self._outcome: str | None = None
        self._answered: int | None = None
        self._goes_to: tuple[int, int] | None = None  # task number and person, after a take-back
        workflow.host = self

    def action(self, task: LeanTask, task_row: TaskRow | None = None) -> Action:
        """The view of this transaction that the code behind `task` gets."""
        return self.journal.action(task, task_row)

    # --- moving -----------------------------------------------------------------------------------------------

    def answer(
        self, task: LeanTask, action: Action, answer: Mapping[str, Any], request_key: str | None
    ) -> None:
        """Complete a user task with its whitelisted answer."""
        before = task.data
        task.data = {**before, **check_data(answer, task_key(task))}
        after = task.data
        task.run()
        self._answered = task.id
        self.journal.record(
            "task_completed", task, action, data=difference(before, after), request=request_key
        )

    def to_rest(self) -> None:
        """Run automatic tasks until only people, timers and messages are waited for."""
        self.workflow.run_to_rest(self._step, self.parked)

    def resume(self, task: LeanTask) -> None:
        """Try a parked task again. Raises what its code raises."""
        self.parked.discard(task.id)
        self._step(task)
        if task.id in self.failures:
            raise self.failures[task.id]

    def _step(self, task: LeanTask) -> None:
        before = task.data
        task.data = dict(before)
        if isinstance(task.task_spec, ServiceTask | DecisionTask) and not self._code(task):
            task.data = before
            self.parked.add(task.id)
            return
        task.run()
        self._observe(task, before)

    def _observe(self, task: LeanTask, before: dict[str, Any]) -> None:
        spec = task.task_spec
        if isinstance(spec, ServiceTask | DecisionTask):
            kind = "service_run" if isinstance(spec, ServiceTask) else "decided"
            facts = self._facts.pop(task.id)[1]
            self.journal.record(kind, task, facts.pop("action"), data=difference(before, task.data), **facts)
        elif self.context.parsed.node(process_id(task), node_id(task)) is not None:
            self.journal.passed(task)
            if isinstance(spec, EndEvent) and task.workflow is self.workflow:
                self._outcome = node_id(task)

    # --- the code behind nodes --------------------------------------------------------------------------------

    def _code(self, task: LeanTask) -> bool:
        """Run the code behind a node; False when it failed and the token must rest before it."""
        action, session = self.action(task), self.context.session
        decision = task.task_spec.reference if isinstance(task.task_spec, DecisionTask) else None
        recorder, reads = self.journal.recorder, self._only_reads(action, decision is not None)
        known, whole = recorder.flushed(), is_undone_as_a_whole(session)
        try:
            with nullcontext() if reads or whole else recorder.savepoint():
                facts: dict[str, Any] = {"action": action}
                result = self._decide(action, decision, facts) if decision else self._serve(action)
                checked = check_data(result, task_key(task))
                session.flush()
        except Exception as error:
            if whole or (isinstance(error, Refused) and not self.context.background):
                raise
            if isinstance(error, DBAPIError) and error.connection_invalidated:
                raise  # the whole transaction is lost with its connection
            log.exception("%s failed; its process rests before it.", task_key(task))
            self.failures[task.id] = error
        else:
            self._facts[task.id] = (checked, facts)
        if reads and recorder.flushed() != known:  # nothing would undo it, should the code fail
            raise EngineError(f"{task_key(task)} should only read, and has changed something.")
        return task.id not in self.failures

    def _only_reads(self, action: Action, decision: bool) -> bool:
        """Whether code needs no savepoint: a decision without code of its own for the outputs, and a service task that
        says so."""
        handlers = self.context.handlers
        if decision:
            return handlers.outputs(action.process, action.node) is None
        return bool(getattr(handlers.service(action.process, action.node), "reads_only", False))

    def _serve(self, action: Action) -> Mapping[str, Any]:
        return self.context.handlers.service(action.process, action.node)(action) or {}

    def _decide(self, action: Action, decision: str, facts: dict[str, Any]) -> Mapping[str, Any]:
        """Ask the decision table in force; inputs, matched row with its version and outputs go into the history."""
        handlers = self.context.handlers
        inputs = handlers.inputs(action.process, action.node)(action)
        shipped = self.context.parsed.files[f"{decision}.dmn"]
        asked = decisions.in_force(action.session, decision, action.today, shipped)
        decided = decisions.decide(asked.table, inputs)
        outputs = handlers.outputs(action.process, action.node)
        facts["inputs"] = dict(inputs)
        facts["rule"] = asked.rule(decided)
        facts["outputs"] = dict(decided.outputs)
        action.rule = {**facts["rule"], "process_version": self.context.parsed.version}
        return outputs(action, decided.outputs) if outputs is not None else decided.outputs

    def run_service(self, task: LeanTask) -> None:
        """SpiffWorkflow runs the node: what its code returned becomes process data."""
        task.data.update(self._facts[task.id][0])

    def run_decision(self, task: LeanTask, _table: Any) -> None:
        """SpiffWorkflow runs the node: what was decided becomes process data."""
        task.data.update(self._facts[task.id][0])

    # --- writing ----------------------------------------------------------------------------------------------

    def save(self, start: bool = False, hold: timedelta | None = None) -> Rest:
        """Write everything in one statement. Raises Conflict when the instance changed under our feet.

        With `hold` the human step can be taken back for so long, where all that it did can be undone.
        """
        left = [task for task in self.workflow.ready() if task.id not in self.parked]
        if left or self.workflow.bpmn_events:
            raise EngineError(f"The process {self.row.process} did not come to rest.")
        ended = bool(self.workflow.completed)
        after = Waiting() if ended else waiting(self.workflow, self.context.now + FIRST_RETRY)
        if not (ended or after.tasks or after.timers or after.messages):
            raise EngineError(f"The process {self.row.process} waits for nothing and has not ended.")
        changes = store.Changes(
            None if ended else codec.dump(self.workflow), codec.VERSION, self._outcome if ended else None
        )
        self._compare(after, changes)
        self._close(changes, ended)
        changes.outbox = self.journal.outbox
        if hold is not None and self._can_be_undone():
            changes.kept = self._kept(hold)
        changes.history, changes.history_seq, changes.history_hash = self.journal.chain()
        written = store.write(self.context.session, self._head(), changes, start)
        if written is None:
            raise Conflict("Somebody else changed this process at the same moment; nothing was saved.")
        opened = tuple(
            OpenedTask(written[o.task_no], o.process, o.node, o.assignment.role) for o in changes.opened
        )
        parked = tuple(sorted(after.timers[number, "service"][1] for number in after.parked()))
        return Rest(self.row.id, self.row.version + 1, ended, changes.outcome, opened, parked)

    def _can_be_undone(self) -> bool:
        """Whether every part of this action that changed facts knows how to undo them."""
        handlers = self.context.handlers
        if self.failures or self.row.state is None:
            return False
        for event in self.journal.events:
            hook = handlers.take_back if event.kind == "task_completed" else handlers.undo
            owed = event.kind == "task_completed" or "changes" in event.payload
            if owed and (event.node is None or hook(event.process, event.node) is None):
                return False
        return self._answered is not None

    def _kept(self, hold: timedelta) -> store.Kept:
        """What it takes to undo this action."""
        done = next(event for event in self.journal.events if event.kind == "task_completed")
        assert done.task_id is not None and done.node is not None and self.row.state is not None  # noqa: S101, PT018
        return store.Kept(
            done.task_id,
            done.process,
            done.node,
            self.row.state,
            self.row.history_seq,
            self.context.now + hold,
        )

    def take_back(self, now_waits: Waiting, node: tuple[str, str], person: int) -> LeanTask:
        """Make the state before a step, which this run was restored to, the present one.

        `now_waits` is what the instance waits for now; the step's task goes back to `person`. Returns that task.
        """
        self.parked = self.before.parked()
        self.before, again = now_waits, self.before
        for number, task in again.tasks.items():
            if number not in now_waits.tasks and (process_id(task), node_id(task)) == node:
                self._goes_to = (number, person)
                return task
        raise EngineError(f"The step {'/'.join(node)} is not part of the state that was kept.")

    def _compare(self, after: Waiting, changes: store.Changes) -> None:
        before = self.before
        changes.closed_tasks = [number for number in before.tasks if number not in after.tasks]
        changes.opened = [
            self._open(task) for number, task in after.tasks.items() if number not in before.tasks
        ]
        for (number, kind), timer in after.timers.items():
            known = before.timers.get((number, kind))
            if known is None or (kind == "event" and known != timer):
                failure = self.failures.get(number) if kind == "service" else None
                changes.timers.append((number, kind, *timer, failure))
        changes.gone_timers = [key for key in before.timers if key not in after.timers]
        changes.gone_messages = [key for key in before.messages if key not in after.messages]
        changes.messages = [
            (number, name, process, node)
            for (number, name), (process, node) in after.messages.items()
            if (number, name) not in before.messages
        ]

    def _open(self, task: LeanTask) -> store.Opened:
        process, node = process_id(task), node_id(task)
        drawn = self.context.parsed.node(process, node)
        if drawn is None or drawn.lane is None:
            raise EngineError(f"The user task {process}/{node} stands in no lane.")
        action, person = self.action(task), None
        if self._goes_to is not None and self._goes_to[0] == task.id:
            action.actor, person = (
                SYSTEM,
                self._goes_to[1],
            )  # whoever takes it back takes no part in it by that
        assignment = self.context.handlers.assign(action, drawn.lane)
        if person is not None:
            assignment = replace(assignment, claimed_by=person)
        self.journal.outbox.extend(action.outbox)
        return store.Opened(task.id, process, node, assignment)

    def _close(self, changes: store.Changes, ended: bool) -> None:
        """Say what was cancelled, what opened, what is parked and whether the process ended."""
        self._cancelled(changes)
        if ended:
            self.journal.record("ended", None, outcome=changes.outcome)
            return
        if not self.journal.events:
            raise EngineError("An action left no event.")
        last = self.journal.events[-1]
        if self.journal.path:
            last.payload["to"], self.journal.path = self.journal.path, []
        if changes.opened:
            last.payload["opened"] = [
                {"task": o.task_no, "process": o.process, "node": o.node, "role": o.assignment.role}
                for o in changes.opened
            ]
        parked = {
            f"{process}/{node}": type(failure).__name__
            for _, _, process, node, _, failure in changes.timers
            if failure is not None
        }
        if parked:
            last.payload["parked"] = parked

    def _cancelled(self, changes: store.Changes) -> None:
        """One event for each open task that closed without an answer, so that its person learns who closed it."""
        numbers = [number for number in changes.closed_tasks if number != self._answered]
        if numbers:
            known = self.row.tasks
            ids = store.task_ids(self.context.session, self.row.id, numbers) if known is None else known
            for number in numbers:
                event = self.journal.record("cancelled", self.before.tasks[number])
                event.task_id = ids.get(number)

    def _head(self) -> dict[str, Any]:
        context, row = self.context, self.row
        return {
            "instance": row.id, "definition": row.definition_id, "process": row.process, "subject": row.subject_id,
            "version": row.version, "started_by": context.actor.person_id, "person": context.actor.person_id,
            "behalf": context.actor.on_behalf_of,
            "source": context.source, "now": context.now,
        }  # fmt: skip
