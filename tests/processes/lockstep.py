"""Two engines in lockstep: the stock library with its own serialiser, and ours with our codec."""

import random
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import orjson
from SpiffWorkflow.bpmn import BpmnEvent
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.serializer.config import DEFAULT_CONFIG
from SpiffWorkflow.bpmn.serializer.default.task_spec import BpmnTaskSpecConverter
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.specs.mixins.subworkflow_task import SubWorkflowTask
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from workflows import clock, codec, decisions, definitions, xml
from workflows.runtime import SCRIPT_ENGINE, LeanWorkflow
from workflows.specs import DecisionTask, Parser, ServiceTask
from workflows.waiting import fire, waiting

Files = Mapping[str, str]
NOW = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)


class Host:
    """The code behind the nodes: the same for both engines, depending on nothing but the task."""

    def __init__(self, facts: Callable[[str, Mapping[str, Any]], dict[str, Any]]) -> None:
        self.facts = facts

    def run_service(self, task: Any) -> None:
        task.data.update(self.facts(task.task_spec.bpmn_id, task.data))

    def run_decision(self, task: Any, table: Any) -> None:
        facts = self.facts(task.task_spec.bpmn_id, task.data)
        task.data.update({**decisions.decide(table, {**task.data, **facts}).outputs, **facts})


class _DecisionConverter(BpmnTaskSpecConverter):
    """Keeps the table beside the JSON: only the library's own state is compared."""

    tables: dict[str, Any] = {}  # noqa: RUF012

    def to_dict(self, spec: Any) -> dict[str, Any]:
        found = super().to_dict(spec)
        self.tables[spec.name] = spec.decision
        return found

    def from_dict(self, dct: dict[str, Any]) -> Any:
        spec = super().from_dict(dct)
        spec.decision = self.tables[spec.name]
        return spec


def _serializer() -> BpmnWorkflowSerializer:
    config = {**DEFAULT_CONFIG, ServiceTask: BpmnTaskSpecConverter, DecisionTask: _DecisionConverter}
    return BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure(config))


@lru_cache(maxsize=2)
def _stock_specs(files: tuple[tuple[str, str], ...], key: str) -> tuple[Any, Any]:
    parser = Parser()
    for name, content in files:
        root = xml.read(content.encode(), name)
        (parser.add_dmn_xml if name.endswith(".dmn") else parser.add_bpmn_xml)(root, name)
    return parser.get_spec(key), parser.get_subprocess_specs(key)


@lru_cache(maxsize=2)
def _lean_specs(files: tuple[tuple[str, str], ...], key: str) -> list[definitions.Parsed]:
    return [definitions.parse(0, key, 1, dict(files)) for _ in range(2)]


class Stock:
    """The library as it is released."""

    def __init__(self, files: Files, key: str, host: Host, data: dict[str, Any]) -> None:
        self.host, self.serializer = host, _serializer()
        self.workflow = BpmnWorkflow(*_stock_specs(tuple(files.items()), key), script_engine=SCRIPT_ENGINE)
        self.workflow.host = host
        self.workflow.task_tree.data = dict(data)

    def to_rest(self) -> None:
        self.workflow.do_engine_steps()
        while self.workflow.get_next_task(state=TaskState.READY, manual=False) is not None:
            self.workflow.do_engine_steps()

    def reload(self) -> None:
        self.workflow = self.serializer.deserialize_json(self.serializer.serialize_json(self.workflow))
        self.workflow.script_engine = SCRIPT_ENGINE
        self.workflow.host = self.host

    def tasks(self) -> list[Any]:
        every = [self.workflow, *self.workflow.subprocesses.values()]
        return [task for workflow in every for task in workflow.tasks.values()]


class Lean:
    """Ours; every reload goes to another copy of the specs, as if another process had loaded the instance."""

    def __init__(self, files: Files, key: str, host: Host, data: dict[str, Any]) -> None:
        self.specs = _lean_specs(tuple(files.items()), key)
        self.host, self.turn = host, 0
        self.workflow = LeanWorkflow(self.specs[0].spec, self.specs[0].subprocess_specs)
        self.workflow.host = host
        self.workflow.task_tree.data = dict(data)

    def to_rest(self) -> None:
        self.workflow.run_to_rest(lambda task: task.run(), set())
        assert not self.workflow.ready()

    def reload(self) -> None:
        self.turn = 1 - self.turn
        parsed = self.specs[self.turn]
        state = codec.dump(self.workflow)
        self.workflow = codec.load(state, parsed.spec, parsed.subprocess_specs)
        self.workflow.host = self.host
        assert codec.dump(self.workflow) == state, "a state that is loaded and dumped again stays the same"

    def tasks(self) -> list[Any]:
        return list(self.workflow.all_tasks())


