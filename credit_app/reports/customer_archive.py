"""The archive of everything held on a customer: a ZIP made while it is sent, with a manifest of every file's SHA-256.

data/<table>.json   every row, one a line, keys sorted, amounts and days as text: for programs
csv/<table>.csv     the same rows for a spreadsheet; a cell that could be taken for a formula begins with an apostrophe
documents/…         every file handed in, named by table, row and file name
people.json         the names of the people that the rows mention by id
history.jsonl       what happened in the processes of the customer's applications, with the chain of hashes
manifest.json       who exported what when, how many rows, and size and SHA-256 of each of the files above
"""

import csv
import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from credit_app.facts.customer_export import belonging, files_of, people_columns, people_named, rows_of
from credit_app.forms.uploads import safe_name
from credit_app.models import Customer
from credit_app.reports.tables import safe_text

FORMAT = 1
CHUNK = 64 * 1024


class _Pipe(io.RawIOBase):
    """Takes what the ZIP writes and gives it on in chunks; it can only go forward."""

    def __init__(self) -> None:
        self.waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.waiting += data
        return len(data)

    def take(self) -> bytes:
        """What has come since the last call."""
        taken, self.waiting = bytes(self.waiting), bytearray()
        return taken


@dataclass
class _Archive:
    """The ZIP being written, and what its manifest will say."""

    pipe: _Pipe = field(default_factory=_Pipe)
    files: list[dict[str, Any]] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    people: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.zip = zipfile.ZipFile(self.pipe, "w", zipfile.ZIP_DEFLATED)

    def add(self, name: str, parts: Iterable[bytes]) -> Iterator[bytes]:
        """Write one file from its parts; yields what can be sent meanwhile."""
        digest, size = hashlib.sha256(), 0
        with self.zip.open(name, "w", force_zip64=True) as entry:
            for part in parts:
                digest.update(part)
                size += len(part)
                entry.write(part)
                if len(self.pipe.waiting) >= CHUNK:
                    yield self.pipe.take()
        self.files.append({"file": name, "sha256": digest.hexdigest(), "size": size})
        yield self.pipe.take()


def archive(session: Session, customer: Customer, by: str, instant: datetime) -> Iterator[bytes]:
    """The archive in chunks. `session` should see one moment of the database (REPEATABLE READ)."""
    found = _Archive()
    customer_id = customer.id
    for table, query in belonging(customer_id).items():
        if table == "history":
            yield from found.add("history.jsonl", _lines(found, table, rows_of(session, query)))
            continue
        yield from found.add(f"data/{table}.json", _json(found, table, rows_of(session, query)))
        yield from found.add(f"csv/{table}.csv", _csv(rows_of(session, query)))
    for table, key, name, content in files_of(session, customer_id):
        yield from found.add(f"documents/{table}-{key}-{safe_name(name)}", [content])
    yield from found.add("people.json", [_dumps(people_named(session, found.people)) + b"\n"])
    manifest = {
        "format": FORMAT,
        "customer": customer.number,
        "exported_at": instant.isoformat(),
        "exported_by": by,
        "rows": found.rows,
        "files": sorted(found.files, key=lambda one: str(one["file"])),
    }
    yield from found.add("manifest.json", [_dumps(manifest) + b"\n"])
    found.zip.close()
    yield found.pipe.take()


def _dumps(value: Any) -> bytes:
    return orjson.dumps(value, default=_plain, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    raise TypeError(type(value))


def _lines(found: _Archive, table: str, rows: Iterable[RowMapping]) -> Iterator[bytes]:
    """Each row as a line of JSON; remembers how many there were and whom they mention."""
    mentioned, count = people_columns(table), 0
    for row in rows:
        count += 1
        found.people |= {row[name] for name in mentioned if row[name] is not None}
        yield _dumps(dict(row)) + b"\n"
    found.rows[table] = count


def _json(found: _Archive, table: str, rows: Iterable[RowMapping]) -> Iterator[bytes]:
    yield b"[\n"
    for number, line in enumerate(_lines(found, table, rows)):
        yield (b"," if number else b"") + line
    yield b"]\n"


def _csv(rows: Iterable[RowMapping]) -> Iterator[bytes]:
    """A table for a spreadsheet, with its mark for UTF-8; empty when there are no rows."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for number, row in enumerate(rows):
        if number == 0:
            buffer.write("\ufeff")
            writer.writerow(row.keys())
        writer.writerow([cell(value) for value in row.values()])
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()


def cell(value: Any) -> str:
    """A value as a spreadsheet may have it: what people typed is text, never a formula."""
    if value is None:
        return ""
    if isinstance(value, bool | int | Decimal):
        return format(value, "f") if isinstance(value, Decimal) else str(value).lower()
    if isinstance(value, date | datetime):
        return value.isoformat()
    return safe_text(value if isinstance(value, str) else _dumps(value).decode())
