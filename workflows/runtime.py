"""SpiffWorkflow's state machine with the same behaviour and less work.

Measured: most of the stock library's time goes into walking the task tree, hashing UUIDs and building log records.
The subclasses here number tasks with integers, scan flat, log nothing and refresh a timer only when it fires.
Every process is compared step by step with the stock classes in the tests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.util.task import BpmnTaskFilter
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from workflows import expressions
from workflows.errors import EngineError

READY, WAITING, STARTED, COMPLETED = (
    TaskState.READY,
    TaskState.WAITING,
    TaskState.STARTED,
    TaskState.COMPLETED,
)
MOST_STEPS = 2_000
_FILTERS = {
    "state", "updated_ts", "manual", "spec_name", "spec_class", "catches_event", "lane", "task_filter",
    "skip_subprocesses",
}  # fmt: skip


class ScriptEngine:
    """Evaluates expressions and scripts in the safe subset; the stock engine would run any Python."""

    def validate(self, expression: str) -> None:
        """Raise SyntaxError when `expression` is no complete expression, as the decision engine expects."""
        if not expressions.is_expression(expression):
            raise SyntaxError(expression)

    def evaluate(self, task: Any, expression: str, external_context: dict[str, Any] | None = None) -> Any:
        """The value of `expression` over the task's data."""
        data = {**task.data, **external_context} if external_context else task.data
        return expressions.evaluate(expression, data)

    def execute(self, task: Any, script: str, _context: dict[str, Any] | None = None) -> bool:
        """Run the lines of `script` on the task's data."""
        expressions.execute(script, task.data)
        return True


SCRIPT_ENGINE = ScriptEngine()


class LeanTask(Task):
    """A task numbered within its instance; changes of state are counted instead of timed and logged."""

    def __init__(
        self,
        workflow: Any,
        task_spec: Any,
        parent: Any = None,
        state: int = TaskState.MAYBE,
        id: int | None = None,
    ) -> None:
        top = workflow.top_workflow
        if id is None:
            top.last_id += 1
            id = top.last_id
        self.id = id
        workflow.tasks[id] = self
        self.workflow = workflow
        self._parent = parent.id if parent is not None else None
        self._children: list[int] = []
        self._state = state
        self.triggered = False
        self.task_spec = task_spec
        self.thread_id = 0
        self.data: dict[str, Any] = {}
        self.internal_data: dict[str, Any] = {}
        self.last_state_change = top.tick()
        if parent is not None:
            parent._children.append(id)

    @property
    def parent(self) -> Any:
        """The task before this one; None for the first that is kept."""
        return self.workflow.tasks.get(self._parent)

    @property
    def children(self) -> list[Any]:
        """The tasks after this one."""
        tasks = self.workflow.tasks
        return [tasks.get(number) for number in self._children]

    def has_state(self, state: int) -> bool:
        """Whether the task is in (one of) `state`."""
        return (self._state & state) != 0

    def is_descendant_of(self, task: Any) -> bool:
        """Whether `task` comes before this one; climbs by numbers, without recursion."""
        tasks, number, wanted = self.workflow.tasks, self._parent, task.id
        while number is not None and number != wanted:
            above = tasks.get(number)
            number = above._parent if above is not None else None
        return number is not None

    def _set_state(self, value: int) -> None:
        if value != self._state:
            self._state = value
            self.last_state_change = self.workflow.top_workflow.tick()

    def _add_child(self, task_spec: Any, state: int = TaskState.MAYBE) -> LeanTask:
        if self._state & TaskState.PREDICTED_MASK and not state & TaskState.PREDICTED_MASK:
            raise EngineError(f"A decided step cannot follow a predicted one ({self.task_spec.name}).")
        task = LeanTask(self.workflow, task_spec, self, state=state)
        if state == READY:
            task._ready()
        return task

    def collect_log_extras(self, dct: dict[str, Any] | None = None) -> dict[str, Any]:
        """Nothing is logged from here."""
        return dct or {}


