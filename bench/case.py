"""The measured process (bench/approval.bpmn), for the bare library and for our engine."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnValidator
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.serializer.config import DEFAULT_CONFIG
from SpiffWorkflow.bpmn.serializer.default.task_spec import BpmnTaskSpecConverter
from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec
from SpiffWorkflow.bpmn.specs.mixins import BpmnSpecMixin, ServiceTaskMixin
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.dmn.parser import BpmnDmnParser
from SpiffWorkflow.dmn.serializer.task_spec import BaseBusinessRuleTaskConverter
from SpiffWorkflow.dmn.specs import BusinessRuleTaskMixin
from SpiffWorkflow.util.task import TaskState
from sqlalchemy import BigInteger, Identity, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from workflows import Action, Assignment, definitions, read_directory, xml

HERE = Path(__file__).parent
KEY = "bench_approval"
DATA = {"open_amount": 120_000}
ANSWERS: dict[str, dict[str, Any]] = {
    "enter_request": {"requested_limit": 300_000},
    "check_request": {"checked": True},
    "approve_limit": {"manager_decision": "approve"},
    "countersign_limit": {"second_decision": "approve"},
}
STEPS = len(ANSWERS)


# --- the bare library ---------------------------------------------------------------------------------------------


class StubService(ServiceTaskMixin, BpmnSpecMixin):  # type: ignore[misc]
    """A service task that does nothing."""

    def _execute(self, task: Any) -> bool:
        return True


class StockRule(BusinessRuleTaskMixin, BpmnSpecMixin):  # type: ignore[misc]
    """The library's own business-rule task."""


class _RuleParser(TaskParser):  # type: ignore[misc]
    def create_task(self) -> StockRule:
        engine = self.process_parser.parser.get_engine(self.get_decision_ref(self.node), self.node)
        return StockRule(self.spec, self.bpmn_id, dmnEngine=engine, **self.bpmn_attributes)

    @staticmethod
    def get_decision_ref(node: Any) -> str:
        return str(node.get("implementation")).removeprefix("dmn:")


class _StockParser(BpmnDmnParser):  # type: ignore[misc]
    OVERRIDE_PARSER_CLASSES = {  # noqa: RUF012
        full_tag("serviceTask"): (TaskParser, StubService),
        full_tag("businessRuleTask"): (_RuleParser, StockRule),
    }


class Stock:
    """Instances of the bare, in-memory library: its own classes, script engine and serialiser."""

    def __init__(self) -> None:
        parser = _StockParser(validator=BpmnValidator())
        for name, content in read_directory(HERE).bundle(KEY).items():
            root = xml.read(content.encode(), name)
            (parser.add_dmn_xml if name.endswith(".dmn") else parser.add_bpmn_xml)(root, name)
        self.spec, self.sub_specs = parser.get_spec(KEY), parser.get_subprocess_specs(KEY)
        config = {
            **DEFAULT_CONFIG,
            StubService: BpmnTaskSpecConverter,
            StockRule: BaseBusinessRuleTaskConverter,
        }
        self.serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure(config))

    def create(self) -> BpmnWorkflow:
        """A fresh instance, at its first user task."""
        workflow = BpmnWorkflow(self.spec, self.sub_specs)
        workflow.task_tree.data = dict(DATA)
        workflow.do_engine_steps()
        return workflow

    @staticmethod
    def step(workflow: BpmnWorkflow) -> None:
        """Complete the open user task and run to the next one."""
        task = workflow.get_next_task(state=TaskState.READY, manual=True)
        task.data.update(ANSWERS[task.task_spec.bpmn_id])
        task.run()
        workflow.do_engine_steps()

    def save(self, workflow: BpmnWorkflow) -> str:
        """The state as the library writes it."""
        return str(self.serializer.serialize_json(workflow))

    def load(self, state: str) -> BpmnWorkflow:
        """The instance that was written."""
        return self.serializer.deserialize_json(state)


# --- our engine ---------------------------------------------------------------------------------------------------


class OwnBase(DeclarativeBase):
    """Stands for the application's models."""


class Fact(OwnBase):
    """A credit row that an answer may add."""

    __tablename__ = "bench_fact"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    words: Mapped[str] = mapped_column(Text)


class Clerk(OwnBase):
    """A person who is looked up at every request, as a login does."""

    __tablename__ = "bench_clerk"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(Text)


class Handlers:
    """The code behind the nodes: as little as the bare library's stub."""

    def service(self, process: str, node: str) -> Any:
        return lambda action: None

    def inputs(self, process: str, node: str) -> Any:
        return lambda action: {"total_exposure": action.data["total_exposure"]}

    def outputs(self, process: str, node: str) -> Any:
        return None

    def assign(self, action: Action, lane: str) -> Assignment:
        return Assignment(lane)

    def check_person(self, action: Action) -> None:
        return None

    def principals(self, action: Action, person_id: int) -> list[int]:
        return []

    def take_back(self, process: str, node: str) -> Any:
        return take_nothing_back

    def undo(self, process: str, node: str) -> Any:
        return take_nothing_back

    def today(self, session: Session, now: datetime) -> date:
        return now.date()


def take_nothing_back(_action: Action) -> None:
    """The measured steps keep nothing that would have to be undone."""


class CodecHost:
    """What runs the nodes' code when no database is near: for measuring the state codec alone."""

    def run_service(self, task: Any) -> None:
        return None

    def run_decision(self, task: Any, table: Any) -> None:
        from workflows import decisions  # noqa: PLC0415

        task.data.update(decisions.decide(table, {"total_exposure": task.data["total_exposure"]}).outputs)


def parsed() -> definitions.Parsed:
    """The definition for measuring without a database."""
    return definitions.parse(0, KEY, 1, read_directory(HERE).bundle(KEY))


def answer(action: Action) -> Mapping[str, Any]:
    """What the person answers."""
    return ANSWERS[action.node]


def answer_with_row(action: Action) -> Mapping[str, Any]:
    """The same, and a credit row."""
    action.session.add(Fact(words=action.node))
    return ANSWERS[action.node]


__all__ = [
    "ANSWERS",
    "DATA",
    "KEY",
    "STEPS",
    "BpmnTaskSpec",
    "CodecHost",
    "Fact",
    "Handlers",
    "Stock",
    "answer",
]
