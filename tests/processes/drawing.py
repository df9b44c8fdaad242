"""What the tests of diagrams read from a file, without the platform: an independent second opinion."""

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree

ROOT = Path(__file__).parents[2]
DIAGRAMS = [*sorted((ROOT / "bpmn").glob("*.bpmn")), ROOT / "bench" / "approval.bpmn"]
TABLES = [*sorted((ROOT / "bpmn").glob("*.dmn")), ROOT / "bench" / "bench_matrix.dmn"]
BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"
NS = {
    "bpmn": BPMN,
    "bpmndi": "http://www.omg.org/spec/BPMN/20100524/DI",
    "dc": "http://www.omg.org/spec/DD/20100524/DC",
    "di": "http://www.omg.org/spec/DD/20100524/DI",
    "dmn": DMN,
}
KNOWN_NAMESPACES = {
    *NS.values(),
    "http://www.w3.org/2001/XMLSchema-instance",
    "https://www.omg.org/spec/DMN/20191111/DMNDI/",
    "http://www.omg.org/spec/DMN/20180521/DC/",
    "http://www.omg.org/spec/DMN/20180521/DI/",
}
COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def read(path: Path) -> etree._Element:
    """The root of a diagram; comments and processing instructions stay visible."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(path.read_bytes(), parser)


def found(element: etree._Element, path: str) -> list[etree._Element]:
    return element.xpath(path, namespaces=NS)


def ids(elements: list[etree._Element]) -> list[str]:
    return [element.get("id") or "" for element in elements]


def tag(element: etree._Element) -> str:
    return etree.QName(element).localname


def flow_nodes(root: etree._Element) -> list[etree._Element]:
    endings = ("Event", "Gateway", "Task", "callActivity", "subProcess")
    return [node for node in found(root, "//bpmn:process/bpmn:*") if tag(node).endswith((*endings, "task"))]


def value_of(text: str, data: Mapping[str, Any]) -> Any:
    """The value of a condition: names, literals, comparisons, and / or / not. Anything else raises."""
    return _value(ast.parse(text.strip(), mode="eval").body, data)


def _value(node: ast.expr, data: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return data[name]
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not _value(operand, data)
        case ast.BoolOp(op=ast.And(), values=values):
            return all(_value(each, data) for each in values)
        case ast.BoolOp(op=ast.Or(), values=values):
            return any(_value(each, data) for each in values)
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return COMPARE[type(op)](_value(left, data), _value(right, data))
        case _:
            raise ValueError(f"{ast.unparse(node)!r} is not a portable expression")


def cell_matches(cell: str, value: Any) -> bool:
    """Whether an input cell matches: `-`, a literal, a comparison, or a condition on `?`."""
    cell = cell.strip()
    if cell == "-":
        return True
    if "?" in cell:
        return bool(value_of(cell.replace("?", "cell_input"), {"cell_input": value}))
    if cell.startswith(("<", ">")):
        return bool(value_of(f"cell_input {cell}", {"cell_input": value}))
    return bool(value == ast.literal_eval(cell))


@dataclass(frozen=True)
class Rule:
    id: str
    inputs: tuple[str, ...]
    outputs: tuple[Any, ...]


@dataclass(frozen=True)
class Table:
    id: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    rules: tuple[Rule, ...]

    def matching(self, **values: Any) -> list[Rule]:
        given = [values[name] for name in self.inputs]
        return [rule for rule in self.rules if all(map(cell_matches, rule.inputs, given))]


def read_table(path: Path) -> Table:
    """The decision table of a file as it is written."""
    root = read(path)

    def cells(rule: etree._Element, kind: str) -> tuple[str, ...]:
        return tuple(text.text or "" for text in found(rule, f"./dmn:{kind}/dmn:text"))

    rules = (
        Rule(
            rule.get("id") or "",
            cells(rule, "inputEntry"),
            tuple(map(ast.literal_eval, cells(rule, "outputEntry"))),
        )
        for rule in found(root, "//dmn:rule")
    )
    return Table(
        found(root, "./dmn:decision")[0].get("id") or "",
        tuple(text.text or "" for text in found(root, "//dmn:inputExpression/dmn:text")),
        tuple(output.get("name") or "" for output in found(root, "//dmn:output")),
        tuple(rules),
    )
