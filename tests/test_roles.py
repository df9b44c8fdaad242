"""The application's own database role can do its work and no more."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from credit_app.migrate import upgrade
from credit_app.roles import role_name
from tests.database import Server


def test_the_application_reads_and_writes_its_tables(session: Session) -> None:
    session.execute(text("INSERT INTO branch (code, name) VALUES ('A', 'Aachen')"))
    session.execute(text("UPDATE branch SET name = 'Berlin'"))
    session.execute(text("DELETE FROM branch"))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE history SET node = 'x'",
        "DELETE FROM history",
        "TRUNCATE history",
        "ALTER TABLE history ADD COLUMN x int",
        "DROP TABLE branch",
        "CREATE TABLE x (id int)",
        "UPDATE alembic_version SET version_num = 'x'",
        "CREATE ROLE x",
    ],
)
def test_the_application_can_neither_change_history_nor_tables(session: Session, statement: str) -> None:
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
        session.execute(text(statement))


def test_tables_of_later_migrations_are_granted_and_history_stays_closed(
    server: Server, owner_session: Session, session: Session
) -> None:
    owner_session.execute(text("CREATE TABLE later (id int)"))
    owner_session.commit()
    session.execute(text("INSERT INTO later VALUES (1)"))
    session.rollback()
    engine = owner_session.get_bind()
    upgrade(engine, server.app_role)  # type: ignore[arg-type]
    with pytest.raises(ProgrammingError, match="permission denied"):
        session.execute(text("DELETE FROM history"))


def test_role_names_follow_the_database() -> None:
    assert role_name("Credit-Desk 2") == "credit_desk_2_app"
