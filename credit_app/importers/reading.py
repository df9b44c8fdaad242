"""Opens a file of unknown make as a table: a heading and rows of cells, read as a stream."""

import csv
import hashlib
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import filetype

from credit_app.domain.sentences import N_
from credit_app.importers.encodings import find_encoding
from credit_app.importers.errors import FileRefused
from credit_app.importers.mapping import Mapping

LARGEST_FILE = 200 * 1024 * 1024
MOST_ROWS = 1_000_000
MOST_COLUMNS = 300
DELIMITERS = (",", ";", "\t", "|")

Row = tuple[int, list[Any]]  # number in the file (1 = first line), cells


@dataclass(slots=True)
class Table:
    """A heading with its rows still to be read. `about` how many rows there may be, for showing progress."""

    heading: list[str]
    rows: Iterator[Row]
    sha256: str
    encoding: str
    delimiter: str
    about: int


@contextmanager
def open_table(file: Path | BinaryIO, mapping: Mapping) -> Iterator[Table]:
    """The file as a table whose heading has every column that the mapping needs, else FileRefused.

    A stream is copied aside first: encoding and delimiter are found by reading twice.
    """
    with at_hand(file) as (path, sha256), _table_at(path, sha256, mapping) as table:
        yield table


@contextmanager
def at_hand(file: Path | BinaryIO) -> Iterator[tuple[Path, str]]:
    """(path, SHA-256) of the file; a stream is copied aside. FileRefused for none, an empty or a too large one."""
    if isinstance(file, Path):
        yield file, _checked(file)
        return
    with tempfile.TemporaryDirectory(prefix="credit-import-") as folder:
        path = Path(folder) / "file"
        with path.open("wb") as copy:
            shutil.copyfileobj(limited(file), copy, 1 << 20)
        yield path, _checked(path)


def limited(stream: BinaryIO) -> "_Limited":
    """The stream, which raises FileRefused once it has given more than LARGEST_FILE bytes."""
    return _Limited(stream)


class _Limited:
    """A stream that refuses to give more than LARGEST_FILE bytes."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream, self.left = stream, LARGEST_FILE

    def read(self, size: int = -1) -> bytes:
        data = self.stream.read(size)
        self.left -= len(data)
        if self.left < 0:
            raise _too_large()
        return data


def _too_large() -> FileRefused:
    return FileRefused(
        N_("The file is larger than %(size)s MB; split it into parts."), size=LARGEST_FILE // 1024 // 1024
    )


def _checked(path: Path) -> str:
    """The file's SHA-256."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise FileRefused(N_("The file %(name)s cannot be opened."), name=path.name) from error
    if not path.is_file():
        raise FileRefused(N_("%(name)s is not a file."), name=path.name)
    if size == 0:
        raise FileRefused(N_("The file is empty."))
    if size > LARGEST_FILE:
        raise _too_large()
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _table_at(path: Path, sha256: str, mapping: Mapping) -> Iterator[Table]:
    with path.open("rb") as file:
        head = file.read(8192)
    if head.startswith(b"PK"):
        # Loaded at the first workbook: openpyxl costs a web process six megabytes for good.
        from credit_app.importers.workbook import workbook_rows  # noqa: PLC0415

        with workbook_rows(path, mapping.sheet) as (rows, about):
            yield _table(rows, mapping, Table([], iter(()), sha256, "xlsx", "", about))
        return
    _refuse_known_binary(head)
    encoding = find_encoding(path, mapping.encoding)
    delimiter = mapping.delimiter or _find_delimiter(path, encoding, mapping)
    with path.open(encoding=encoding, newline="") as text:
        table = Table([], iter(()), sha256, encoding, delimiter, _count_lines(path))
        yield _table(_csv_rows(text, delimiter), mapping, table)


def _refuse_known_binary(head: bytes) -> None:
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise FileRefused(N_("This is a workbook of an old make (.xls); save it as .xlsx or CSV."))
    kind = filetype.guess(head)
    if kind is not None:
        raise FileRefused(
            N_("This is a file of type %(type)s; CSV or XLSX is needed."), type=kind.extension.upper()
        )


def _count_lines(path: Path) -> int:
    """About how many lines: enough to show progress."""
    with path.open("rb") as file:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))


def _csv_rows(lines: Iterable[str], delimiter: str) -> Iterator[Row]:
    """Rows with the number of the line each began on; quotes may hold line ends."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        what = N_("The file cannot be read from line %(line)s on: %(what)s.")
        raise FileRefused(what, line=line, what=str(error)) from error


def _find_delimiter(path: Path, encoding: str, mapping: Mapping) -> str:
    """The delimiter with which the heading shows most of the columns that the mapping needs."""

    def score(delimiter: str) -> tuple[int, int]:
        with path.open(encoding=encoding, newline="") as text:
            try:
                cells = next((cells for _line, cells in _csv_rows(text, delimiter) if any(cells)), [])
            except FileRefused:
                return 0, 0
        names = _names(cells)
        return sum(column.casefold() in names for column in mapping.columns), len(cells)

    return max(DELIMITERS, key=score)


def _names(heading: Iterable[Any]) -> dict[str, int]:
    """Place of each column by its name in small letters."""
    return {str(name or "").strip().casefold(): place for place, name in enumerate(heading)}


def _table(rows: Iterator[Row], mapping: Mapping, table: Table) -> Table:
    """Reads the heading (the first row that is not blank) and checks it against the mapping."""
    heading = next((cells for _number, cells in rows if _filled(cells)), None)
    if heading is None:
        raise FileRefused(N_("The file has no rows."))
    if len(heading) > MOST_COLUMNS:
        raise FileRefused(N_("The file has more than %(most)s columns."), most=MOST_COLUMNS)
    table.heading = [str(name if name is not None else "").strip() for name in heading]
    names = [name.casefold() for name in table.heading]
    for column in mapping.columns:
        if names.count(column.casefold()) != 1:
            raise _wrong_column(column, names.count(column.casefold()), table.heading)
    table.rows = _within(row for row in rows if _filled(row[1]))
    return table


def _wrong_column(column: str, times: int, heading: list[str]) -> FileRefused:
    if times:
        return FileRefused(
            N_("The column “%(column)s” is there %(times)s times."), column=column, times=times
        )
    found = ", ".join(name[:40] for name in heading[:20] if name)
    return FileRefused(
        N_("The column “%(column)s” is missing; the file has: %(found)s."), column=column, found=found[:400]
    )


def _filled(cells: list[Any]) -> bool:
    for cell in cells:  # noqa: SIM110 - called for every row; nearly always the first cell answers
        if cell.strip() if isinstance(cell, str) else cell is not None:
            return True
    return False


def _within(rows: Iterator[Row]) -> Iterator[Row]:
    for count, row in enumerate(rows, 1):
        if count > MOST_ROWS:
            raise FileRefused(
                N_("The file has more than %(most)s rows; split it into parts."), most=f"{MOST_ROWS:,}"
            )
        yield row
