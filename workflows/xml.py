"""Reading XML that strangers wrote: no entities, no network, no DOCTYPE, capped in size."""

from __future__ import annotations

import re

from lxml import etree

from workflows.errors import DefinitionRefused

LARGEST_FILE = 2_000_000
BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
_ENCODING = re.compile(rb"""\s*(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?encoding\s*=\s*["']([^"']*)["']""")
NS = {
    "bpmn": BPMN,
    "bpmndi": "http://www.omg.org/spec/BPMN/20100524/DI",
    "dc": "http://www.omg.org/spec/DD/20100524/DC",
    "dmn": "https://www.omg.org/spec/DMN/20191111/MODEL/",
}


def read(content: bytes, name: str) -> etree._Element:
    """The root of `content`.

    Raises DefinitionRefused (`too_large`, `doctype`, `not_xml`, `encoding`, `instruction`).
    """
    if len(content) > LARGEST_FILE:
        raise DefinitionRefused(
            "too_large", "%(name)s is larger than %(size)s MB.", name=name, size=LARGEST_FILE // 1_000_000
        )
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise DefinitionRefused(
            "doctype", "%(name)s holds a DOCTYPE or an entity; plain XML is accepted.", name=name
        )
    if b"<?xml-stylesheet" in content:
        raise DefinitionRefused(
            "instruction", "%(name)s holds a processing instruction; plain XML is accepted.", name=name
        )
    if not _is_utf8(content):
        raise DefinitionRefused("encoding", "%(name)s is not written in UTF-8.", name=name)
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
        raise DefinitionRefused(
            "not_xml", "%(name)s is not well-formed XML: %(problem)s.", name=name, problem=error.msg
        ) from None
    if root is None or root.getroottree().docinfo.internalDTD is not None:
        raise DefinitionRefused(
            "doctype", "%(name)s holds a DOCTYPE or is empty; plain XML is accepted.", name=name
        )
    return root


def _is_utf8(content: bytes) -> bool:
    """Whether the bytes and what the XML declaration says of them are UTF-8."""
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    declared = _ENCODING.match(content)
    return declared is None or declared[1].lower() in (b"utf-8", b"utf8", b"us-ascii")


def local(node: etree._Element) -> str:
    """The tag of `node` without its namespace."""
    return etree.QName(node).localname


def find(node: etree._Element, path: str) -> list[etree._Element]:
    """The elements at `path`, with the prefixes of NS."""
    return node.xpath(path, namespaces=NS)  # type: ignore[return-value]
