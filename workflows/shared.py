"""Makes parsed specs ready to be shared by all threads and instances, and keeps what pruned branches left."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn.specs.control import _EndJoin
from SpiffWorkflow.bpmn.specs.mixins.multiinstance_task import LoopTask
from SpiffWorkflow.util.deep_merge import DeepMerge
from SpiffWorkflow.util.task import TaskState

COMPLETED = TaskState.COMPLETED


class LeanEndJoin(_EndJoin):
    """The join before a process's end: waits for everything unfinished, found by one flat scan."""

    def _check_threshold_unstructured(self, my_task: Any) -> bool:
        for task in my_task.workflow.tasks.values():
            if task._state < COMPLETED and task is not my_task and task.task_spec.name != "End":
                return False
        return True

    def _run_hook(self, my_task: Any) -> bool:
        """Merge what every finished branch left, in the order of their ends; pruned branches are in `left`."""
        workflow = my_task.workflow
        ended = [
            (task.last_state_change, task.parent.data)
            for task in finished_ends(workflow)
            if task is not my_task
        ]
        for _, data in sorted([*workflow.left, *ended], key=lambda pair: pair[0]):
            DeepMerge.merge(my_task.data, data)
        my_task._inherit_data()
        workflow.data.update(my_task.data)
        return True


def finished_ends(workflow: Any) -> list[Any]:
    """The joins before the process's end whose branch came before another one's."""
    return [
        task
        for task in workflow.tasks.values()
        if task._state >= COMPLETED and type(task.task_spec) is LeanEndJoin
    ]


def prepare_spec(spec: Any, drawn_in: str) -> None:
    """Make a freshly parsed process spec ready to be shared: by threads, and by instances loaded in the middle."""
    spec.drawn_in = drawn_in
    for task_spec in spec.task_specs.values():
        if type(task_spec) is _EndJoin:
            task_spec.__class__ = LeanEndJoin
        if isinstance(task_spec, LoopTask):
            # The library connects this when a task starts; an instance that was loaded has started elsewhere.
            child = spec.task_specs[task_spec.task_spec]
            if not child.completed_event.is_connected(task_spec.merge_child):
                child.completed_event.connect(task_spec.merge_child)
