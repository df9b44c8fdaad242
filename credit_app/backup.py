"""Backup and restore with PostgreSQL's own pg_dump, pg_restore and psql, which the embedded wheel brings."""

import subprocess
from pathlib import Path
from typing import IO

from alembic.script import ScriptDirectory
from sqlalchemy import make_url

from credit_app import migrate, roles
from credit_app.config import Config
from credit_app.connect import Tell, has_company, others_connected, owner_engine, silent
from credit_app.postgres import conninfo
from credit_app.postgres.place import wheel_binaries
from workflows.errors import Refused

MAGIC = b"PGDMP"
# Written by pg_dump 17 and newer; older servers do not know it.
NEWER_SETTING = b"SET transaction_timeout = 0;\n"
FRESH_SCHEMA = b"SET lock_timeout = '20s';\nDROP SCHEMA public CASCADE;\nCREATE SCHEMA public;\n"


def libpq_url(url: str) -> str:
    """Return a SQLAlchemy URL in the form of psql and other tools."""
    text = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    head, mark, query = text.partition("?")
    return head + mark + query.replace("+", "%20")


def backup(config: Config, file: Path, *, force: bool = False, tell: Tell = silent) -> int:
    """Write a backup of the whole database at one instant; returns its size in bytes.

    The file appears under its name only when it is complete, readable by this user only.
    """
    if file.exists() and not force:
        raise Refused(f"{file} exists; choose another name or add --force.")
    if not file.parent.is_dir():
        raise Refused(f"The folder {file.parent} does not exist.")
    draft = file.with_name(f".{file.name}.part")
    draft.touch(mode=0o600)
    tell("Backing up")
    command = ["--format=custom", "--no-owner", "--no-privileges", f"--file={draft}"]
    done = start("pg_dump", command, config, stderr=subprocess.PIPE)
    complaint = done.communicate()[1].decode(errors="replace")
    if done.returncode != 0:
        draft.unlink(missing_ok=True)
        raise Refused(f"The backup failed: {last_line(complaint)}")
    draft.replace(file)
    return file.stat().st_size


def restore(config: Config, file: Path, *, replace: bool = False, tell: Tell = silent) -> None:
    """Put a backup in the place of the database's content, in one transaction; an older one is migrated."""
    revision = revision_of(file)
    known = ScriptDirectory.from_config(migrate.alembic_config())
    if revision not in {script.revision for script in known.walk_revisions()}:
        raise Refused(f"{file} was made by another release (revision {revision}); nothing was changed.")
    with owner_engine(config) as engine:
        if has_company(engine) and not replace:
            raise Refused("This database has data; add --replace to put the backup in its place.")
        if others_connected(engine):
            raise Refused("Credit Desk is running on this database: stop it first.")
        tell("Restoring")
        pour(config, file)
        migrate.upgrade(engine, roles.user_of(roles.ensure_app_url(engine, config)), tell)


def revision_of(file: Path) -> str:
    """Return the revision of the tables in a backup; Refused when the file is not a readable backup."""
    with file.open("rb") as stream:
        if stream.read(len(MAGIC)) != MAGIC:
            raise Refused(f"{file} is not a backup of Credit Desk.")
    reader = start("pg_restore", ["--data-only", "--table=alembic_version", "--file=-", str(file)])
    shown, complaint = reader.communicate()
    lines = shown.decode(errors="replace").splitlines()
    begins = [number for number, line in enumerate(lines) if line.startswith("COPY public.alembic_version")]
    if reader.returncode != 0 or not begins:
        raise Refused(f"{file} cannot be read as a backup: {last_line(complaint.decode(errors='replace'))}")
    return lines[begins[0] + 1].strip()


def pour(config: Config, file: Path) -> None:
    """Stream the backup through psql in one transaction that first empties the schema."""
    options = ["--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--file=-"]
    script = ["--no-owner", "--no-privileges", "--file=-", str(file)]
    with (
        start("pg_restore", script) as reader,
        start("psql", options, config, stdin=subprocess.PIPE) as writer,
    ):
        try:
            feed(pipe(reader.stdout), pipe(writer.stdin))
            if reader.wait() != 0:
                writer.kill()  # psql commits at the regular end of its input: there must be none
            pipe(writer.stdin).close()
        except BrokenPipeError:
            reader.kill()
        said = b"".join(pipe(process.stderr).read() for process in (writer, reader)).decode(errors="replace")
    if writer.returncode != 0 or reader.returncode != 0:
        raise Refused(f"Nothing was restored: {last_line(said)}")


def pipe(stream: IO[bytes] | None) -> IO[bytes]:
    """Return a stream that was asked for as a pipe."""
    if stream is None:
        raise RuntimeError("the program was started without this pipe")
    return stream


def feed(source: IO[bytes], target: IO[bytes]) -> None:
    """Copy the script, its first lines checked for what older servers refuse."""
    target.write(FRESH_SCHEMA)
    for _number, line in zip(range(60), source, strict=False):
        if line != NEWER_SETTING and not line.startswith(b"CREATE SCHEMA public"):
            target.write(line)
    while block := source.read(1 << 20):
        target.write(block)


def start(
    program: str,
    options: list[str],
    config: Config | None = None,
    *,
    stdin: int = subprocess.DEVNULL,
    stderr: int = subprocess.PIPE,
) -> subprocess.Popen[bytes]:
    """Start one of PostgreSQL's programs; with `config` it connects as the owner.

    The password goes through the environment: a command line can be read by every user of the machine.
    """
    env = {"LC_ALL": "C", "PATH": "/usr/bin:/bin"}
    command = [str(wheel_binaries() / program), *options]
    if config:
        parts = make_url(config.database_url)
        env["PGPASSWORD"] = str(parts.password or "")
        open_url = parts.set(password=None).render_as_string(hide_password=False)
        command.append(f"--dbname={conninfo(open_url)}")
    return subprocess.Popen(  # noqa: S603 - our own command
        command, env=env, stdin=stdin, stdout=subprocess.PIPE, stderr=stderr
    )


def last_line(text: str) -> str:
    """Return the last line of a program's messages."""
    return (text.strip().splitlines() or ["no message"])[-1]
