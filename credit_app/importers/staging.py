"""Brings checked rows to the database by COPY, where they are judged and written as sets."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from psycopg import Copy, sql
from sqlalchemy import text
from sqlalchemy.orm import Session

from credit_app.importers.fields import FIELDS, FOUND

_TYPES = {"date": "date", "amount": "numeric(18,2)", "yes_no": "boolean"}


def make_stage(session: Session, kind: str) -> list[str]:
    """A temporary table `import_row` with every field of the kind and what reading finds out; gives their names.

    `row` counts what is staged, `line` is the row's number in the file: an invoice in parts has a row for each.
    """
    types = {name: _TYPES.get(field.type, "text") for name, field in FIELDS[kind].items()} | FOUND.get(
        kind, {}
    )
    columns = ", ".join(f"{name} {type_}" for name, type_ in types.items())
    session.execute(text("DROP TABLE IF EXISTS pg_temp.import_row, pg_temp.import_judged"))
    session.execute(
        text(f"CREATE TEMPORARY TABLE import_row (row integer, line integer, {columns}) ON COMMIT DROP")
    )
    return list(types)


@contextmanager
def copying(session: Session, names: Iterable[str]) -> Iterator[Copy]:
    """A COPY into `import_row`; call `write_row` on it with row, line and the values in that order."""
    driver: Any = session.connection().connection.driver_connection
    columns = sql.SQL(", ").join(map(sql.Identifier, ["row", "line", *names]))
    statement = sql.SQL("COPY import_row ({}) FROM STDIN").format(columns)
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        yield copy


def same_row(names: Iterable[str]) -> str:
    """SQL: row `s` and row `f` of the stage say the same."""
    mine, other = (", ".join(f"{row}.{name}" for name in names) for row in "sf")
    return f"({mine}) IS NOT DISTINCT FROM ({other})"


def judge(session: Session, select: str, **values: Any) -> None:
    """Keeps the result of `select` (row, verdict, field and what writing needs) as `import_judged`."""
    session.execute(text("ANALYZE import_row"))
    session.execute(text(f"CREATE TEMPORARY TABLE import_judged ON COMMIT DROP AS {select}"), values)
    session.execute(text("ANALYZE import_judged"))


def run(session: Session, statement: str, **values: Any) -> int:
    """Executes one statement; the number of rows it made or changed."""
    result: Any = session.execute(text(statement), values)
    return int(result.rowcount)
