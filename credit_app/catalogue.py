"""The catalogue of every text to translate: from code, pages, mails and the names in the diagrams.

`python -m credit_app.catalogue` writes credit_app/translations/messages.pot anew; a test keeps it current.
"""

import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po
from lxml import etree

from credit_app import resources

POT = Path(__file__).resolve().parent / "translations" / "messages.pot"
KEYWORDS: dict[str, Any] = {"_": None, "_l": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
SOURCES = (
    ("credit_app", [("**.py", "python")]),
    ("templates", [("**.html", "jinja2"), ("**.txt", "jinja2")]),
    ("bpmn", [("**.bpmn", "credit_app.catalogue:bpmn_names")]),
)
# Elements whose name is for the engine, not for people.
UNSEEN = ("dataInput", "dataOutput", "message")


def bpmn_names(
    file: IO[bytes], _keywords: Any, _tags: Any, options: Any = None
) -> Iterator[tuple[int, str, str, list[str]]]:
    """Yield the names of nodes, lanes, flows and processes of a diagram, as Babel's extractors do."""
    del options
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    for element in etree.parse(file, parser).iter("{*}*"):
        name = " ".join((element.get("name") or "").split())
        if name and etree.QName(element).localname not in UNSEEN:
            yield 0, "_", name, []


def build() -> str:
    """Return the catalogue as text, sorted, without places and dates: it changes only with the texts."""
    catalog = Catalog(project="Credit Desk", charset="utf-8", fuzzy=False)
    for folder, methods in SOURCES:
        found = extract_from_dir(resources.CHECKOUT / folder, methods, {}, KEYWORDS)
        for _file, _line, message, _comments, context in found:
            catalog.add(message, None, context=context)
    text = BytesIO()
    write_po(text, catalog, no_location=True, omit_header=True, sort_output=True, width=110)
    return HEADER + text.getvalue().decode()


HEADER = """msgid ""
msgstr ""
"Project-Id-Version: Credit Desk\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def main() -> int:
    """Write the catalogue; returns the exit code."""
    POT.write_text(build())
    return 0


if __name__ == "__main__":
    sys.exit(main())
