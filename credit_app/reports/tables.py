"""Rows as a file for a spreadsheet, made while it is sent: CSV (RFC 4180, UTF-8 with its mark) or XLSX.

Text stays text: what a spreadsheet could take for a formula is kept from being one. Numbers and days stay numbers and
days, also negative ones.
"""

import csv
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

Cell = Any  # str (also lazy), int, Decimal, date, datetime (aware), bool or None
Rows = Iterable[Sequence[Cell]]

FORMS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
CHUNK = 64 * 1024
LONGEST = 32_767  # characters that a cell of a workbook holds
MOST_ROWS = 1_048_576  # of a sheet, its heading included

# The full-width signs begin a formula where the spreadsheet speaks Chinese or Japanese.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_NOT_IN_TITLES = re.compile(r"[\[\]:*?/\\']")


def table(form: str, title: str, headings: Sequence[Cell], rows: Rows, zone: str = "UTC") -> Iterator[bytes]:
    """The file in chunks. `form` is one of FORMS, `title` names the sheet, instants are written in `zone`."""
    make: Callable[..., Iterator[bytes]] = {"csv": csv_table, "xlsx": xlsx_table}[form]
    return make(title, headings, rows, zone)


def safe_text(text: str) -> str:
    """A text that no spreadsheet runs: an apostrophe before what begins like a formula, blanks aside."""
    kept = _UNWRITABLE.sub("\ufffd", text)
    kept = kept if len(kept) < LONGEST else kept[: LONGEST - 2] + "…"
    begins = text.lstrip(" \n\u00a0\u3000\ufeff")[:1]
    return f"'{kept}" if begins in _FORMULA and begins else kept


class _Lines:
    """Takes what the CSV writer writes, until it is sent."""

    def __init__(self) -> None:
        self.waiting: list[str] = ["\ufeff"]
        self.size = 0

    def write(self, line: str) -> int:
        self.waiting.append(line)
        self.size += len(line)
        return len(line)

    def take(self) -> bytes:
        """What has come since the last call."""
        taken, self.waiting, self.size = "".join(self.waiting), [], 0
        return taken.encode()


def csv_table(_title: str, headings: Sequence[Cell], rows: Rows, zone: str = "UTC") -> Iterator[bytes]:
    """CSV in chunks: comma, CRLF, the day as 2026-03-10, the amount as 1234.50."""
    lines, place = _Lines(), ZoneInfo(zone)
    writer = csv.writer(lines, lineterminator="\r\n")
    writer.writerow([safe_text(str(heading)) for heading in headings])
    for row in rows:
        writer.writerow([_written(cell, place) for cell in row])
        if lines.size >= CHUNK:
            yield lines.take()
    yield lines.take()


def _written(cell: Cell, zone: ZoneInfo) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, int | Decimal):
        return f"{cell:f}" if isinstance(cell, Decimal) else str(cell)
    if isinstance(cell, datetime):
        return cell.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
    return cell.isoformat() if isinstance(cell, date) else safe_text(str(cell))


def xlsx_table(title: str, headings: Sequence[Cell], rows: Rows, zone: str = "UTC") -> Iterator[bytes]:
    """A workbook in chunks, made row by row on disk; what has no room on a sheet goes on on another."""
    # Loaded at the first workbook: openpyxl costs a web process six megabytes for good.
    from openpyxl import Workbook  # noqa: PLC0415

    book, place = Workbook(write_only=True), ZoneInfo(zone)
    name = _NOT_IN_TITLES.sub(" ", title).strip()[:24] or "Sheet"
    filled, number = MOST_ROWS, 0
    sheet: Any = None
    for row in _at_least_one(rows):
        if filled >= MOST_ROWS:
            number += 1
            sheet = book.create_sheet(name if number == 1 else f"{name} ({number})")
            sheet.freeze_panes = "A2"
            sheet.append([_cell(sheet, str(heading), place) for heading in headings])
            filled = 1
        if row is not None:
            sheet.append([_cell(sheet, cell, place) for cell in row])
            filled += 1
    with tempfile.TemporaryFile(prefix="credit-table-") as file:
        book.save(file)
        yield from _chunks(file)


def _at_least_one(rows: Rows) -> Iterator[Sequence[Cell] | None]:
    """The rows behind a None, so that a table without rows still has its heading."""
    yield None
    yield from rows


def _cell(sheet: Any, value: Cell, zone: ZoneInfo) -> Any:
    """A cell of its own type. Text is text whatever stands in it; the apostrophe guards it when it is saved as CSV."""
    from openpyxl.cell.cell import WriteOnlyCell  # noqa: PLC0415

    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Decimal):
        cell = WriteOnlyCell(sheet, value)  # type: ignore[arg-type]
        cell.number_format = "#,##0.00" if value.as_tuple().exponent else "#,##0"
    elif isinstance(value, date):
        moment = isinstance(value, datetime)
        shown: Any = value.astimezone(zone).replace(tzinfo=None) if isinstance(value, datetime) else value
        cell = WriteOnlyCell(sheet, shown)
        cell.number_format = "yyyy-mm-dd hh:mm:ss" if moment else "yyyy-mm-dd"
    else:
        cell = WriteOnlyCell(sheet, safe_text(str(value)))
        cell.data_type = "s"
    return cell


def _chunks(file: BinaryIO | Any) -> Iterator[bytes]:
    file.seek(0)
    while chunk := file.read(CHUNK):
        yield chunk
