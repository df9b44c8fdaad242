"""What a diagram says of its process, for people and for checks: nodes, flows, lanes, calls, decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workflows import gate, xml
from workflows.errors import DefinitionRefused
from workflows.specs import DECISION_PREFIX


@dataclass(frozen=True, slots=True)
class Node:
    """A flow node as the drawing has it: kind is the BPMN tag, lane the id of its lane (the role)."""

    id: str
    kind: str
    name: str
    lane: str | None
    documentation: str | None = None
    calls: str | None = None
    """The process that a call activity calls."""


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow: where it leads, its label and its condition."""

    id: str
    source: str
    target: str
    name: str
    condition: str | None


@dataclass(frozen=True)
class Process:
    """One process of a file, for people and for checks."""

    id: str
    name: str
    nodes: Mapping[str, Node]
    flows: tuple[Flow, ...]
    lanes: Mapping[str, str]
    calls: frozenset[str]
    decisions: frozenset[str]
    documentation: str | None = None
    sub_processes: frozenset[str] = frozenset()
    hosts: Mapping[str, str] = field(default_factory=dict)
    """The task that each boundary event sits on."""
    called: Mapping[str, str] = field(default_factory=dict)
    """The process that each call activity calls."""


def process_of(root: Any) -> Process:
    """The one process of a file. Raises DefinitionRefused when there are more."""
    processes = xml.find(root, "./bpmn:process")
    if len(processes) != 1:
        raise DefinitionRefused("one_process", "A process file holds exactly one process.")
    process = processes[0]
    lanes, lane_of = {}, {}
    for lane in xml.find(process, ".//bpmn:lane"):
        lanes[lane.get("id") or ""] = lane.get("name") or ""
        for reference in xml.find(lane, "./bpmn:flowNodeRef"):
            lane_of[(reference.text or "").strip()] = lane.get("id") or ""
    nodes = {}
    for node in gate.flow_nodes(process):
        identifier = node.get("id") or ""
        documentation = xml.find(node, "./bpmn:documentation")
        nodes[identifier] = Node(
            identifier,
            xml.local(node),
            node.get("name") or "",
            lane_of.get(identifier),
            (documentation[0].text or "").strip() if documentation else None,
            node.get("calledElement"),
        )
    flows = tuple(_flow(flow) for flow in xml.find(process, ".//bpmn:sequenceFlow"))
    called = {
        node.get("id") or "": node.get("calledElement") or ""
        for node in xml.find(process, ".//bpmn:callActivity")
    }
    rules = xml.find(process, ".//bpmn:businessRuleTask")
    documentation = xml.find(process, "./bpmn:documentation")
    return Process(
        process.get("id") or "",
        process.get("name") or "",
        nodes,
        flows,
        lanes,
        frozenset(called.values()),
        frozenset((rule.get("implementation") or "").removeprefix(DECISION_PREFIX) for rule in rules),
        (documentation[0].text or "").strip() if documentation else None,
        frozenset(node.id for node in nodes.values() if node.kind == "subProcess"),
        {
            node.get("id") or "": node.get("attachedToRef") or ""
            for node in xml.find(process, ".//bpmn:boundaryEvent")
        },
        called,
    )


def _flow(flow: Any) -> Flow:
    condition = xml.find(flow, "./bpmn:conditionExpression")
    return Flow(
        flow.get("id") or "",
        flow.get("sourceRef") or "",
        flow.get("targetRef") or "",
        flow.get("name") or "",
        (condition[0].text or "").strip() if condition else None,
    )
