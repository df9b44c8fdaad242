"""Reads an XLSX workbook as rows, with guards against what only pretends to be one."""

import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError

from lxml.etree import LxmlError
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from credit_app.domain.sentences import N_
from credit_app.importers.errors import FileRefused

LARGEST_UNPACKED = 1 << 30
LARGEST_RATIO = 200
MOST_PARTS = 2000
LAST_ROW = 1_048_576
# What a declaration looks like in UTF-8 and in both kinds of UTF-16; a workbook has none.
_DECLARATION = re.compile(
    rb"<!(?:DOCTYPE|ENTITY)|<\0!\0(?:D\0O\0C\0|E\0N\0T\0)|\0<\0!\0(?:D\0O\0C|E\0N\0T)", re.IGNORECASE
)
# All that unpacking, XML and openpyxl raise on damaged input; none of it is ours to handle one by one.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    InvalidFileException,
    ParseError,
    LxmlError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,  # encrypted parts; NotImplementedError: unknown compression
    TypeError,
    ValueError,
)


@contextmanager
def workbook_rows(path: Path, sheet: str = "") -> Iterator[tuple[Iterator[tuple[int, list[Any]]], int]]:
    """(rows, about how many) of the sheet of that name, else of the first; cells are values, not formulas."""
    _check_archive(path)
    with path.open("rb") as file:  # by its content: the name need not end in .xlsx
        book = _load(file)
        try:
            page, about = _page(book, sheet)
            yield _rows(page), about
        finally:
            book.close()


def _load(file: BinaryIO) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # styles that openpyxl does not know
            return load_workbook(file, read_only=True, data_only=True, keep_links=False)
    except _BROKEN as error:
        raise _damaged() from error


def _page(book: Any, sheet: str) -> tuple[Any, int]:
    names = [page.title for page in book.worksheets]
    if not names:
        raise FileRefused(N_("The workbook has no sheet."))
    if sheet and sheet not in names:
        known = ", ".join(names)[:400]
        raise FileRefused(
            N_("The workbook has no sheet “%(sheet)s”; it has: %(names)s."), sheet=sheet, names=known
        )
    page = book[sheet or names[0]]
    try:
        about = page.max_row or 1
        page.reset_dimensions()  # a declared size may be a million empty columns
    except _BROKEN as error:
        raise _damaged() from error
    return page, about


def _rows(page: Any) -> Iterator[tuple[int, list[Any]]]:
    try:
        for number, cells in enumerate(page.iter_rows(values_only=True), 1):
            if number > LAST_ROW:  # a gap claimed between two rows is filled with empty ones
                raise _damaged()
            row = list(cells)
            while row and row[-1] is None:  # formatted but empty
                row.pop()
            yield number, row
    except _BROKEN as error:
        raise _damaged() from error


def _damaged() -> FileRefused:
    return FileRefused(N_("The workbook is damaged or cut off; save it again."))


def _check_archive(path: Path) -> None:
    """Refuses an archive that is no workbook, would unpack into too much, or declares entities."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if "xl/workbook.xml" not in archive.namelist():
                raise FileRefused(N_("This is a ZIP archive, not a workbook; CSV or XLSX is needed."))
            unpacked = sum(part.file_size for part in parts)
            packed = max(1, sum(part.compress_size for part in parts))
            bomb = unpacked > 10 << 20 and unpacked / packed > LARGEST_RATIO
            if len(parts) > MOST_PARTS or unpacked > LARGEST_UNPACKED or bomb:
                raise FileRefused(N_("The workbook would unpack into too much data; save it as CSV."))
            for part in parts:  # whatever its name: a workbook itself says which parts are XML
                _check_part(archive, part)
    except _BROKEN as error:
        raise _damaged() from error


def _check_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    tail = b""
    with archive.open(part) as file:
        while chunk := file.read(1 << 20):
            if _DECLARATION.search(tail + chunk):
                raise FileRefused(
                    N_("The workbook contains declarations that no workbook needs; save it again.")
                )
            tail = chunk[-40:]
