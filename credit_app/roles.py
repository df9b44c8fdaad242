"""The application's database role: reads and writes rows, changes no table, can only add to history."""

import re
from pathlib import Path

from psycopg import sql
from sqlalchemy import Connection, Engine, make_url, text

from credit_app.config import Config, ConfigError, kept_secret

APPEND_ONLY = ("history",)


def ensure_app_url(engine: Engine, config: Config) -> str:
    """Return the URL of the application role, creating the role with a kept random password when needed.

    With DATABASE_APP_URL set the role is the administrator's own and only its rights are granted.
    """
    if config.database_app_url:
        return config.database_app_url
    owner = make_url(config.database_url)
    name = role_name(str(owner.database))
    password = kept_secret(password_file(config.var, name))
    with engine.begin() as connection:
        create_role(connection, name, password)
    return owner.set(username=name, password=password).render_as_string(hide_password=False)


def role_name(database: str) -> str:
    """Return the name of the application role for a database; roles are shared by a whole server."""
    return re.sub(r"[^a-z0-9_]", "_", database.lower())[:50] + "_app"


def user_of(url: str) -> str:
    """Return the role that a URL connects as."""
    return str(make_url(url).username)


def password_file(var: Path, role: str) -> Path:
    """Return where the role's generated password is kept."""
    return var / f"{role}.password"


def create_role(connection: Connection, name: str, password: str) -> None:
    """Create the login role, or set its password to the kept one; ConfigError when the owner may not."""
    may = connection.execute(
        text("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
    )
    if not may.scalar():
        raise ConfigError(
            "The user of DATABASE_URL may not create roles: give it CREATEROLE, or create a login role for "
            "the application yourself and name it in DATABASE_APP_URL."
        )
    # Two first starts at the same moment would both find no role.
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": name})
    known = connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": name}).scalar()
    verb = "ALTER" if known else "CREATE"
    statement = sql.SQL(verb + " ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD {}")
    run(connection, statement.format(sql.Identifier(name), sql.Literal(password)))


def grant(connection: Connection, role: str) -> None:
    """Give `role` its rights on every table there is, and on those that later migrations add."""
    who = sql.Identifier(role)
    database = connection.execute(text("SELECT current_database()")).scalar_one()
    for statement in (
        "GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {who}",
        "GRANT USAGE ON SCHEMA public TO {who}",
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {who}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {who}",
        "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {who}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {who}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {who}",
    ):
        run(connection, sql.SQL(statement).format(who=who, database=sql.Identifier(database)))
    for table in APPEND_ONLY:
        if connection.execute(text("SELECT to_regclass(:name)"), {"name": f"public.{table}"}).scalar():
            revoke = sql.SQL("REVOKE UPDATE, DELETE, TRUNCATE ON {} FROM {}")
            run(connection, revoke.format(sql.Identifier(table), who))
    if connection.execute(text("SELECT to_regclass('public.alembic_version')")).scalar():
        run(connection, sql.SQL("REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {}").format(who))


def run(connection: Connection, statement: sql.Composed) -> None:
    """Execute a composed statement; role and table names cannot be bind parameters."""
    connection.exec_driver_sql(statement.as_string(None).replace("%", "%%"))
