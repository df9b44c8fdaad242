"""`credit db`: upgrade, status, backup, restore, connect."""

from pathlib import Path

import click

from credit_app import backup, connect, migrate
from credit_app.cli.common import tell
from credit_app.config import Config
from credit_app.postgres import running_url


@click.group()
def db() -> None:
    """The database: migrate, look, back up, restore."""


@db.command()
def upgrade() -> None:
    """Bring the tables to this program's version and renew the application role's rights."""
    with connect.connected(Config.from_env(), tell) as config:
        connect.prepare(config, tell)
    tell(f"The database is at revision {migrate.head_revision()}.")


@db.command()
def status() -> None:
    """Show the server's version, the revision of the tables and the size; exit code 1 when out of date."""
    with connect.connected(Config.from_env(), tell) as config, connect.owner_engine(config) as engine:
        with engine.connect() as connection:
            found, wanted = migrate.current_revision(connection), migrate.head_revision()
            ask = connection.exec_driver_sql
            version = ask("SHOW server_version").scalar_one()
            size = ask("SELECT pg_size_pretty(pg_database_size(current_database()))").scalar_one()
        click.echo(f"PostgreSQL {version}{' (embedded)' if Config.from_env().embedded else ''}, {size}")
        click.echo(f"Tables at revision {found or 'none'}; this program needs {wanted}.")
        if found != wanted:
            raise click.exceptions.Exit(1)


@db.command(name="backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--force", is_flag=True, help="Replace FILE when it exists.")
def backup_command(file: Path, force: bool) -> None:
    """Write the whole database, at one instant, to FILE; the program may keep running."""
    with connect.connected(Config.from_env(), tell) as config:
        size = backup.backup(config, file, force=force, tell=tell)
    tell(f"Wrote {file} ({size:,} bytes).")


@db.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--replace", is_flag=True, help="Replace the data that is there now.")
def restore(file: Path, replace: bool) -> None:
    """Fill the database from a backup FILE, all of it or nothing.

    Refuses a database that has a company unless --replace is given, and one that is in use.
    """
    with connect.connected(Config.from_env(), tell) as config:
        backup.restore(config, file, replace=replace, tell=tell)
    tell(f"Restored {file}.")


@db.command(name="psql-url")
def psql_url() -> None:
    """Print the owner's URL for psql and other tools (it contains the password)."""
    config = Config.from_env()
    if config.embedded:
        config = config.with_database(running_url(connect.embedded_folder(config)), "")
    click.echo(backup.libpq_url(config.database_url))
