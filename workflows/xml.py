"""Reading XML that strangers wrote: no entities, no network, no DOCTYPE, capped in size."""

from __future__ import annotations

from lxml import etree

from workflows.errors import DefinitionRefused

LARGEST_FILE = 2_000_000
BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
NS = {
    "bpmn": BPMN,
    "bpmndi": "http://www.omg.org/spec/BPMN/20100524/DI",
    "dc": "http://www.omg.org/spec/DD/20100524/DC",
    "dmn": "https://www.omg.org/spec/DMN/20191111/MODEL/",
}


def read(content: bytes, name: str) -> etree._Element:
    """The root of `content`. Raises DefinitionRefused (`too_large`, `doctype`, `not_xml`, `instruction`)."""
    if len(content) > LARGEST_FILE:
        raise DefinitionRefused("too_large", f"{name} is larger than {LARGEST_FILE // 1_000_000} MB.")
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise DefinitionRefused("doctype", f"{name} holds a DOCTYPE or an entity; plain XML is accepted.")
    if b"<?xml-stylesheet" in content:
        raise DefinitionRefused(
            "instruction", f"{name} holds a processing instruction; plain XML is accepted."
        )
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise DefinitionRefused("not_xml", f"{name} is not well-formed XML: {error.msg}.") from None
    if root is None or root.getroottree().docinfo.doctype:
        raise DefinitionRefused("doctype", f"{name} holds a DOCTYPE or is empty; plain XML is accepted.")
    return root


def local(node: etree._Element) -> str:
    """The tag of `node` without its namespace."""
    return etree.QName(node).localname


def find(node: etree._Element, path: str) -> list[etree._Element]:
    """The elements at `path`, with the prefixes of NS."""
    return node.xpath(path, namespaces=NS)  # type: ignore[return-value]
