"""Small diagrams as text: enough BPMN to try one thing at a time, without drawing it."""

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="definitions_of_small" targetNamespace="urn:small">"""
MANUAL = ("userTask", "manualTask", "task")


class Node:
    """One flow node: its tag, id, attributes and inner XML."""

    def __init__(
        self, tag: str, node: str, inner: str = "", parts: Sequence["Part"] = (), **attributes: str
    ) -> None:
        self.tag, self.id, self.inner, self.parts, self.attributes = tag, node, inner, parts, attributes

    def xml(self) -> str:
        given = "".join(f" {name}={quoteattr(value)}" for name, value in self.attributes.items())
        inside = self.inner + "".join(text(part) for part in self.parts)
        return f"<bpmn:{self.tag} id={quoteattr(self.id)}{given}>{inside}</bpmn:{self.tag}>"


Part = Node | str  # a string is a flow: "from > to", "from > to : condition"


def text(part: Part) -> str:
    if isinstance(part, Node):
        return part.xml()
    ends, _, condition = part.partition(" : ")
    source, target = (end.strip() for end in ends.split(">"))
    inner = f"<bpmn:conditionExpression>{escape(condition)}</bpmn:conditionExpression>" if condition else ""
    flow = f"{source}_to_{target}"
    return f'<bpmn:sequenceFlow id="{flow}" sourceRef="{source}" targetRef="{target}">{inner}</bpmn:sequenceFlow>'


def nodes_of(parts: Sequence[Part]) -> list[Node]:
    found = []
    for part in parts:
        if isinstance(part, Node):
            found += [part, *nodes_of(part.parts)]
    return found


def bpmn(
    process: str, *parts: Part, messages: Sequence[str] = (), takes: Sequence[str] = (), gives: Sequence[str] = (),
    lane: str | None = "rep", extra: str = "", errors: Sequence[str] = (), escalations: Sequence[str] = (),
) -> bytes:  # fmt: skip
    """A definitions file with one process; every user task stands in the lane `lane`."""
    manual = [node.id for node in nodes_of(parts) if node.tag in MANUAL]
    refs = "".join(f"<bpmn:flowNodeRef>{node}</bpmn:flowNodeRef>" for node in manual)
    lanes = (
        f'<bpmn:laneSet id="lanes"><bpmn:lane id="{lane}" name="Rep">{refs}</bpmn:lane></bpmn:laneSet>'
        if lane
        else ""
    )
    io = ""
    if takes or gives:
        names = [f'<bpmn:dataInput id="{name}" name="{name}" />' for name in takes]
        names += [f'<bpmn:dataOutput id="{name}" name="{name}" />' for name in gives]
        sets = "<bpmn:inputSet /><bpmn:outputSet />"
        io = f"<bpmn:ioSpecification>{''.join(names)}{sets}</bpmn:ioSpecification>"
    body = "".join(text(part) for part in parts)
    outside = "".join(f'<bpmn:message id="message_{name}" name="{name}" />' for name in messages)
    outside += "".join(
        f'<bpmn:error id="error_{name}" name="{name}" errorCode="{name}" />' for name in errors
    )
    outside += "".join(
        f'<bpmn:escalation id="escalation_{name}" name="{name}" escalationCode="{name}" />'
        for name in escalations
    )
    found = f'{HEAD}{outside}<bpmn:process id="{process}" isExecutable="true">{io}{lanes}{body}{extra}</bpmn:process>'
    return f"{found}</bpmn:definitions>".encode()


def start(node: str = "begin") -> Node:
    return Node("startEvent", node)


def end(node: str = "done", inner: str = "") -> Node:
    return Node("endEvent", node, inner)


def user(node: str, inner: str = "") -> Node:
    return Node("userTask", node, inner)


def service(node: str, inner: str = "") -> Node:
    return Node("serviceTask", node, inner)


def script(node: str, lines: str) -> Node:
    return Node("scriptTask", node, f"<bpmn:script>{escape(lines)}</bpmn:script>")


def rule(node: str, table: str) -> Node:
    return Node("businessRuleTask", node, implementation=f"dmn:{table}")


def xor(node: str, **attributes: str) -> Node:
    return Node("exclusiveGateway", node, **attributes)


def fork(node: str) -> Node:
    return Node("parallelGateway", node)


def several(node: str) -> Node:
    return Node("inclusiveGateway", node)


def first_of(node: str) -> Node:
    return Node("eventBasedGateway", node)


def call(node: str, process: str, inner: str = "") -> Node:
    return Node("callActivity", node, inner, calledElement=process)


def inside(node: str, *parts: Part) -> Node:
    return Node("subProcess", node, parts=parts)


def timer(expression: str, kind: str = "timeDuration") -> str:
    return f"<bpmn:timerEventDefinition><bpmn:{kind}>{escape(expression)}</bpmn:{kind}></bpmn:timerEventDefinition>"


def message(name: str) -> str:
    return f'<bpmn:messageEventDefinition messageRef="message_{name}" />'


def error(name: str) -> str:
    return f'<bpmn:errorEventDefinition errorRef="error_{name}" />'


def escalation(name: str) -> str:
    return f'<bpmn:escalationEventDefinition escalationRef="escalation_{name}" />'


def boundary(node: str, host: str, event: str, interrupts: bool = True) -> Node:
    return Node(
        "boundaryEvent", node, event, attachedToRef=host, cancelActivity="true" if interrupts else "false"
    )


def catch(node: str, event: str) -> Node:
    return Node("intermediateCatchEvent", node, event)


def throw(node: str, event: str) -> Node:
    return Node("intermediateThrowEvent", node, event)


def repeated(sequential: bool = False, times: str | None = None, until: str | None = None) -> str:
    """Once for each of `items` (data name), collecting `result` of each in `results`; or `times` times."""
    kind = ' isSequential="true"' if sequential else ""
    stop = f"<bpmn:completionCondition>{escape(until)}</bpmn:completionCondition>" if until else ""
    if times is not None:
        return (
            f"<bpmn:multiInstanceLoopCharacteristics{kind}><bpmn:loopCardinality>{times}</bpmn:loopCardinality>"
            f"{stop}</bpmn:multiInstanceLoopCharacteristics>"
        )
    return (
        f"<bpmn:multiInstanceLoopCharacteristics{kind}><bpmn:loopDataInputRef>items</bpmn:loopDataInputRef>"
        '<bpmn:loopDataOutputRef>results</bpmn:loopDataOutputRef><bpmn:inputDataItem id="item" name="item" />'
        f'<bpmn:outputDataItem id="result" name="result" />{stop}</bpmn:multiInstanceLoopCharacteristics>'
    )