class _Flat:
    """What both kinds of workflow share: flat scans instead of tree walks."""

    tasks: dict[int, LeanTask]
    task_tree: LeanTask
    left: Sequence[tuple[int, dict[str, Any]]] = ()  # (when, data) of finished branches that the codec pruned

    def get_tasks_iterator(self, first_task: Any = None, **kwargs: Any) -> Iterator[LeanTask]:
        """Tasks that match; the tree is walked only below a given task or when the walk itself is restricted."""
        if (first_task is not None and first_task is not self.task_tree) or not kwargs.keys() <= _FILTERS:
            return super().get_tasks_iterator(first_task, **kwargs)  # type: ignore[misc,no-any-return]
        kwargs.pop("skip_subprocesses", None)
        if kwargs.keys() == {"spec_name"}:
            name = kwargs["spec_name"]
            return iter([task for task in self.tasks.values() if task.task_spec.name == name])
        chosen = kwargs.pop("task_filter", None) or BpmnTaskFilter(**kwargs)
        return iter([task for task in self.tasks.values() if chosen.matches(task)])

    def update_waiting_tasks(self) -> None:
        """Joins look again after each step; events are refreshed only by their timer or message."""
        for task in [task for task in self.tasks.values() if task._state == WAITING]:
            if task._state == WAITING and not isinstance(task.task_spec, CatchingEvent):
                task.task_spec._update(task)

    def collect_log_extras(self, dct: dict[str, Any] | None = None) -> dict[str, Any]:
        """Nothing is logged from here."""
        return dct or {}

    def _start(self) -> None:
        spec = self.spec  # type: ignore[attr-defined]
        self.task_tree = LeanTask(self, spec.start, state=TaskState.FUTURE)
        self.task_tree.task_spec._predict(self.task_tree, mask=TaskState.NOT_FINISHED_MASK)
        self.task_tree._ready()


class LeanSubWorkflow(_Flat, BpmnSubWorkflow):
    """A called process inside an instance."""

    def __init__(
        self, spec: Any, parent_task_id: int, top_workflow: Any, deserializing: bool = False
    ) -> None:
        super().__init__(spec, parent_task_id, top_workflow, deserializing=True)
        if not deserializing:
            self._start()


class LeanWorkflow(_Flat, BpmnWorkflow):
    """The instance's own process. `host` runs the code behind service and decision tasks."""

    def __init__(self, spec: Any, subprocess_specs: Any, deserializing: bool = False) -> None:
        self.last_id = 0
        self.ticks = 0
        self.host: Any = None
        super().__init__(spec, subprocess_specs, script_engine=SCRIPT_ENGINE, deserializing=True)
        if not deserializing:
            self._start()

    def tick(self) -> int:
        """A number that grows with every change of state: their order within the instance."""
        self.ticks += 1
        return self.ticks

    def create_subprocess(self, my_task: LeanTask, spec_name: str) -> LeanSubWorkflow:
        """Start the called process of `my_task`."""
        subprocess = LeanSubWorkflow(self.subprocess_specs[spec_name], my_task.id, self)
        self.subprocesses[my_task.id] = subprocess
        return subprocess

    def get_task_from_id(self, task_id: int) -> LeanTask | None:
        """The task with that number, wherever it runs; None when it is gone."""
        for workflow in self.all_workflows():
            task: LeanTask | None = workflow.tasks.get(task_id)
            if task is not None:
                return task
        return None

    def all_workflows(self) -> list[Any]:
        """The top process and every called process that is kept."""
        return [self, *self.subprocesses.values()]

    def all_tasks(self) -> Iterator[LeanTask]:
        """Every task of every process of the instance."""
        for workflow in self.all_workflows():
            yield from workflow.tasks.values()

    def ready(self) -> list[LeanTask]:
        """Automatic tasks that can run now, deepest process first."""
        found = []
        for workflow in sorted(self.all_workflows(), key=lambda each: -each.depth):
            for task in workflow.tasks.values():
                if task._state == READY and not task.task_spec.manual:
                    found.append(task)
        return found

    def run_to_rest(self, run: Callable[[LeanTask], None], parked: set[int]) -> None:
        """Call `run(task)` for automatic tasks until only people, timers and messages are waited for.

        Tasks whose numbers are in `parked` are left READY; `run` may add to it. Raises EngineError when the process
        does not come to rest.
        """
        for _ in range(MOST_STEPS):
            ready = [task for task in self.ready() if task.id not in parked]
            if not ready:
                return
            for task in ready:
                if task._state == READY:  # a sibling may have cancelled it
                    run(task)
        raise EngineError(f"The process did not come to rest after {MOST_STEPS} rounds.")


def process_id(task: LeanTask) -> str:
    """The process that `task` is drawn in; an embedded sub-process belongs to the process around it."""
    return str(task.workflow.spec.drawn_in)


def task_key(task: LeanTask) -> str:
    """`process/node` of a task."""
    return f"{process_id(task)}/{node_id(task)}"


def node_id(task: LeanTask) -> str:
    """The drawn node's id (also for each child of a repeated task), or the library's name for its helpers."""
    return str(task.task_spec.bpmn_id or task.task_spec.name)
