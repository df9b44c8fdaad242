"""Brings checked rows to the database by COPY, where they are judged and written as sets."""
# ruff: noqa: S608 (the statements are put together from names in this package, never from a file)

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import count, islice
from typing import Any

from psycopg import sql
from sqlalchemy import text
from sqlalchemy.orm import Session

from credit_app.importers.checks import Values
from credit_app.importers.fields import FIELDS
from credit_app.importers.mapping import Mapping

_TYPES = {"date": "date", "amount": "numeric(18,2)", "yes_no": "boolean"}
# What the check of a row adds to the fields, or fills although no column does.
_ADDED = {"invoices": {"base_external_id": "text", "instalment": "smallint", "parts": "smallint"}}
_FILLED = {"invoices": ("number", "kind", "disputed", "due_date", "terms")}


@dataclass(frozen=True, slots=True)
class Days:
    """The days that matter: today, the first day still open to entries, and between which new documents are dated.

    In the opening of a source `first` and `oldest` are None: its history comes in, however old.
    """

    today: date
    first: date | None = None
    oldest: date | None = None
    latest: date | None = None


def staged(mapping: Mapping) -> list[str]:
    """The columns of the stage that this mapping fills, row number and key aside."""
    kind = mapping.kind
    names = [n for n in FIELDS[kind] if n in mapping.fields or n in _FILLED.get(kind, ())]
    return [*names, *_ADDED.get(kind, {}), *(["customer_id"] if mapping.finds_customers else [])]


def customer_of(mapping: Mapping) -> str:
    """SQL: customer `c` is the one of row `s`."""
    return "c.id = s.customer_id" if mapping.finds_customers else "c.external_id = s.customer_external_id"


def make_stage(session: Session, kind: str) -> None:
    """Temporary tables: `import_row` has every field of the kind, `row` of the file, and `line` as its key.

    An invoice in instalments has a line for each; `customer_id` is filled where a row found its customer itself.
    """
    columns = {name: _TYPES.get(field.type, "text") for name, field in FIELDS[kind].items()}
    columns |= _ADDED.get(kind, {}) | {"customer_id": "bigint"}
    fields = ", ".join(f"{name} {kept}" for name, kept in columns.items())
    # Sorting and comparing a large file in memory; given back at the end of the transaction.
    session.execute(text("SET LOCAL work_mem = '96MB'"))
    for name in ("row", "repeat", "judged", "payer"):
        session.execute(text(f"DROP TABLE IF EXISTS pg_temp.import_{name}"))
    session.execute(
        text(f"CREATE TEMPORARY TABLE import_row (line integer, row integer, {fields}) ON COMMIT DROP")
    )


@contextmanager
def copying(session: Session, mapping: Mapping) -> Iterator[Callable[[list[Values]], None]]:
    """A COPY into `import_row`: call what it yields with rows of values by name, `row` among them."""
    driver: Any = session.connection().connection.driver_connection
    names = ["row", *staged(mapping)]
    statement = sql.SQL("COPY import_row (line, {}) FROM STDIN").format(
        sql.SQL(", ").join(map(sql.Identifier, names))
    )
    types = {name: field.type for name, field in FIELDS[mapping.kind].items()}
    lines, days = count(1), _Days()
    with driver.cursor() as cursor, cursor.copy(statement) as copy:

        def write(rows: list[Values]) -> None:
            columns = [_texts([row.get(name) for row in rows], types.get(name, ""), days) for name in names]
            numbers = map(str, islice(lines, len(rows)))
            copy.write("".join([f"{line}\n" for line in map("\t".join, zip(numbers, *columns, strict=True))]))

        yield write


class _Days(dict[date | None, str]):
    """A day as COPY takes it; there are few different ones."""

    def __missing__(self, day: date | None) -> str:
        self[day] = text = NOTHING if day is None else day.isoformat()
        return text


NOTHING = "\\N"
_FLAGS = {None: NOTHING, True: "t", False: "f"}
_SPECIAL = re.compile(r"[\\\t\n\r]")
_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def _texts(values: list[Any], kind: str, days: _Days) -> list[str]:
    """A column in the text format of COPY. Made by column: the driver would look at every value of every row."""
    if kind == "date":
        return list(map(days.__getitem__, values))
    if kind == "yes_no":
        return list(map(_FLAGS.__getitem__, values))
    texts = [NOTHING if value is None else str(value) for value in values]
    if kind in ("amount", "") or not _SPECIAL.search("".join(filter(None, values))):
        return texts
    return [
        text if value is None else text.translate(_ESCAPED) for value, text in zip(values, texts, strict=True)
    ]


def find_repeats(session: Session, mapping: Mapping, key: str = "external_id") -> None:
    """Keeps as `import_repeat` the lines whose key stood in an earlier row, and whether they say the same."""
    names = staged(mapping)
    mine, other = (", ".join(f"{row}.{name}" for name in names) for row in "sf")
    session.execute(text("ANALYZE import_row"))
    session.execute(
        text(f"""
            CREATE TEMPORARY TABLE import_repeat ON COMMIT DROP AS
            SELECT s.line, f.line IS NOT NULL AND ({mine}) IS NOT DISTINCT FROM ({other}) AS same
            FROM (
                SELECT {key} AS key, min(row) AS row FROM import_row
                GROUP BY {key} HAVING count(*) > 1 AND min(row) <> max(row)
            ) d JOIN import_row s ON s.{key} = d.key AND s.row > d.row
            LEFT JOIN import_row f ON f.row = d.row AND f.external_id = s.external_id
        """)
    )
    session.execute(text("ANALYZE import_repeat"))


def judge(session: Session, select: str, **values: Any) -> None:
    """Keeps the result of `select` (line, row, verdict, field and what writing needs) as `import_judged`."""
    session.execute(text(f"CREATE TEMPORARY TABLE import_judged ON COMMIT DROP AS {select}"), values)
    session.execute(text("ANALYZE import_judged"))


def run(session: Session, statement: str, **values: Any) -> int:
    """Executes one statement; the number of rows it made or changed."""
    result: Any = session.execute(text(statement), values)
    return int(result.rowcount)
