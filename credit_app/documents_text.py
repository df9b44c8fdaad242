"""The text of documents that others wrote, PDF and Word, as far as it can be had safely; and what it is found by."""

import io
import logging
import re
import subprocess
import sys
import time
import zipfile
import zlib
from pathlib import Path
from typing import Any, BinaryIO, cast

from sqlalchemy import ARRAY, Text, func, literal

from credit_app.domain.search_words import lexemes_of, typed_lexemes
from credit_app.importers.errors import FileRefused
from credit_app.importers.xml_reading import Element, open_xml

log = logging.getLogger(__name__)

MOST_CHARACTERS = 500_000
PDF = "application/pdf"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
# Reading a PDF ends after so many seconds, whatever it holds.
LONGEST = 20
_READER = Path(__file__).with_name("pdf_reader.py")
# Of a Word file: the parts that hold its text, how much of one is unpacked, and how long one is read.
_PARTS = ("word/document.xml", "word/footnotes.xml", "word/endnotes.xml")
LARGEST_UNPACKED = 48 << 20
LONGEST_WORD_FILE = 10
_NAMESPACES = (
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "http://purl.oclc.org/ooxml/wordprocessingml/main",
)
_ROOTS = {
    f"{{{space}}}{name}": name for space in _NAMESPACES for name in ("document", "footnotes", "endnotes")
}
# Signs that PostgreSQL cannot keep or that only steer a screen; line ends and tabs stay.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_BLANKS = re.compile(r"[ \t\u00a0]+")


def text_of(content: bytes, content_type: str) -> str:
    """The text of a PDF or Word file, a line for each paragraph, at most 500,000 characters.

    Empty for other types and for what cannot be read: encrypted, broken, scanned or unpacking into too much. Never
    raises because of what the file holds.
    """
    if content_type == PDF:
        found = _of_pdf(content)
    elif content_type == WORD:
        found = _of_word(content)
    else:
        found = ""
    return tidied(found)


def tidied(text: str) -> str:
    """`text` as it is kept: no control signs, single blanks, no more than one empty line, 500,000 characters."""
    lines = (
        _BLANKS.sub(" ", line).strip() for line in _CONTROL.sub("", text[: 2 * MOST_CHARACTERS]).splitlines()
    )
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()[:MOST_CHARACTERS]


def words_of(text: str) -> Any:
    """The tsvector that `text` is found by, as an expression for a column: Western words and pairs of Chinese signs.

    The words are told apart here and not by PostgreSQL, whose parser takes a Chinese sentence for one word.
    """
    return func.array_to_tsvector(literal(lexemes_of(text), ARRAY(Text)))


def query_of(typed: str) -> str | None:
    """A tsquery for what somebody typed: each word, or pair of signs, as the beginning of one; None: nothing to find.

    Only letters and digits come from `typed`: the query cannot be broken out of.
    """
    found = typed_lexemes(typed)
    return " & ".join(f"'{one}':*" for one in found) if found else None


# --- PDF: read in a process of its own, which may neither take much memory nor time ----------------------------------


def _of_pdf(content: bytes) -> str:
    command = [sys.executable, "-I", str(_READER), str(MOST_CHARACTERS), str(LONGEST)]
    try:
        done = subprocess.run(  # noqa: S603 - our own program
            command, input=content, capture_output=True, timeout=LONGEST + 5, check=False
        )
    except (subprocess.TimeoutExpired, OSError):
        log.warning("the text of a PDF could not be read in time")
        return ""
    if done.returncode:
        log.info("a PDF without text that could be read: %s", done.stderr[-200:].decode("utf-8", "replace"))
    # What was read before it broke is good.
    return done.stdout[: 4 * MOST_CHARACTERS].decode("utf-8", "ignore")


# --- Word: a zip of XML -----------------------------------------------------------------------------------------------


def _of_word(content: bytes) -> str:
    lines: list[str] = []
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
            for part in (one for one in _PARTS if one in names):
                with archive.open(part) as opened:
                    _read_part(_Bounded(opened), lines)
    except FileRefused as refused:
        log.info("a Word file is read no further: %s", refused.template)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        RuntimeError,
        ValueError,
        MemoryError,
    ) as error:
        log.info("a Word file is read no further: %s", error)
    return "\n".join(lines)


def _read_part(file: "_Bounded", lines: list[str]) -> None:
    """Add the paragraphs of a part; stops when there is text enough or the time is over."""
    until = time.monotonic() + LONGEST_WORD_FILE
    length = sum(map(len, lines))
    for paragraph in open_xml(cast(BinaryIO, file), _ROOTS).parts("p"):
        line = _line(paragraph)
        lines.append(line)
        length += len(line) + 1
        if length > MOST_CHARACTERS or time.monotonic() > until:
            return


def _line(paragraph: Element) -> str:
    """The text of a paragraph as it reads with all tracked changes accepted: what was deleted is not in `t`."""
    pieces = []
    for node in paragraph.iter():
        name = node.tag.rpartition("}")[2]
        if name == "t":
            pieces.append(node.text or "")
        elif name in ("tab", "br", "cr"):
            pieces.append(" ")
    return "".join(pieces)


class _Bounded:
    """A part of an archive that ends, as a broken one does, when it unpacks into too much."""

    def __init__(self, file: Any) -> None:
        self._file, self._left = file, LARGEST_UNPACKED

    def read(self, size: int = -1) -> bytes:
        """The next bytes. Raises ValueError beyond what is unpacked of one part."""
        chunk: bytes = self._file.read(size)
        self._left -= len(chunk)
        if self._left < 0:
            raise ValueError("it would unpack into too much data")
        return chunk
