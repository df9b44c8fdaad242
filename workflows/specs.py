"""SpiffWorkflow's parser and task specs for plain BPMN 2.0: service tasks and rule tasks without vendor extensions.

Both hand over to the host that runs the workflow (`workflow.top_workflow.host`), which knows the code behind a node.
"""

from __future__ import annotations

from typing import Any, ClassVar

from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnValidator
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.specs.mixins import BpmnSpecMixin, ServiceTaskMixin
from SpiffWorkflow.dmn.parser import BpmnDmnParser

DECISION_PREFIX = "dmn:"


class ServiceTask(ServiceTaskMixin, BpmnSpecMixin):
    """A service task: its code is found by the node's id."""

    def _execute(self, task: Any) -> bool:
        task.workflow.top_workflow.host.run_service(task)
        return True


class DecisionTask(BpmnSpecMixin):
    """A business-rule task: `implementation="dmn:<decision id>"` names its decision table."""

    def __init__(
        self, wf_spec: Any, bpmn_id: str, decision: Any = None, reference: str = "", **kwargs: Any
    ) -> None:
        super().__init__(wf_spec, bpmn_id, **kwargs)
        self.decision = decision
        self.reference = reference

    def _run_hook(self, my_task: Any) -> bool:
        my_task.workflow.top_workflow.host.run_decision(my_task, self.decision)
        return bool(super()._run_hook(my_task))


class DecisionTaskParser(TaskParser):
    """Reads the decision's id from the standard `implementation` attribute."""

    def create_task(self) -> DecisionTask:
        reference = self.get_decision_ref(self.node)
        engine = self.process_parser.parser.get_engine(reference, self.node)
        return DecisionTask(
            self.spec,
            self.bpmn_id,
            decision=engine.decision_table,
            reference=reference,
            **self.bpmn_attributes,
        )

    @staticmethod
    def get_decision_ref(node: Any) -> str:
        implementation = node.get("implementation") or ""
        if not implementation.startswith(DECISION_PREFIX):
            raise ValidationException(
                f'The business-rule task {node.get("id")} names no decision: implementation="dmn:<decision id>".',
                node=node,
                file_name="",
            )
        return str(implementation[len(DECISION_PREFIX) :])


class Parser(BpmnDmnParser):
    """The stock parser with plain service and rule tasks, and lanes known by their id (the role)."""

    OVERRIDE_PARSER_CLASSES: ClassVar = {
        full_tag("serviceTask"): (TaskParser, ServiceTask),
        full_tag("businessRuleTask"): (DecisionTaskParser, DecisionTask),
    }

    def __init__(self) -> None:
        super().__init__(validator=BpmnValidator())

    def _add_diagram_indexes(self, bpmn: Any) -> None:
        super()._add_diagram_indexes(bpmn)
        lanes = self.document_lanes[self._document_key(bpmn)]
        for reference in bpmn.xpath(".//bpmn:flowNodeRef", namespaces=self.namespaces):
            lanes[(reference.text or "").strip()] = reference.getparent().get("id")
