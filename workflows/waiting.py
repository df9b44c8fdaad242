"""What an instance at rest waits for: people, instants, messages; and how a timer fires."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.multiple import MultipleEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.timer import CycleTimerEventDefinition, TimerEventDefinition

from workflows.errors import EngineError
from workflows.runtime import READY, LeanTask, LeanWorkflow, node_id, process_id

_TICK = timedelta(microseconds=1)


@dataclass
class Waiting:
    """What an instance waits for, by task number. Timers and messages: (process, node[, due])."""

    tasks: dict[int, LeanTask] = field(default_factory=dict)
    timers: dict[tuple[int, str], tuple[str, str, datetime]] = field(default_factory=dict)
    messages: dict[tuple[int, str], tuple[str, str]] = field(default_factory=dict)

    def parked(self) -> set[int]:
        """The numbers of service tasks that failed and wait for their next attempt."""
        return {number for number, kind in self.timers if kind == "service"}


def waiting(workflow: LeanWorkflow, retry_at: datetime) -> Waiting:
    """Open user tasks, timers with their due instants, messages; parked service tasks wait for `retry_at`."""
    found = Waiting()
    for task in workflow.all_tasks():
        if task._state == READY:
            if task.task_spec.manual:
                found.tasks[task.id] = task
            else:
                found.timers[task.id, "service"] = (process_id(task), node_id(task), retry_at)
    for task in workflow.event_manager.tasks.values():
        definition = task.task_spec.event_definition
        several = isinstance(definition, MultipleEventDefinition)
        for kind in definition.event_definitions if several else [definition]:
            if isinstance(kind, TimerEventDefinition):
                due = due_instant(task)
                if due is not None:
                    found.timers[task.id, "event"] = (process_id(task), node_id(task), due)
            elif isinstance(kind, MessageEventDefinition):
                found.messages[task.id, kind.name] = (process_id(task), node_id(task))
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
    # A plain datetime: the library's comes from the class that reads our clock, which no serialiser knows.
    due = due.astimezone(UTC)
    return datetime.combine(due.date(), due.time(), UTC)


def fire(task: LeanTask, now: datetime) -> None:
    """Let the timer of `task` fire now, whenever it is due."""
    if isinstance(task.task_spec.event_definition, CycleTimerEventDefinition):
        _skip_missed(task.internal_data["event_value"], now)
    else:
        task._set_internal_data(event_fired=True)
    task.task_spec._update(task)


def _skip_missed(value: dict[str, Any], now: datetime) -> None:
    """After a long rest a repeating timer fires once, not once for each cycle that was missed."""
    upcoming = datetime.fromisoformat(value["next"])
    step = timedelta(seconds=value["duration"])
    missed = int((now - upcoming) / step) if step > timedelta(0) else 0
    if missed > 0:
        if value["cycles"] > 0:
            missed = min(missed, value["cycles"] - 1)
            value["cycles"] -= missed
        upcoming += missed * step
    # The library fires what is due strictly before now.
    value["next"] = min(upcoming, now - _TICK).isoformat()
