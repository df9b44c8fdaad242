"""An instance's state as a few bytes: only what is still alive and its nearest common ancestor, in columns.

The shared specs are not stored. Finished ancestors are pruned, so the cost of a step does not grow with the steps
done before. The tests restore every state both ways, with this codec and with the library's own serialiser, and
compare the live tasks.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import orjson
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.specs.mixins.subworkflow_task import SubWorkflowTask
from SpiffWorkflow.util.task import TaskState

from workflows.errors import EngineError
from workflows.runtime import COMPLETED, WAITING, LeanSubWorkflow, LeanTask, LeanWorkflow
from workflows.shared import finished_ends

VERSION = 1
_PLAIN = frozenset({str, int, float, bool, type(None)})


def _kept(workflow: Any) -> list[LeanTask]:
    """The tasks to keep, root first: below the deepest ancestor that all live tasks share."""
    tasks: dict[int, LeanTask] = workflow.tasks
    live = [task for task in tasks.values() if task._state < COMPLETED]
    if not live:
        return [workflow.task_tree]
    line = [live[0]]  # and its ancestors, nearest first
    while line[-1]._parent in tasks:
        line.append(tasks[line[-1]._parent])
    place = {task.id: number for number, task in enumerate(line)}
    highest = 0
    for task in live[1:]:
        number = task.id
        while number not in place:
            number = tasks[number]._parent
        highest = max(highest, place[number])
    root = line[highest]
    if root._state < COMPLETED and root._parent in tasks:
        root = tasks[root._parent]  # a waiting task still takes its data from its parent
    found, waiting = [], [root]
    while waiting:
        current = waiting.pop()
        found.append(current)
        waiting.extend(tasks[child] for child in reversed(current._children) if child in tasks)
    return found


def _dump_workflow(workflow: Any, names: dict[str, int], datas: dict[bytes, int]) -> list[Any]:
    kept = _kept(workflow)
    left = _left(workflow, kept)
    rows = []
    for task in kept:
        data = orjson.dumps(task.data)
        rows.append(
            [
                task.id,
                task._parent if task is not kept[0] else 0,
                task._state,
                names.setdefault(task.task_spec.name, len(names)),
                datas.setdefault(data, len(datas)),
                task.last_state_change,
                int(task.triggered),
                (task.internal_data or 0) if task._state < COMPLETED else 0,
            ]
        )
    return [
        getattr(workflow, "parent_task_id", None),
        workflow.spec.name,
        int(workflow.completed),
        int(workflow.success),
        workflow.data,
        workflow.correlations,
        [(when, datas.setdefault(orjson.dumps(data), len(datas))) for when, data in left],
        rows,
    ]


def _left(workflow: Any, kept: list[LeanTask]) -> list[tuple[int, dict[str, Any]]]:
    """What pruned branches left for the end of the process: (when, data), folded into one where order allows it."""
    numbers = {task.id for task in kept}
    ends = finished_ends(workflow)
    pruned = [(task.last_state_change, task.parent.data) for task in ends if task.id not in numbers]
    left = sorted([*workflow.left, *pruned], key=lambda pair: pair[0])
    later = min((task.last_state_change for task in ends if task.id in numbers), default=2**63)
    plain = not any(isinstance(value, list | dict) for _, data in left for value in data.values())
    if len(left) > 1 and plain and left[-1][0] < later:
        folded: dict[str, Any] = {}
        for _, data in left:
            folded.update(data)
        return [(left[-1][0], folded)]
    return left


def dump(workflow: LeanWorkflow) -> bytes:
    """The state of `workflow` at rest. Raises EngineError when its data is not plain JSON."""
    names: dict[str, int] = {}
    datas: dict[bytes, int] = {}
    try:
        parts = [_dump_workflow(workflow, names, datas)]
        alive = {row[0] for row in parts[0][-1]}
        for subprocess in sorted(workflow.subprocesses.values(), key=lambda each: each.depth):
            parent = workflow.get_task_from_id(subprocess.parent_task_id)
            if parent is None or parent._state >= COMPLETED or parent.id not in alive:
                continue
            part = _dump_workflow(subprocess, names, datas)
            alive.update(row[0] for row in part[-1])
            parts.append(part)
        shared = [orjson.Fragment(data) for data in datas]
        return orjson.dumps([workflow.last_id, workflow.ticks, list(names), shared, parts])
    except TypeError as error:
        raise EngineError(
            f"Process data holds something that is not text, number, list or mapping: {error}"
        ) from None


def load(state: bytes, spec: Any, subprocess_specs: Any) -> LeanWorkflow:
    """The workflow whose state was dumped, on the same definition version."""
    last_id, ticks, names, shared, parts = orjson.loads(state)
    top = LeanWorkflow(spec, subprocess_specs, deserializing=True)
    top.ticks = ticks
    for part in parts:
        _load_workflow(top, part, names, shared)
    top.last_id, top.ticks = last_id, ticks
    return top


def _load_workflow(
    top: LeanWorkflow, part: list[Any], names: list[str], shared: list[dict[str, Any]]
) -> None:
    parent_task_id, spec_name, completed, success, data, correlations, left, rows = part
    if parent_task_id is None:
        workflow: Any = top
    else:
        spec = top.subprocess_specs[spec_name]
        workflow = LeanSubWorkflow(spec, parent_task_id, top, deserializing=True)
        top.subprocesses[parent_task_id] = workflow
        parent = top.get_task_from_id(parent_task_id)
        if parent is None:
            raise EngineError("A called process has lost the task that called it.")
        workflow.completed_event.connect(parent.task_spec._on_subworkflow_completed, parent)
    specs = workflow.spec.task_specs
    for number, parent_no, state, name, data_no, changed, triggered, internal in rows:
        task = LeanTask(workflow, specs[names[name]], workflow.tasks.get(parent_no), state, number)
        task.data = copied(shared[data_no])
        task.last_state_change = changed
        task.triggered = bool(triggered)
        task.internal_data = internal or {}
        if state == WAITING and isinstance(task.task_spec, CatchingEvent):
            top.event_manager.add_task(task)
    workflow.task_tree = workflow.tasks[rows[0][0]]
    workflow.completed, workflow.success = bool(completed), bool(success)
    workflow.data, workflow.correlations = data, correlations
    workflow.left = [(when, copied(shared[data_no])) for when, data_no in left]


def copied(data: dict[str, Any]) -> dict[str, Any]:
    """Data of one's own: the library changes lists in place, and so may a handler."""
    own = dict(data)
    for name, value in data.items():
        if value.__class__ is list or value.__class__ is dict:
            own[name] = value.copy() if _is_flat(value) else deepcopy(value)
    return own


def _is_flat(value: list[Any] | dict[str, Any]) -> bool:
    """Whether nothing inside can be changed in place: then its own copy is enough."""
    return _PLAIN.issuperset(map(type, value if value.__class__ is list else value.values()))  # type: ignore[union-attr]


def live(workflow: LeanWorkflow) -> list[tuple[str, str, int, dict[str, Any], dict[str, Any]]]:
    """What is alive: (process, node, state, data, internal data), sorted; for comparing two states."""
    found = []
    for task in workflow.all_tasks():
        kind = isinstance(task.task_spec, SubWorkflowTask)
        if task._state in (WAITING, TaskState.READY) or (kind and task._state == TaskState.STARTED):
            found.append(
                (task.workflow.spec.name, task.task_spec.name, task._state, task.data, task.internal_data)
            )
    return sorted(
        found, key=lambda row: (row[0], row[1], row[2], orjson.dumps(row[3], option=orjson.OPT_SORT_KEYS))
    )