def live(engine: Stock | Lean) -> list[Any]:
    """(process, node, state, data, internal data) of all that is alive, sorted."""
    found = []
    for task in engine.tasks():
        started = task.state == TaskState.STARTED
        if started or task.state in (TaskState.READY, TaskState.WAITING):
            if task.workflow.completed and not isinstance(task.task_spec, SubWorkflowTask):
                continue
            hidden = ("merged", "seen_events")
            internal = {name: value for name, value in task.internal_data.items() if name not in hidden}
            internal["merged"] = len(task.internal_data.get("merged", []))
            # A join that still waits takes its data when it fires.
            waiting_join = task.state == TaskState.WAITING and not hasattr(task.task_spec, "event_definition")
            data = {} if waiting_join else task.data
            found.append((task.workflow.spec.name, task.task_spec.name, task.state, data, internal))
    return sorted(found, key=lambda row: (row[0], row[1], row[2], _text(row[3:])))


def _text(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


Move = tuple[str, str, str, bytes]


def moves(engine: Stock | Lean) -> dict[Move, Any]:
    """What can happen next: answers, timers and messages, under names that both engines share."""
    found: dict[Move, Any] = {}
    for task in engine.tasks():
        if task.state == TaskState.READY and task.task_spec.manual and not task.workflow.completed:
            found[
                "answer", task.workflow.spec.name, task.task_spec.name, _text([task.data, task.internal_data])
            ] = task
    for task in engine.workflow.event_manager.tasks.values():
        definition = task.task_spec.event_definition
        for each in getattr(definition, "event_definitions", [definition]):
            if isinstance(each, MessageEventDefinition):
                found["message", "", each.name, b""] = each.name
            elif "event_value" in task.internal_data:
                value = task.internal_data["event_value"]
                if not isinstance(value, dict) or value["cycles"] != 0:
                    found["timer", task.workflow.spec.name, task.task_spec.name, _text(value)] = task
    return found


def make(engine: Stock | Lean, move: Move, answer: Mapping[str, Any]) -> None:
    what = moves(engine)[move]
    if move[0] == "answer":
        what.data.update(deepcopy(dict(answer)))
        what.run()
    elif move[0] == "message":
        engine.workflow.send_event(BpmnEvent(MessageEventDefinition(what), payload=dict(answer)))
    else:
        fire(what, clock.now())
    engine.to_rest()


def walk(
    files: Files, key: str, seed: int, data: dict[str, Any], answers: Mapping[str, Sequence[Mapping[str, Any]]],
    facts: Callable[[str, Mapping[str, Any]], dict[str, Any]], most: int = 25,
) -> int:  # fmt: skip
    """Drive both engines through the same random moves and compare after each; returns the comparisons made."""
    with clock.at(NOW):
        return _walk(files, key, seed, data, answers, facts, most)


def _walk(
    files: Files, key: str, seed: int, data: dict[str, Any], answers: Mapping[str, Sequence[Mapping[str, Any]]],
    facts: Callable[[str, Mapping[str, Any]], dict[str, Any]], most: int,
) -> int:  # fmt: skip
    chance = random.Random(seed)  # noqa: S311
    stock, lean = Stock(files, key, Host(facts), data), Lean(files, key, Host(facts), data)
    stock.to_rest()
    lean.to_rest()
    for step in range(most):
        assert lean.workflow.completed == stock.workflow.completed, (key, seed, step)
        if stock.workflow.completed:
            assert plain(lean.workflow.data) == plain(stock.workflow.data), (key, seed, step)
            return step + 1
        stock.reload()
        lean.reload()
        assert live(lean) == live(stock), (key, seed, step)
        waiting(lean.workflow, clock.now())  # what the tables would hold can always be read from the state
        known = sorted(moves(lean))
        assert known == sorted(moves(stock)), (key, seed, step)
        move = chance.choice(known)
        given = chance.choice(answers.get(move[2].removesuffix(" [child]"), [{}]))
        make(stock, move, given)
        make(lean, move, given)
    return most


def plain(data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name != "data_objects"}
