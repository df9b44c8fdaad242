"""Finds out how a text file is encoded: by mark, strict UTF-8, the shapes of UTF-16 and Chinese, a guess."""

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

from credit_app.domain.sentences import N_
from credit_app.importers.errors import FileRefused

CHUNK = 1 << 20
SAMPLE = 1 << 18

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"\x84\x31\x95\x33", "gb18030"),
)


def find_encoding(path: Path, declared: str = "") -> str:
    """The encoding in which the whole file can be read; `declared` (by the mapping) is tried first.

    A byte order mark wins over everything. Raises FileRefused for a file that is no text.
    """
    with path.open("rb") as file:
        head = file.read(SAMPLE)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return _readable(path, name)
    if declared:
        return _readable(path, declared)
    if b"\x00" in head:
        return _readable(path, _utf16(head))
    if can_read(path, "utf-8"):
        return "utf-8"
    sample = b"\n".join(_foreign_lines(path))
    if looks_chinese(sample) and can_read(path, "gb18030"):
        return "gb18030"
    # Loaded at the first import: a web process that imports nothing does without its three megabytes.
    from charset_normalizer import from_bytes  # noqa: PLC0415

    guess = from_bytes(sample).best()
    for name in (guess.encoding if guess else "", "cp1252"):
        if name and can_read(path, name):
            return name
    raise FileRefused(N_("The encoding of the file cannot be told; save it as UTF-8 and import it again."))


def can_read(path: Path, encoding: str) -> bool:
    """Whether every byte of the file means something in that encoding."""
    try:
        for _text in _decoded(path, encoding):
            pass
    except (UnicodeError, LookupError):
        return False
    return True


def _decoded(path: Path, encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield decoder.decode(chunk)
    yield decoder.decode(b"", final=True)


def _readable(path: Path, encoding: str) -> str:
    if encoding and can_read(path, encoding):
        return encoding
    name = encoding.upper() or "ASCII"
    raise FileRefused(
        N_("The file is not readable as %(name)s: it is damaged or of another type."), name=name
    )


def _utf16(head: bytes) -> str:
    """Text with zero bytes in every other place is UTF-16 without its mark; other zero bytes are no text."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if odd > half * 0.3 and even < half * 0.05:
        return "utf-16-le"
    if even > half * 0.3 and odd < half * 0.05:
        return "utf-16-be"
    raise FileRefused(N_("The file is not a text file: it contains binary data."))


def _foreign_lines(path: Path) -> list[bytes]:
    """The lines that are not plain ASCII, up to the size of a sample: only they tell encodings apart."""
    found: list[bytes] = []
    size = 0
    with path.open("rb") as file:
        while size < SAMPLE and (line := file.readline(SAMPLE)):
            if not line.isascii():
                found.append(line.rstrip(b"\r\n"))
                size += len(line)
    return found


def looks_chinese(sample: bytes) -> bool:
    """Whether the bytes above ASCII stand in pairs, most of them among the common characters of GB 2312.

    Western text in a one-byte encoding has single ones, and its pairs would be rare characters.
    """
    runs = re.findall(rb"[\x81-\xfe]+", sample)
    paired = sum(len(run) for run in runs if len(run) % 2 == 0)
    pairs = [run[i : i + 2] for run in runs if len(run) % 2 == 0 for i in range(0, len(run), 2)]
    common = sum(0xA1 <= pair[0] <= 0xD7 and pair[1] >= 0xA1 for pair in pairs)
    return bool(pairs) and paired >= 0.7 * sum(map(len, runs)) and common >= 0.7 * len(pairs)
