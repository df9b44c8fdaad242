"""What a choice leads to, read from the diagram of the version that an instance runs on.

The flows are followed with the data that the choice would set. What a service task or a decision table will say is
not known beforehand, unless the step knows it and says so (`assumes`, by node id; `*` for every node): then the way
ends at the next question that depends on it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflows import Action, Parsed, expressions
from workflows.definitions import Flow, Node, Process

MOST_NODES = 200
PASSED = (
    "startEvent", "task", "sendTask", "scriptTask", "intermediateThrowEvent", "parallelGateway", "exclusiveGateway",
    "inclusiveGateway",
)  # fmt: skip
CODE = ("serviceTask", "businessRuleTask")
Data = Mapping[str, Any]
Place = tuple[Process, Node]


@dataclass(frozen=True, slots=True)
class Ahead:
    """The next thing that happens: a person's task, an end, or a question whose answer is not known yet."""

    process: str
    node: Node
    data: Data
    is_last: bool = False


def after(action: Action, sets: Data, assumes: Mapping[str, Data] | None = None) -> list[Ahead] | None:
    """What follows the task of `action` once it set `sets`; None when the diagram has no way for that."""
    if action.definition is None:
        return []
    data = {**action.data, **sets}
    walk = _Walk(action.definition, assumes or {})
    return walk.found if walk.leave(action.process, action.node, data, unsure=False) else None


def is_drawn(action: Action, sets: Data, assumes: Mapping[str, Data] | None = None) -> bool:
    """Whether the version of the diagram that the instance runs on has a way for this answer."""
    return after(action, sets, assumes) is not None


def has_committee(action: Action) -> bool:
    """Whether the instance's version of the diagrams calls the committee."""
    return action.definition is None or "credit_committee" in action.definition.processes


class _Walk:
    """Follows flows until people, ends and open questions; `leave` says whether there was a way."""

    def __init__(self, definition: Parsed, assumes: Mapping[str, Data]) -> None:
        self.definition = definition
        self.assumes = assumes
        self.found: list[Ahead] = []
        self.calls: list[tuple[str, str]] = []
        self.left = MOST_NODES

    def leave(self, process: str, node: str, data: Data, unsure: bool) -> bool:
        """Take the flows out of a node."""
        drawn = self.definition.processes[process]
        flows = [flow for flow in drawn.flows if flow.source == node]
        at = drawn.nodes[node]
        if at.kind == "exclusiveGateway" and len(flows) > 1:
            chosen = None if unsure else _true_ones(flows, data)
            if chosen is None:
                self._stop(process, at, data)
                return True
            flows = chosen
        elif at.kind == "inclusiveGateway" and len(flows) > 1:
            self._stop(process, at, data)
            return True
        ways = [self.enter(process, flow.target, data, unsure) for flow in flows]
        return bool(ways) and all(ways)

    def enter(self, process: str, node: str, data: Data, unsure: bool) -> bool:
        """Come to a node: go through what runs by itself, stop where somebody or something is waited for."""
        self.left -= 1
        at = self.definition.processes[process].nodes[node]
        called = self.definition.processes.get(at.calls or "") if at.kind == "callActivity" else None
        if self.left < 0:
            self._stop(process, at, data)
            return True
        if at.kind == "endEvent":
            return self._end(process, at, data, unsure)
        if called is not None:
            self.calls.append((process, node))
            return self.enter(called.id, _start_of(called), data, unsure)
        if at.kind in CODE:
            known = self.assumes.get(at.id, self.assumes.get("*"))
            return self.leave(process, node, {**data, **(known or {})}, unsure or known is None)
        if at.kind in PASSED:
            return self.leave(process, node, data, unsure or at.kind == "scriptTask")
        self._stop(process, at, data)
        return True

    def _end(self, process: str, at: Node, data: Data, unsure: bool) -> bool:
        caller = self.calls.pop() if self.calls else _caller_of(self.definition, process)
        if caller is None:
            self._stop(process, at, data, is_last=True)
            return True
        return self.leave(*caller, data, unsure)

    def _stop(self, process: str, at: Node, data: Data, is_last: bool = False) -> None:
        ahead = Ahead(process, at, data, is_last)
        if all((one.process, one.node.id) != (process, at.id) for one in self.found):
            self.found.append(ahead)


def _true_ones(flows: Sequence[Flow], data: Data) -> list[Flow] | None:
    """The flows whose condition holds; None when it cannot be known yet."""
    try:
        return [flow for flow in flows if flow.condition and expressions.evaluate(flow.condition, data)]
    except Exception:  # a name that a later step sets, or a value of another kind
        return None


def _start_of(process: Process) -> str:
    return next(node.id for node in process.nodes.values() if node.kind == "startEvent")


def _caller_of(definition: Parsed, process: str) -> tuple[str, str] | None:
    """The one call activity that leads into a process; None for the outermost, and where several do."""
    found = [
        (each.id, node.id)
        for each in definition.processes.values()
        for node in each.nodes.values()
        if node.calls == process
    ]
    return found[0] if len(found) == 1 else None
