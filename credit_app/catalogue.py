"""The catalogue of every text to translate: from code, pages, mails, diagrams and decision tables.

`python -m credit_app.catalogue` writes credit_app/translations/messages.pot anew; a test keeps it current.
With `--update` the translations are brought into line with it too: new texts with no translation, old ones out.
With `--missing` what is not translated yet is listed, and the exit code is 1 when there is any.
"""

import sys
import tomllib
from collections.abc import Iterator
from io import BytesIO
from typing import IO, Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from credit_app import drawn_texts, resources
from credit_app.po import FOLDER, po_file
from credit_app.screens import policy_words

POT = FOLDER / "messages.pot"
LANGUAGES = ("zh_Hans_CN",)
KEYWORDS: dict[str, Any] = {
    **{"_": None, "_l": None, "N_": None, "gettext": None, "ngettext": (1, 2)},
    "InvalidPolicy": (2,),  # what is wrong with a policy figure: the end of a sentence, its second argument
}
# The platform knows no gettext: the templates of its refusals are found by the classes that say them.
SENTENCES = ("Refused", "NotFound", "NotAllowed", "Conflict", "StaleTask", "NotWaiting", "ExpressionRefused")
REFUSALS: dict[str, Any] = {
    "N_": None,
    **dict.fromkeys(SENTENCES, (1,)),
    **dict.fromkeys(("DefinitionRefused", "InvalidAnswer", "_refuse"), (2,)),
}
SOURCES = (
    ("credit_app", [("**.py", "python")], KEYWORDS),
    ("workflows", [("**.py", "python")], REFUSALS),
    ("templates", [("**.html", "jinja2"), ("**.txt", "jinja2")], KEYWORDS),
    ("credit_app/importers/mappings", [("**.toml", "credit_app.catalogue:titles")], KEYWORDS),
    ("bpmn", [("**.bpmn", "credit_app.catalogue:drawn"), ("**.dmn", "credit_app.catalogue:drawn")], KEYWORDS),
)


def drawn(
    file: IO[bytes], _keywords: Any, _tags: Any, options: Any = None
) -> Iterator[tuple[int, str, str, list[str]]]:
    """Yield what a diagram or decision table says to people, as Babel's extractors do."""
    del options
    for text, _put in drawn_texts.texts(drawn_texts.parsed(file.read())):
        yield 0, "_", text, []


def titles(
    file: IO[bytes], _keywords: Any, _tags: Any, options: Any = None
) -> Iterator[tuple[int, str, str, list[str]]]:
    """Yield the title of an import mapping, as Babel's extractors do."""
    del options
    if title := tomllib.load(file).get("title"):
        yield 0, "_", title, []


def template() -> Catalog:
    """Return every text there is to translate."""
    catalog = Catalog(project="Credit Desk", charset="utf-8", fuzzy=False)
    for folder, methods, keywords in SOURCES:
        found = extract_from_dir(resources.CHECKOUT / folder, methods, {}, keywords)
        for _file, _line, message, _comments, context in found:
            catalog.add(message, None, context=context)
    for text in policy_words.texts():
        catalog.add(text, None)
    return catalog


def build() -> str:
    """Return the catalogue as text, sorted, without places and dates: it changes only with the texts."""
    return HEADER + written(template(), 110)


def written(catalog: Catalog, width: int) -> str:
    """Return the messages of a catalogue as text, without its header."""
    text = BytesIO()
    write_po(text, catalog, no_location=True, omit_header=True, sort_output=True, width=width)
    return text.getvalue().decode()


HEADER = """msgid ""
msgstr ""
"Project-Id-Version: Credit Desk\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def translations(locale: str) -> Catalog:
    """Return what is translated into a language so far."""
    with po_file(locale).open("rb") as file:
        return read_po(file, locale=locale)


def missing(locale: str) -> list[Message]:
    """Return the messages that have no translation into a language, plural forms included."""
    known = translations(locale)
    return [message for message in template() if message.id and not whole(known.get(message.id))]


def whole(message: Message | None) -> bool:
    """Tell whether a message is translated, in each of its plural forms."""
    if message is None or not message.string:
        return False
    return isinstance(message.string, str) or all(message.string)


def updated(locale: str) -> str:
    """Return the translations into a language, one line a text, with exactly the texts of the catalogue."""
    known, wanted = translations(locale), template()
    catalog = Catalog(locale=locale, project="Credit Desk", charset="utf-8", fuzzy=False)
    for message in wanted:
        if message.id:
            found = known.get(message.id)
            catalog.add(message.id, found.string if found else None, context=message.context)
    header = HEADER[:-1] + f'"Language: {locale}\\n"\n"Plural-Forms: {catalog.plural_forms}\\n"\n\n'
    return header + written(catalog, 0)


def main(arguments: list[str]) -> int:
    """Write or check; returns the exit code."""
    if "--missing" in arguments:
        return report()
    POT.write_text(build())
    if "--update" in arguments:
        for locale in LANGUAGES:
            po_file(locale).write_text(updated(locale))
    return 0


def report() -> int:
    """Print what is not translated yet; returns the exit code."""
    lacking = [(locale, message) for locale in LANGUAGES for message in missing(locale)]
    for locale, message in lacking:
        sys.stdout.write(f"{locale}: {message.id}\n")
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
