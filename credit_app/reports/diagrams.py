"""What a report reads from a diagram: its nodes, flows and words, without running it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

NS = {
    "bpmn": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "dmn": "https://www.omg.org/spec/DMN/20191111/MODEL/",
}


@dataclass(frozen=True)
class Diagram:
    """One process of a file, with what its words are looked up in."""

    process: etree._Element
    messages: dict[str, str]

    @property
    def id(self) -> str:
        return self.process.get("id") or ""

    def flows(self, end: str, node: str | None) -> list[etree._Element]:
        """The sequence flows whose `end` (sourceRef or targetRef) is that node."""
        return find(self.process, f".//bpmn:sequenceFlow[@{end}=$node]", node=node or "")

    def node(self, key: str | None) -> etree._Element:
        return find(self.process, ".//*[@id=$key]", key=key or "")[0]

    def nodes(self) -> list[etree._Element]:
        """The nodes in the order in which the flows reach them; what events on an edge lead to comes last."""
        seen: dict[str, etree._Element] = {}
        for start in find(self.process, ".//bpmn:startEvent"):
            self._walk(start.get("id") or "", seen)
        for event in find(self.process, ".//bpmn:boundaryEvent"):
            self._walk(event.get("id") or "", seen)
        return list(seen.values())

    def _walk(self, start: str, seen: dict[str, etree._Element]) -> None:
        waiting = [start]
        while waiting:
            key = waiting.pop(0)
            if key not in seen:
                seen[key] = self.node(key)
                waiting += [flow.get("targetRef") or "" for flow in self.flows("sourceRef", key)]

    def lane(self, node: etree._Element) -> str:
        lanes = find(self.process, ".//bpmn:lane[bpmn:flowNodeRef=$key]", key=node.get("id") or "")
        return name_of(lanes[0]) if lanes else ""

    def leads_to(self, node: etree._Element) -> str:
        return ", ".join(self.beyond(flow) for flow in self.flows("sourceRef", node.get("id")))

    def beyond(self, flow: etree._Element) -> str:
        """Where a flow leads, in words; an unnamed gateway stands for what is behind it."""
        target = self.node(flow.get("targetRef"))
        return name_of(target) if target.get("name") else self.leads_to(target)


def diagrams_in(bpmn_dir: Path) -> Iterator[Diagram]:
    """Every process of the `*.bpmn` files of a folder, file by file."""
    for path in sorted(bpmn_dir.glob("*.bpmn")):
        root = read(path)
        messages = {each.get("id") or "": name_of(each) for each in find(root, "./bpmn:message")}
        yield from (Diagram(process, messages) for process in find(root, "./bpmn:process"))


def read(path: Path) -> etree._Element:
    """The root of a file, with nothing from outside it: no entities, no network, no DOCTYPE."""
    content = path.read_bytes()
    if b"<!DOCTYPE" in content:
        raise ValueError(f"{path.name} holds a DOCTYPE; plain XML is accepted.")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    return etree.fromstring(content, parser)


def find(element: etree._Element, path: str, **values: str) -> list[etree._Element]:
    """The elements at an XPath, with the prefixes of NS and `$names` for the values."""
    found = element.xpath(path, namespaces=NS, smart_strings=False, **values)
    return [each for each in found if isinstance(each, etree._Element)] if isinstance(found, list) else []


def kind(element: etree._Element) -> str:
    """The element's tag without its namespace, such as `userTask`."""
    return str(etree.QName(element).localname)


def name_of(element: etree._Element) -> str:
    """What people call the element: its name, else its id."""
    return " ".join((element.get("name") or element.get("id") or "").split())


def words_of(element: etree._Element, path: str = "./bpmn:documentation") -> str:
    """The text of the elements at a path, on one line."""
    return " ".join(" ".join(each.text or "" for each in find(element, path)).split())
