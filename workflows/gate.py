"""The upload gate: refuses, with a named reason, what SpiffWorkflow does wrong or what would hide a mistake."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from lxml import etree

from workflows import expressions
from workflows.errors import DefinitionRefused, ExpressionRefused
from workflows.xml import BPMN, find, local

MOST_NODES = 400
LONGEST_NAME = 120
_ID = re.compile(r"[a-z][a-z0-9_]{0,79}\Z")
_BOUNDED_CYCLE = re.compile(r"[\"']R[0-9]{1,3}/[^\"']+[\"']\Z")
_HIDDEN = ("Cc", "Cf", "Cs", "Co")  # control, invisible and direction-changing signs
_MANUAL = ("userTask", "manualTask", "task")
_NODES = {
    "startEvent", "endEvent", "userTask", "manualTask", "scriptTask", "serviceTask", "businessRuleTask", "sendTask",
    "receiveTask", "task", "exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway",
    "callActivity", "subProcess", "boundaryEvent", "intermediateCatchEvent", "intermediateThrowEvent",
}  # fmt: skip
_FORBIDDEN = {
    "complexGateway": "complex_gateway",
    "adHocSubProcess": "ad_hoc_sub_process",
    "transaction": "transaction",
    "compensateEventDefinition": "compensation",
    "linkEventDefinition": "link_event",
    "conditionalEventDefinition": "conditional_event",
    "standardLoopCharacteristics": "standard_loop",
}


def _refuse(reason: str, template: str, /, **values: object) -> None:
    raise DefinitionRefused(reason, template, **values)


def flow_nodes(process: etree._Element) -> list[etree._Element]:
    """Every flow node of the process, in document order, those of embedded sub-processes included."""
    return [node for node in process.iter(f"{{{BPMN}}}*") if local(node) in _NODES]


def check_process(process: etree._Element) -> None:
    """Refuse a process for the first thing in it that the engine would do wrong."""
    nodes = flow_nodes(process)
    _check_ids(process, nodes)
    for node in process.iter(f"{{{BPMN}}}*"):
        if local(node) in _FORBIDDEN:
            owner = node.get("id") or node.getparent().get("id")  # type: ignore[union-attr]
            _refuse(
                _FORBIDDEN[local(node)],
                "The process uses %(kind)s (%(owner)s), which the engine does wrong.",
                kind=local(node),
                owner=owner,
            )
    for node in nodes:
        _check_node(process, node)
    _check_loops(process)
    for source in _expressions(process):
        try:
            expressions.compile_expression(source)
        except ExpressionRefused as error:
            _refuse("expression", error.template, **error.values)
    for script in find(process, ".//bpmn:scriptTask/bpmn:script"):
        try:
            expressions.compile_script(script.text or "")
        except ExpressionRefused as error:
            _refuse("script", error.template, **error.values)


def _check_ids(process: etree._Element, nodes: list[etree._Element]) -> None:
    if len(nodes) > MOST_NODES:
        _refuse(
            "too_many_nodes",
            "The process has %(count)s nodes; at most %(most)s are accepted.",
            count=len(nodes),
            most=MOST_NODES,
        )
    seen: set[str] = set()
    for node in [process, *nodes]:
        identifier = node.get("id") or ""
        if not _ID.match(identifier):
            _refuse(
                "id",
                "The id “%(id)s” is not snake_case (a to z, 0 to 9, _; at most 80 characters).",
                id=identifier[:40],
            )
        if identifier in seen:
            _refuse("duplicate_id", "The id %(id)s is used twice.", id=identifier)
        seen.add(identifier)
    for named in process.getroottree().iter(f"{{{BPMN}}}*"):
        _check_name(named)
    for lane in find(process, ".//bpmn:lane"):
        if not _ID.match(lane.get("id") or ""):
            _refuse(
                "id",
                "The id “%(id)s” of a lane is no role: a to z, 0 to 9, _.",
                id=(lane.get("id") or "")[:40],
            )
    for extension in find(process, ".//bpmn:extensionElements//*[@id]"):
        if extension.get("id") in seen:
            _refuse(
                "extension_id",
                "An extension element repeats the id %(id)s of a node.",
                id=extension.get("id"),
            )


def _check_name(node: etree._Element) -> None:
    name = node.get("name") or ""
    if (
        len(name) > LONGEST_NAME
        or any(unicodedata.category(sign) in _HIDDEN and sign != "\n" for sign in name)
        or set(name) & set("<>")
    ):
        _refuse(
            "name",
            "The name of %(id)s is too long or holds signs that a name may not hold.",
            id=node.get("id"),
        )


def _check_node(process: etree._Element, node: etree._Element) -> None:
    kind, identifier = local(node), node.get("id")
    if kind == "subProcess" and node.get("triggeredByEvent") == "true":
        _refuse(
            "event_sub_process",
            "%(id)s is an event sub-process, which changes the shared definition.",
            id=identifier,
        )
    if kind == "endEvent" and find(node, "./bpmn:signalEventDefinition"):
        _refuse(
            "signal_end", "%(id)s is a signal end event, which the engine runs as a plain end.", id=identifier
        )
    if kind == "exclusiveGateway":
        _check_decision(process, node)
    if kind == "eventBasedGateway" and _timers_behind(process, node) > 1:
        _refuse("event_gateway_timers", "The event gateway %(id)s waits for two timers.", id=identifier)
    if kind == "boundaryEvent" and node.get("cancelActivity") == "false":
        after = _reachable(identifier or "", _edges(process))
        if any(local(other) in _MANUAL and other.get("id") in after for other in flow_nodes(process)):
            _refuse(
                "reminder_user_task", "%(id)s interrupts nothing and leads to a user task.", id=identifier
            )
    for cycle in find(node, "./bpmn:timerEventDefinition/bpmn:timeCycle"):
        if not _BOUNDED_CYCLE.match((cycle.text or "").strip()):
            _refuse("unbounded_cycle", "The timer %(id)s names no limit such as “R3/P1D”.", id=identifier)
    if kind == "scriptTask" and not find(node, "./bpmn:script"):
        _refuse("script", "The script task %(id)s has no script.", id=identifier)
    if kind in _MANUAL and not _lanes_of(process, identifier or ""):
        _refuse("no_lane", "The user task %(id)s stands in no lane, so nobody could do it.", id=identifier)


def _check_decision(process: etree._Element, gateway: etree._Element) -> None:
    outgoing = _outgoing(process, gateway)
    if len(outgoing) < 2:
        return
    if gateway.get("default"):
        _refuse(
            "default_flow",
            "The decision %(gateway)s has a default flow, which hides a forgotten outcome.",
            gateway=gateway.get("id"),
        )
    for flow in outgoing:
        if not find(flow, "./bpmn:conditionExpression"):
            _refuse(
                "no_condition",
                "The flow %(flow)s out of %(gateway)s has no condition.",
                flow=flow.get("id"),
                gateway=gateway.get("id"),
            )


def _flows(process: etree._Element) -> list[etree._Element]:
    return find(process, ".//bpmn:sequenceFlow")


def _outgoing(process: etree._Element, node: etree._Element) -> list[etree._Element]:
    return [flow for flow in _flows(process) if flow.get("sourceRef") == node.get("id")]


def _targets(process: etree._Element, node: etree._Element) -> list[etree._Element]:
    wanted = {flow.get("targetRef") for flow in _outgoing(process, node)}
    return [other for other in flow_nodes(process) if other.get("id") in wanted]


def _timers_behind(process: etree._Element, node: etree._Element) -> int:
    return sum(bool(find(target, "./bpmn:timerEventDefinition")) for target in _targets(process, node))


def _lanes_of(process: etree._Element, identifier: str) -> list[str]:
    refs = find(process, ".//bpmn:lane/bpmn:flowNodeRef")
    return [ref.getparent().get("id") or "" for ref in refs if (ref.text or "").strip() == identifier]  # type: ignore[union-attr]


def _check_loops(process: etree._Element) -> None:
    """A parallel block or an inclusive join inside a loop fires early: it belongs into a called process."""
    edges = _edges(process)
    for node in flow_nodes(process):
        identifier = node.get("id") or ""
        several = find(node, "./bpmn:multiInstanceLoopCharacteristics")
        if not several and local(node) not in ("parallelGateway", "inclusiveGateway"):
            continue
        if identifier in _reachable(identifier, edges):
            if several:
                _refuse(
                    "repeated_in_loop", "%(id)s repeats inside a loop; call a process there.", id=identifier
                )
            _refuse(
                "parallel_in_loop",
                "%(id)s splits or joins inside a loop; call a process there.",
                id=identifier,
            )


def _edges(process: etree._Element) -> dict[str, set[str]]:
    """node → the nodes that may come next, over flows and boundary events."""
    edges: dict[str, set[str]] = {}
    for flow in _flows(process):
        edges.setdefault(flow.get("sourceRef") or "", set()).add(flow.get("targetRef") or "")
    for boundary in find(process, ".//bpmn:boundaryEvent"):
        edges.setdefault(boundary.get("attachedToRef") or "", set()).add(boundary.get("id") or "")
    return edges


def _reachable(start: str, edges: dict[str, set[str]]) -> set[str]:
    """All that may come after `start`; itself only when it stands in a loop."""
    seen: set[str] = set()
    waiting = list(edges.get(start, ()))
    while waiting:
        current = waiting.pop()
        if current not in seen:
            seen.add(current)
            waiting.extend(edges.get(current, ()))
    return seen


def _expressions(process: etree._Element) -> Iterable[str]:
    paths = (
        ".//bpmn:conditionExpression", ".//bpmn:timeDate", ".//bpmn:timeDuration", ".//bpmn:timeCycle",
        ".//bpmn:completionCondition", ".//bpmn:loopCardinality",
    )  # fmt: skip
    for path in paths:
        for node in find(process, path):
            yield node.text or ""


def check_decision(root: etree._Element) -> None:
    """Refuse a decision file for what the engine does wrong: hit policy, aggregation, several tables, bad cells."""
    decisions = [node for node in root if local(node) == "decision"]
    if len(decisions) != 1:
        _refuse(
            "one_decision",
            "A decision file holds exactly one decision; this one holds %(count)s.",
            count=len(decisions),
        )
    tables = [node for node in decisions[0] if local(node) == "decisionTable"]
    if len(tables) != 1:
        _refuse("one_table", "A decision holds exactly one decision table.")
    table = tables[0]
    if table.get("hitPolicy", "UNIQUE") != "UNIQUE" or table.get("aggregation"):
        _refuse("hit_policy", "The hit policy UNIQUE is accepted.")
    if not _ID.match(decisions[0].get("id") or ""):
        _refuse("id", "The id of a decision is snake_case.")
    for entry in table.iter():
        if isinstance(entry.tag, str) and local(entry) in ("inputEntry", "outputEntry", "inputExpression"):
            _check_cell(local(entry), "".join(map(str, entry.itertext())).strip())


def _check_cell(kind: str, text: str) -> None:
    if kind == "inputEntry" and text in ("", "-"):
        return
    source = text.replace("?", "dmninputexpr") if kind == "inputEntry" else text
    if kind == "inputEntry" and not expressions.is_expression(source):
        source = f"v {source}"
    try:
        code = expressions.compile_expression(source)
    except ExpressionRefused as error:
        raise DefinitionRefused(
            "cell", "The cell “%(cell)s” cannot be used: %(problem)s", cell=text[:60], problem=error
        ) from None
    if kind == "inputEntry" and not text.startswith(("[", "(")) and "," in text and code.co_names == ():
        _refuse(
            "cell_list",
            "The cell “%(cell)s” is a list, which never matches; write one row for each value.",
            cell=text[:60],
        )
    if kind == "inputEntry" and source == text and not expressions.is_constant(text):
        _refuse(
            "cell",
            "The cell “%(cell)s” is no comparison, “text” or number, so it would never match.",
            cell=text[:60],
        )
