"""The outcomes that the diagrams draw, and which test goes through each."""

from collections.abc import Callable
from functools import wraps
from itertools import pairwise
from typing import Any

from lxml import etree

from credit_app import resources
from credit_app.models import CreditApplication
from tests.screens.desk import Desk

BPMN = {"bpmn": "http://www.omg.org/spec/BPMN/20100524/MODEL"}
COVERED: dict[str, list[str]] = {}


def outcomes() -> dict[str, tuple[str, str]]:
    """Every sequence flow out of an exclusive gateway or a boundary event: process/flow → where from, where to.

    A flow into a call leads to the start of the called process: the call itself is passed when it has ended.
    """
    found = {}
    drawn = [etree.parse(path).find("bpmn:process", BPMN) for path in sorted(resources.bpmn().glob("*.bpmn"))]
    starts = {each.get("id"): each.find("bpmn:startEvent", BPMN).get("id") for each in drawn}
    for process in drawn:
        key = process.get("id")
        calls = {
            node.get("id"): node.get("calledElement") for node in process.iterfind("bpmn:callActivity", BPMN)
        }
        sources = {
            node.get("id")
            for kind in ("exclusiveGateway", "boundaryEvent")
            for node in process.iterfind(f"bpmn:{kind}", BPMN)
            if kind == "boundaryEvent" or len(node.findall("bpmn:outgoing", BPMN)) > 1  # else it only merges
        }
        for flow in process.iterfind("bpmn:sequenceFlow", BPMN):
            source, target = flow.get("sourceRef"), flow.get("targetRef")
            if source in sources:
                called = calls.get(target)
                where = f"{called}/{starts[called]}" if called else f"{key}/{target}"
                found[f"{key}/{flow.get('id')}"] = (f"{key}/{source}", where)
    return found


def predecessors() -> dict[str, set[str]]:
    """From where each node (process/node) can be reached."""
    found: dict[str, set[str]] = {}
    for path in sorted(resources.bpmn().glob("*.bpmn")):
        process = etree.parse(path).find("bpmn:process", BPMN)
        key = process.get("id")
        for flow in process.iterfind("bpmn:sequenceFlow", BPMN):
            source, target = (f"{key}/{flow.get(name)}" for name in ("sourceRef", "targetRef"))
            found.setdefault(target, set()).add(source)
    return found


def taken_beside_others(way: list[str], source: str, target: str) -> bool:
    """Whether a node was reached from `source` while other branches went on: of the nodes that lead to it, that one was
    passed last before it."""
    before = predecessors().get(target, set())
    reached = (place for place, node in enumerate(way) if node == target)
    return any(
        next((node for node in reversed(way[:place]) if node in before), "") == source for place in reached
    )


def covers(*flows: str) -> Callable[[Callable[..., CreditApplication]], Callable[..., None]]:
    """Names the outcomes that a test goes through; the application it returns must really have taken them."""

    def register(test: Callable[..., CreditApplication]) -> Callable[..., None]:
        for flow in flows:
            COVERED.setdefault(flow, []).append(test.__name__)

        @wraps(test)
        def checked(desk: Desk, *args: Any, **kwargs: Any) -> None:
            way = desk.way(test(desk, *args, **kwargs))
            drawn = outcomes()
            steps = set(pairwise(way))
            for flow in flows:
                assert drawn[flow] in steps or taken_beside_others(way, *drawn[flow]), (flow, way)

        return checked

    return register
