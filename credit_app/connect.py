"""Reaching the database from a command: DATABASE_URL, the server that runs already, or one for a moment."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from credit_app import migrate, resources, roles, seeds
from credit_app.config import Config, ConfigError
from credit_app.db import make_engine
from credit_app.models import Company
from credit_app.postgres import AlreadyRunning, Postgres, running_url
from workflows import deploy_directory

Tell = Callable[[str], None]


def silent(_line: str) -> None:
    """Tell nobody."""


def embedded_folder(config: Config) -> Path:
    """Return the folder of the embedded server."""
    return config.var / "postgres"


@contextmanager
def connected(config: Config, tell: Tell = silent) -> Iterator[Config]:
    """Yield the configuration with the owner's URL filled in, starting the embedded server when nobody has.

    Raises ConfigError when the database does not answer.
    """
    if not config.embedded:
        yield reachable(config)
        return
    server = Postgres(embedded_folder(config), tell=tell)
    try:
        server.start()
    except AlreadyRunning:
        yield reachable(config.with_database(running_url(server.base), config.database_app_url))
        return
    try:
        yield config.with_database(server.url(), config.database_app_url)
    finally:
        server.stop()


def reachable(config: Config) -> Config:
    """Return `config` when its database answers and is new enough, else raise ConfigError."""
    engine = make_engine(config.database_url, pooled=False)
    try:
        with engine.connect() as connection:
            version = connection.execute(text("SHOW server_version_num")).scalar_one()
    except OperationalError as error:
        reason = str(error.orig).strip().splitlines()[-1]
        raise ConfigError(f"The database does not answer: {reason}") from None
    if int(version) < 150000:
        raise ConfigError(
            f"Credit Desk needs PostgreSQL 15 or newer; this server is {int(version) // 10000}."
        )
    return config


@contextmanager
def owner_engine(config: Config) -> Iterator[Engine]:
    """Yield an engine of the tables' owner and close its connections at the end."""
    engine = make_engine(config.database_url, pooled=False)
    try:
        yield engine
    finally:
        engine.dispose()


def prepare(config: Config, tell: Tell = silent) -> Config:
    """Migrate, make the application role and its rights; returns the configuration with both URLs."""
    with owner_engine(config) as engine:
        app_url = roles.ensure_app_url(engine, config)
        config = config.with_database(config.database_url, app_url)
        migrate.upgrade(engine, roles.user_of(app_url), tell)
        deploy(engine, tell)
        renew_policy(engine)
    return config


def renew_policy(engine: Engine) -> None:
    """Give a company of an earlier release the figures that this one reads besides; its own figures stay."""
    with Session(engine) as session:
        if session.get(Company, 1) is not None:
            seeds.seed_policy(session)
            session.commit()


def deploy(engine: Engine, tell: Tell = silent) -> None:
    """Store the diagrams that changed as new versions; running cases stay on theirs."""
    with Session(engine) as session:
        for key, version in deploy_directory(session, resources.bpmn()):
            tell(f"Deployed the process {key}, version {version}")
        session.commit()


def require_migrated(config: Config) -> Config:
    """Return the configuration with both URLs; ConfigError when the tables are not this program's."""
    with owner_engine(config) as engine:
        with engine.connect() as connection:
            found = migrate.current_revision(connection)
        if found is None:
            raise ConfigError(
                "The database is empty: begin with “credit init” (or “credit run” for the demo)."
            )
        if found != migrate.head_revision():
            raise ConfigError(
                f"The database is at revision {found}: bring it up to date with “credit db upgrade”."
            )
        return config.with_database(config.database_url, roles.ensure_app_url(engine, config))


def elsewhere(config: Config) -> Config:
    """Return the configuration of a process whose database is somebody else's to start and migrate."""
    if config.database_app_url:
        return config
    if not config.embedded:
        return require_migrated(reachable(config))
    try:
        return require_migrated(reachable(config.with_database(running_url(embedded_folder(config)), "")))
    except (FileNotFoundError, ConfigError):
        raise ConfigError(
            "No database is running: set DATABASE_URL, or let “credit run” start everything."
        ) from None


def has_company(engine: Engine) -> bool:
    """Tell whether this database was set up, by `credit init` or with the demo."""
    if not inspect(engine).has_table("company"):
        return False
    with engine.connect() as connection:
        return connection.execute(text("SELECT 1 FROM company")).first() is not None


def others_connected(engine: Engine) -> bool:
    """Tell whether web or worker processes use the database now."""
    query = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND application_name = 'credit-desk' AND pid <> pg_backend_pid()"
    )
    with engine.connect() as connection:
        return bool(connection.execute(query).scalar_one())
