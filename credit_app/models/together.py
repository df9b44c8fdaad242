"""Rows of bulk work that are written together: one statement for each table when it ends, instead of one for each row.

For rows that nothing reads before the end. Each is in the history of its action at once, as any other.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from credit_app.models.base import Model
from credit_app.models.once import at_the_end, is_bulk, scratch
from workflows import note_insert

IDS_AT_ONCE = 20


def add_row(session: Session, row: Model) -> None:
    """Add a row; in bulk work it is written when that ends, and only its columns are of use until then."""
    if not is_bulk(session):
        session.add(row)
        session.flush()
        return
    row.id = _number(session, type(row))  # type: ignore[attr-defined]
    values = row.__dict__
    for name, default in _defaults(type(row)).items():
        if name not in values:
            setattr(row, name, default)
    note_insert(session, row)
    add_rows(session, type(row), [{name: values.get(name) for name in _columns(type(row))}])


def add_rows(session: Session, model: type[Model], rows: Sequence[dict[str, Any]]) -> None:
    """The same for rows of one table as dicts with the same columns, which no history names."""
    at_the_end(session, _writer(model, tuple(rows[0])), list(rows))


@cache
def _columns(model: type[Model]) -> tuple[str, ...]:
    return tuple(column.key for column in model.__mapper__.column_attrs)


@cache
def _defaults(model: type[Model]) -> dict[str, Any]:
    """What a flush would fill in, by column."""
    columns = model.__table__.columns
    return {one.name: one.default.arg for one in columns if one.default is not None and one.default.is_scalar}


@cache
def _writer(model: type[Model], columns: tuple[str, ...]) -> Any:
    table, names = model.__tablename__, ", ".join(columns)
    statement = text(
        f"INSERT INTO {table} ({names}) SELECT {names}"  # noqa: S608 - names of tables and columns
        f" FROM jsonb_populate_recordset(NULL::{table}, CAST(:rows AS jsonb)) WITH ORDINALITY ORDER BY ordinality"
    )

    def write(session: Session, rows: list[dict[str, Any]]) -> None:
        session.execute(statement, {"rows": orjson.dumps(rows, default=str).decode()})

    return write


def _number(session: Session, model: type[Model]) -> int:
    """A number of the table. Some are taken at a time; those left over at the end are never used, for a row that comes
    later must have a higher number than what others wrote meanwhile."""
    left: list[int] = scratch(session).setdefault(model, [])
    if not left:
        query = text(
            "SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :many) ORDER BY 1 DESC"
        )
        left.extend(session.scalars(query, {"name": model.__tablename__, "many": IDS_AT_ONCE}))
    return left.pop()
