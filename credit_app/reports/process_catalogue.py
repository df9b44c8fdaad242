"""The process catalogue: every diagram and decision table in words, for people who do not read BPMN.

After a change: `python -m credit_app.reports.process_catalogue bpmn docs/processes.md`.
"""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from lxml import etree

from credit_app.reports.diagrams import Diagram, diagrams_in, find, kind, name_of, read, words_of

KINDS = {
    "userTask": "person",
    "manualTask": "person, outside the system",
    "serviceTask": "automatic",
    "scriptTask": "automatic",
    "sendTask": "automatic",
    "receiveTask": "waits for a message",
    "businessRuleTask": "decision table",
    "callActivity": "process",
    "subProcess": "part of the process",
}
CALLS = ".//bpmn:callActivity"
INTRODUCTION = """# The processes

Each process runs exactly as it is drawn. This page is written from the drawings in `bpmn/`: change a diagram,
then run `python -m credit_app.reports.process_catalogue bpmn docs/processes.md`. A test keeps both equal.
"""


def catalogue(bpmn_dir: Path) -> str:
    """Markdown for all `*.bpmn` and `*.dmn` of a folder: purposes, steps, decisions, events, ends, tables.

    Raises ValueError for a file with a DOCTYPE, lxml's XMLSyntaxError for one that is no XML.
    """
    diagrams = list(diagrams_in(bpmn_dir))
    called = {call.get("calledElement") for each in diagrams for call in find(each.process, CALLS)}
    diagrams.sort(key=lambda each: (each.id in called, each.id))  # what people start comes first
    names = {each.id: name_of(each.process) for each in diagrams}
    tables = [read(path) for path in sorted(bpmn_dir.glob("*.dmn"))]
    titles = {_decision(root).get("id") or "": name_of(_decision(root)) for root in tables}
    parts = [INTRODUCTION, _contents([*names.values(), *titles.values()])]
    parts += [_process_page(each, diagrams, names, titles) for each in diagrams]
    parts += [_decision_page(root) for root in tables]
    return "\n".join(parts)


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _anchor(name: str) -> str:
    kept = "".join(sign for sign in name.lower() if sign.isalnum() or sign in " -_")
    return kept.replace(" ", "-")


def _link(name: str) -> str:
    return f"[{name}](#{_anchor(name)})"


def _contents(titles: Iterable[str]) -> str:
    return "\n".join(f"- {_link(title)}" for title in titles) + "\n"


def _markdown_table(title: str, head: list[str], rows: Iterable[Iterable[str]]) -> str:
    """A table under its title, or nothing where there are no rows."""
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    if not lines:
        return ""
    return "\n".join([f"\n### {title}\n", f"| {' | '.join(head)} |", "|" + "---|" * len(head), *lines, ""])


def _process_page(
    diagram: Diagram, diagrams: list[Diagram], names: dict[str, str], titles: dict[str, str]
) -> str:
    callers = [
        _link(names[other.id])
        for other in diagrams
        if find(other.process, f"{CALLS}[@calledElement=$key]", key=diagram.id)
    ]
    lanes = ", ".join(name_of(lane) for lane in find(diagram.process, ".//bpmn:lane"))
    facts = f"Lanes: {lanes}." + (f" Called by: {', '.join(callers)}." if callers else "")
    title = (
        f"## {names[diagram.id]}\n\n{_code(f'{diagram.id}.bpmn')}. {facts}\n\n{words_of(diagram.process)}\n"
    )
    return "".join(
        (
            title,
            _markdown_table("Steps", ["Step", "Who", "How", "What"], _steps(diagram, names, titles)),
            _markdown_table("Decisions", ["Question", "Answer", "When", "Leads to"], _decisions(diagram)),
            _markdown_table(
                "Times and messages", ["At", "What", "When", "Then", "Leads to"], _events(diagram)
            ),
            _markdown_table("Ends", ["End", "Reached from"], _ends(diagram)),
        )
    )


def _steps(diagram: Diagram, names: dict[str, str], titles: dict[str, str]) -> Iterator[list[str]]:
    for node in diagram.nodes():
        how = KINDS.get(kind(node))
        if how is None:
            continue
        called = node.get("calledElement") or ""
        table = (node.get("implementation") or "").removeprefix("dmn:")
        if called in names:
            how += f" {_link(names[called])}"
        elif table in titles:
            how += f" {_link(titles[table])}"
        yield [name_of(node), diagram.lane(node), how, words_of(node)]


def _decisions(diagram: Diagram) -> Iterator[list[str]]:
    for node in diagram.nodes():
        flows = diagram.flows("sourceRef", node.get("id"))
        if kind(node) not in ("exclusiveGateway", "inclusiveGateway") or len(flows) < 2:
            continue
        for index, flow in enumerate(flows):
            condition = words_of(flow, "./bpmn:conditionExpression")
            yield [name_of(node) if index == 0 else "", name_of(flow), _code(condition), diagram.beyond(flow)]


def _events(diagram: Diagram) -> Iterator[list[str]]:
    for node in diagram.nodes():
        if kind(node) not in ("boundaryEvent", "intermediateCatchEvent"):
            continue
        host = node.get("attachedToRef")
        at = name_of(diagram.node(host)) if host else "waits"
        then = "the step stays open" if node.get("cancelActivity") == "false" else "the step ends"
        yield [at, name_of(node), _when(diagram, node), then if host else "goes on", diagram.leads_to(node)]


def _when(diagram: Diagram, node: etree._Element) -> str:
    timers = words_of(node, "./bpmn:timerEventDefinition/*")
    messages = find(node, "./bpmn:messageEventDefinition")
    names = [diagram.messages.get(each.get("messageRef") or "", "") for each in messages]
    when = f"at {_code(timers)}" if timers else f"message {_code(' '.join(names))}" if names else "an event"
    return ". ".join(filter(None, (when, words_of(node))))


def _ends(diagram: Diagram) -> Iterator[list[str]]:
    for node in diagram.nodes():
        if kind(node) == "endEvent":
            sources = (
                diagram.node(flow.get("sourceRef")) for flow in diagram.flows("targetRef", node.get("id"))
            )
            yield [name_of(node), ", ".join(map(name_of, sources))]


def _decision(root: etree._Element) -> etree._Element:
    return find(root, "./dmn:decision")[0]


def _decision_page(root: etree._Element) -> str:
    """A decision table as it is applied: one row per rule, exactly one of them answers."""
    decision = _decision(root)
    inputs, outputs = find(decision, ".//dmn:input"), find(decision, ".//dmn:output")
    head = [each.get("label") or name_of(each) for each in (*inputs, *outputs)]
    rows = (
        [
            str(number),
            *(
                _code(words_of(cell, "./dmn:text"))
                for cell in find(rule, "./dmn:inputEntry | ./dmn:outputEntry")
            ),
            words_of(rule, "./dmn:description"),
        ]
        for number, rule in enumerate(find(decision, ".//dmn:rule"), start=1)
    )
    about = " ".join(
        filter(None, (words_of(root, "./dmn:description"), words_of(decision, "./dmn:question")))
    )
    file = _code(f"{decision.get('id')}.dmn")
    title = f"## {name_of(decision)}\n\n{file}. {about}\n"
    return title + _markdown_table("Rules", ["", *head, "Why"], rows)


def main(arguments: list[str]) -> None:
    """Write the catalogue of a folder of diagrams (first argument) into a file (second argument)."""
    folder, target = map(Path, arguments)
    target.write_text(catalogue(folder), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
