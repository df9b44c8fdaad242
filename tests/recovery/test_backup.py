"""A backup brings everything back, on this server or another; a bad file changes nothing."""

from pathlib import Path

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.orm import Session

from credit_app import backup
from credit_app.companies import NewCompany, create_company
from credit_app.config import Config
from credit_app.db import make_engine
from workflows.errors import Refused

NORDWIND = NewCompany(
    "Nordwind", "EUR", "Europe/Berlin", "ada@nordwind.example", "Ada", "correct horse battery"
)


@pytest.fixture
def config(tmp_path: Path, database_url: str, database_app_url: str) -> Config:
    return Config(var=tmp_path, database_url=database_url, database_app_url=database_app_url)


def names(config: Config) -> list[str]:
    engine = make_engine(config.connect_url, pooled=False)
    with Session(engine) as session:
        found = list(
            session.scalars(text("SELECT name FROM company UNION SELECT name FROM person ORDER BY 1"))
        )
    engine.dispose()
    return found


def execute(config: Config, statement: str) -> None:
    engine = make_engine(config.database_url, pooled=False)
    try:
        with engine.begin() as connection:
            connection.execute(text(statement))
    finally:
        engine.dispose()


def test_a_backup_brings_back_rows_numbers_and_the_rights_of_the_application(
    config: Config, tmp_path: Path
) -> None:
    create_company(config, NORDWIND)
    file = tmp_path / "nordwind.backup"
    assert backup.backup(config, file) == file.stat().st_size > 10_000
    assert file.stat().st_mode & 0o777 == 0o600
    execute(config, "UPDATE person SET name = 'Somebody else'")
    backup.restore(config, file, replace=True)
    assert names(config) == ["Ada", "Nordwind"]  # read as the application's role
    execute(config, "INSERT INTO person (email, name) VALUES ('b@x.example', 'Bea')")  # numbers go on
    with pytest.raises(Exception, match="permission denied"):
        execute(Config(config.var, database_url=config.database_app_url), "DELETE FROM history")


def test_a_backup_is_not_overwritten_unless_asked(config: Config, tmp_path: Path) -> None:
    file = tmp_path / "b"
    file.write_text("mine")
    with pytest.raises(Refused, match="exists"):
        backup.backup(config, file)
    assert file.read_text() == "mine"
    backup.backup(config, file, force=True)
    with pytest.raises(Refused, match="folder"):
        backup.backup(config, tmp_path / "nowhere" / "b")


def test_data_is_replaced_only_when_asked(config: Config, tmp_path: Path) -> None:
    create_company(config, NORDWIND)
    backup.backup(config, tmp_path / "b")
    with pytest.raises(Refused, match="--replace"):
        backup.restore(config, tmp_path / "b")


def test_a_truncated_backup_changes_nothing(config: Config, tmp_path: Path) -> None:
    create_company(config, NORDWIND)
    file = tmp_path / "b"
    backup.backup(config, file)
    content = file.read_bytes()
    for length in (4, 2000, len(content) // 2, len(content) - 200):
        file.write_bytes(content[:length])
        with pytest.raises(Refused):
            backup.restore(config, file, replace=True)
        assert names(config) == ["Ada", "Nordwind"]


def test_a_file_that_is_no_backup_is_refused(config: Config, tmp_path: Path) -> None:
    file = tmp_path / "b"
    file.write_text("DROP TABLE person;")
    with pytest.raises(Refused, match="not a backup"):
        backup.restore(config, file, replace=True)


def test_a_backup_of_an_unknown_release_changes_nothing(config: Config, tmp_path: Path) -> None:
    create_company(config, NORDWIND)
    execute(config, "UPDATE alembic_version SET version_num = '9999'")
    backup.backup(config, tmp_path / "b")
    with pytest.raises(Refused, match="another release"):
        backup.restore(config, tmp_path / "b", replace=True)


def test_a_database_in_use_is_not_replaced(config: Config, tmp_path: Path) -> None:
    backup.backup(config, tmp_path / "b")
    engine = make_engine(config.database_app_url)
    with engine.connect(), pytest.raises(Refused, match="is running"):
        backup.restore(config, tmp_path / "b", replace=True)
    engine.dispose()


def test_the_url_for_other_tools_keeps_a_socket_folder_with_spaces() -> None:
    url = backup.libpq_url("postgresql+psycopg://credit:s@/credit?host=%2Fa+b%2Frun&port=5432")
    assert url == "postgresql://credit:s@/credit?host=%2Fa%20b%2Frun&port=5432"
    assert make_url(url).query["host"] == "/a b/run"
