"""Documents as PDF: one layout for everything that is filed or sent, set with Typst."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import typst

from credit_app import resources

FONTS = ("NotoSansSC-Regular.ttf", "NotoSansSC-Bold.ttf")


class PdfFailed(Exception):
    """The document could not be set as it should be; the text says what the typesetter said."""


@dataclass(frozen=True, slots=True)
class Column:
    """The head of a table's column; numbers stand at the right, a wide column takes the room that is left."""

    label: str
    number: bool = False
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a document: paragraphs, then pairs of label and value, then a table. Values None show a dash."""

    title: str
    lines: Sequence[str] = ()
    pairs: Sequence[tuple[str, str | None]] = ()
    head: Sequence[Column] = ()
    rows: Sequence[Sequence[str | None]] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A document in one language, everything in it as text; `foot` stands on every page."""

    title: str
    author: str
    lead: str
    foot: str
    sections: Sequence[Section]
    lang: str = "en"
    region: str = "GB"


def pdf_of(document: Document, made_at: datetime) -> bytes:
    """The document as PDF; the same document and instant give the same bytes. Raises PdfFailed."""
    return typeset("document.typ", asdict(document), made_at)


def typeset(form: str, values: Mapping[str, Any], made_at: datetime) -> bytes:
    """The form of templates/print with these values as PDF; may be called by several threads at a time.

    Raises PdfFailed also for what the typesetter only warns of: a missing font must not go unnoticed.
    """
    try:
        content, warnings = typst.compile_with_warnings(
            str(resources.templates() / "print" / form),
            root=str(resources.templates()),
            font_paths=fonts(),
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs={"document": orjson.dumps(values).decode()},
            timestamp=int(made_at.timestamp()),
        )
    except typst.TypstError as error:
        raise PdfFailed(error.message) from None
    if warnings or not isinstance(content, bytes):
        raise PdfFailed("; ".join(warning.message for warning in warnings) or "nothing was set")
    return content


@cache
def fonts() -> typst.Fonts:
    """The fonts of every document, read once. Raises PdfFailed when the build has not brought them."""
    folder = font_folder()
    lacking = [name for name in FONTS if not (folder / name).is_file()]
    if lacking:
        raise PdfFailed(
            f"The fonts {', '.join(lacking)} are missing in {folder}: run scripts/build_static.py."
        )
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder)])


def font_folder() -> Path:
    """Where the build puts the fonts."""
    return resources.static() / "vendor" / "fonts"
