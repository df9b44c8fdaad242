"""The words in diagrams and decision tables that people read: found for the catalogue, put in for the viewer."""

from collections.abc import Callable, Iterator
from typing import Any

from lxml import etree

# Elements whose name is for the engine, not for people.
UNSEEN = frozenset(
    {
        "dataInput",
        "dataOutput",
        "inputDataItem",
        "outputDataItem",
        "message",
        "inputData",
        "output",
        "variable",
    }
)
# What a decision table says in words beside its names and labels.
SAID = frozenset({"question", "allowedAnswers", "description"})


def parsed(content: bytes) -> Any:
    """Return the XML of a diagram or table, without anything from outside it."""
    return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))


def texts(root: Any) -> Iterator[tuple[str, Callable[[str], None]]]:
    """Yield every text for people, on one line, with what puts another in its place."""
    for element in root.iter("{*}*"):
        kind = etree.QName(element).localname
        for attribute in ("label",) if kind in UNSEEN else ("label", "name"):
            if text := plain(element.get(attribute)):
                yield text, _setter(element, attribute)
        if kind in SAID and (text := plain(element.text)):
            yield text, _writer(element)


def in_other_words(content: bytes, translate: Callable[[str], str]) -> bytes:
    """Return a diagram or table with its texts translated; ids, conditions and positions stay as they are."""
    root = parsed(content)
    for text, put in texts(root):
        put(translate(text))
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def plain(text: str | None) -> str:
    """Return a text on one line, as it is looked up."""
    return " ".join((text or "").split())


def _setter(element: Any, attribute: str) -> Callable[[str], None]:
    return lambda text: element.set(attribute, text)


def _writer(element: Any) -> Callable[[str], None]:
    def write(text: str) -> None:
        element.text = text

    return write
