"""The migrations give exactly the tables that the program describes."""

from collections.abc import Callable
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.orm import Session

import credit_app.models
from workflows.tables import Base

CHECKS = """
    SELECT conrelid::regclass::text AS relation, conname, pg_get_constraintdef(c.oid) FROM pg_constraint c
    WHERE contype = 'c' AND connamespace = to_regnamespace(:schema) ORDER BY 1, 2
"""
TRIGGERS = """
    SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(t.oid), prosrc
    FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid JOIN pg_proc p ON p.oid = tgfoid
    WHERE NOT tgisinternal AND relnamespace = to_regnamespace(:schema) ORDER BY 1, 2
"""


def test_upgrading_an_empty_database_gives_the_tables_of_the_models(owner_session: Session) -> None:
    options = {"compare_type": True, "compare_server_default": True}
    context = MigrationContext.configure(owner_session.connection(), opts=options)
    assert credit_app.models.Model.metadata is Base.metadata
    assert compare_metadata(context, Base.metadata) == []


def _both(session: Session, query: str) -> tuple[list[Any], list[Any]]:
    """The answer in the migrated schema and in one that the models made, schema names taken out."""
    session.execute(text("CREATE SCHEMA made; SET LOCAL search_path = made"))
    Base.metadata.create_all(session.connection())
    plain: Callable[[str], str] = lambda value: str(value).replace("made.", "").replace("public.", "")  # noqa: E731
    made = [tuple(map(plain, row)) for row in session.execute(text(query), {"schema": "made"})]
    session.execute(text("SET LOCAL search_path = public"))
    migrated = [tuple(map(plain, row)) for row in session.execute(text(query), {"schema": "public"})]
    session.rollback()
    return migrated, made


def test_upgrading_gives_the_checks_of_the_models(owner_session: Session) -> None:
    migrated, made = _both(owner_session, CHECKS)
    assert migrated == made
    assert len(made) > 40


def test_upgrading_gives_the_triggers_of_the_models(owner_session: Session) -> None:
    migrated, made = _both(owner_session, TRIGGERS)
    assert migrated == made
    assert {row[1] for row in made} >= {"receivable_item_append_only", "allocation_fits"}
