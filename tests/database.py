"""One PostgreSQL per test run and in it a migrated template database, cloned for every test that asks."""

import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from credit_app import migrate, roles
from credit_app.config import sqlalchemy_url
from credit_app.connect import deploy
from credit_app.db import make_engine
from credit_app.postgres import Postgres, conninfo

# Tests lose nothing when the machine does: no waiting for the disk.
# Signing in to the server is dear on purpose and a test does it five times: one round of hashing is enough here.
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "scram_iterations": "1",
}
PASSWORD = "tests-only"


@dataclass(frozen=True)
class Server:
    """What a test process needs to know: the owner's URL of the server and a name for this run."""

    url: str
    run: str

    @property
    def template(self) -> str:
        return f"credit_{self.run}_template"

    @property
    def app_role(self) -> str:
        return f"credit_{self.run}_app"

    def owner_url(self, database: str) -> str:
        return make_url(self.url).set(database=database).render_as_string(hide_password=False)

    def app_url(self, database: str) -> str:
        parts = make_url(self.url).set(username=self.app_role, password=PASSWORD, database=database)
        return parts.render_as_string(hide_password=False)

    def connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(conninfo(self.owner_url(database)), autocommit=True)

    def maintenance(self) -> psycopg.Connection:
        return self.connect("postgres")

    def hash_the_owners_password_anew(self) -> None:
        """The server was made with the usual number of rounds; from now on it is that of its settings."""
        alter = sql.SQL("ALTER ROLE CURRENT_USER PASSWORD {}")
        with self.maintenance() as connection:
            connection.execute(alter.format(sql.Literal(make_url(self.url).password)))

    def ensure_template(self) -> None:
        """Create and migrate the template database once per run; test processes take turns."""
        with self.maintenance() as connection:
            connection.execute("SELECT pg_advisory_lock(hashtext(%s))", [self.template])
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [self.template])
            if found.fetchone():
                return
            draft = f"{self.template}_new"
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(draft)))
            self._migrate(draft)
            # The name appears only when the template is complete.
            rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
            connection.execute(rename.format(sql.Identifier(draft), sql.Identifier(self.template)))

    def _migrate(self, database: str) -> None:
        engine = make_engine(self.owner_url(database), pooled=False)
        with engine.begin() as connection:
            roles.create_role(connection, self.app_role, PASSWORD)
            # An owner that is no superuser may end the role's last connections only as its member.
            connection.exec_driver_sql(f"GRANT {self.app_role} TO CURRENT_USER")
        migrate.upgrade(engine, self.app_role)
        deploy(engine)
        engine.dispose()

    def clone(self, name: str, template: str = "") -> None:
        """Make `name` a fresh copy of the template or of another database, whatever it was before (about 30 ms)."""
        with self.maintenance() as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )
            create = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
            connection.execute(create.format(sql.Identifier(name), sql.Identifier(template or self.template)))

    def filled(self, what: str, fill: Callable[[str], None]) -> str:
        """The database that `fill` filled, to be cloned: made once per run, by the first test that asks for it.

        `fill` is given the name of a fresh copy of the template and leaves no connection open to it.
        """
        kept = f"credit_{self.run}_{what}"
        with self.maintenance() as connection:
            connection.execute("SELECT pg_advisory_lock(hashtext(%s))", [kept])
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [kept]).fetchone():
                draft = f"{kept}_new"
                self.clone(draft)
                fill(draft)
                rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
                connection.execute(rename.format(sql.Identifier(draft), sql.Identifier(kept)))
        return kept

    def drop_all(self) -> None:
        """Remove what this run made on a server that is not ours."""
        with self.maintenance() as connection:
            pattern = f"credit_{self.run}_%"
            names = connection.execute(
                "SELECT datname FROM pg_database WHERE datname LIKE %s", [pattern]
            ).fetchall()
            for (name,) in names:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
            connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(self.app_role)))


def memory() -> Path | None:
    """A folder in memory with room enough: a clone is some five hundred files, ten times as fast there as on a disk."""
    shared = Path("/dev/shm")  # noqa: S108 (a fresh folder of our own is made in it)
    roomy = shared.is_dir() and os.access(shared, os.W_OK) and shutil.disk_usage(shared).free > 2 * 1024**3
    return shared if roomy else None


class Provider:
    """Starts the server of this run at the first request, or takes the one that DATABASE_URL names."""

    def __init__(self) -> None:
        self.server: Server | None = None
        self.embedded: Postgres | None = None
        self.folder: Path | None = None

    def get(self) -> Server:
        if self.server is None:
            run = f"t{os.getpid()}"
            if given := sqlalchemy_url(os.environ.get("DATABASE_URL", ""), "DATABASE_URL"):
                self.server = Server(given, run)
            else:
                self.folder = Path(tempfile.mkdtemp(prefix="credit-tests-", dir=memory()))
                self.folder.chmod(0o755)  # the server may run as another user
                self.embedded = Postgres(self.folder / "postgres", settings=FAST)
                self.embedded.start()
                self.server = Server(self.embedded.url("postgres"), run)
                self.server.hash_the_owners_password_anew()
        return self.server

    def close(self) -> None:
        if self.embedded:
            self.embedded.stop()
        elif self.server:
            self.server.drop_all()
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)
