"""One embedded PostgreSQL server: made at the first start, stopped with its launcher, started again after a crash."""

import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

import psycopg
from psycopg import sql
from sqlalchemy import URL

from credit_app import children
from credit_app.config import kept_secret
from credit_app.postgres.errors import AlreadyRunning, PostgresError
from credit_app.postgres.orphan import settle
from credit_app.postgres.place import Place, find_place

OWNER = "credit"
DATABASE = "credit"
SOCKET_PORT = 5432  # names the socket file; nothing listens on the network
LONGEST_SOCKET_PATH = 100  # the system's limit is 103 to 107 bytes
TIMEOUT = 600.0  # recovery after a crash may have much to read
LOG_LIMIT = 10_000_000


class Postgres:
    """The server of one data folder. Start it from the main thread: its life hangs on the thread that starts it."""

    def __init__(
        self,
        base: Path,
        *,
        settings: dict[str, str] | None = None,
        tell: Callable[[str], None] = lambda _line: None,
        timeout: float = TIMEOUT,
    ) -> None:
        self.base = base
        self.settings = settings or {}
        self.tell = tell
        self.timeout = timeout
        self.child: subprocess.Popen[bytes] | None = None
        self.place: Place | None = None
        self.address: dict[str, str | int] = {}
        self._lock: IO[str] | None = None

    def __enter__(self) -> "Postgres":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def data(self) -> Path:
        """The data folder (the server's own)."""
        return self._place.home / "data"

    @property
    def _place(self) -> Place:
        if self.place is None:
            self.place = find_place(self.base)
        return self.place

    def url(self, database: str = DATABASE) -> str:
        """Return the owner's SQLAlchemy URL of a database."""
        return make_url(self.address, password(self.base), database)

    def start(self) -> None:
        """Start the server and wait until it answers; PostgresError says why it does not."""
        self._take_lock()
        try:
            stale = settle(self.data, self.tell, self.timeout)
            if not (self.data / "PG_VERSION").exists():
                self._initdb()
            self._check_version()
            self.address = self.address or choose_address(self._place.home)
            self._run(stale)
            self._ensure_database()
            write(self.base / "address.json", json.dumps(self.address))
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server (open transactions are rolled back) and give the data folder free."""
        if self.child:
            children.stop(self.child, signal.SIGINT, timeout=60)
            self.child = None
        if self._lock:
            self._lock.close()
            self._lock = None

    def crashed(self) -> bool:
        """Tell whether the server has ended by itself."""
        return self.child is not None and self.child.poll() is not None

    def restart(self) -> None:
        """Start again at the same address after a crash."""
        self.child = None
        stale = settle(self.data, self.tell, self.timeout)
        self._run(stale)

    def _take_lock(self) -> None:
        if self._lock:
            return
        home = self._place.home
        lock = (home / "launcher.lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise AlreadyRunning(
                f"Credit Desk is already running on the data folder {self.base.parent}."
            ) from None
        self._lock = lock

    def _initdb(self) -> None:
        """Make the data folder; an interrupted attempt leaves only a draft that the next one replaces."""
        self.tell("Creating the database (once)")
        draft = self._place.home / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        secret = self._place.home / "owner.password"
        secret.unlink(missing_ok=True)
        handle = os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(password(self.base) + "\n")
        if self._place.user:
            os.chown(secret, *self._place.user)
        command = [
            *(
                str(self._place.bin / "initdb"),
                "-D",
                str(draft),
                "--username",
                OWNER,
                "--pwfile",
                str(secret),
            ),
            *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"),
        ]
        if self.settings.get("fsync") == "off":
            command.append("--no-sync")
        uid, gid = self._place.user or (None, None)
        done = subprocess.run(  # noqa: S603 - our own command
            command,
            env=environment(),
            cwd=self._place.home,
            user=uid,
            group=gid,
            extra_groups=[] if uid is not None else None,
            capture_output=True,
            text=True,
            check=False,
        )
        secret.unlink()
        if done.returncode != 0:
            raise PostgresError(
                f"The database could not be created: {done.stderr.strip() or done.stdout.strip()}"
            )
        draft.rename(self.data)

    def _check_version(self) -> None:
        made = (self.data / "PG_VERSION").read_text().strip()
        shown = subprocess.run(  # noqa: S603 - our own command
            [str(self._place.bin / "postgres"), "--version"], capture_output=True, text=True, check=True
        ).stdout
        if f" {made}." not in shown:
            raise PostgresError(
                f"The data in {self.data} is of PostgreSQL {made}, this program brings {shown.split()[-1]}: back up "
                "with the release that made it (credit db backup) and restore with this one."
            )

    def _run(self, stale_pid: int | None) -> None:
        """Start the server process and wait for it, again while remains of a crashed one hold its memory."""
        deadline = time.monotonic() + self.timeout
        while True:
            log = self._spawn(stale_pid)
            if self._wait_ready(deadline):
                return
            tail = log_tail(self.base / "postgres.log", log)
            if "shared memory block" not in tail or time.monotonic() > deadline:
                raise PostgresError(f"The database did not start: {last_reason(tail)}")
            time.sleep(0.2)

    def _spawn(self, stale_pid: int | None) -> int:
        """Start the server; returns where its messages begin in the log."""
        settings = {
            "listen_addresses": "" if "socket" in self.address else "127.0.0.1",
            "port": str(self.address["port"]),
            # Quotes keep a comma inside a path from being a second path.
            "unix_socket_directories": f'"{self.address["socket"]}"' if "socket" in self.address else "",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "cluster_name": "credit-desk",
            **self.settings,
        }
        command: list[str] = [str(self._place.bin / "postgres"), "-D", str(self.data)]
        for key, value in settings.items():
            command += ["-c", f"{key}={value}"]
        log_path = self.base / "postgres.log"
        if log_path.exists() and log_path.stat().st_size > LOG_LIMIT:
            log_path.replace(log_path.with_suffix(".log.1"))
        with log_path.open("ab") as log:
            begin = log.tell()
            self.child = children.spawn(
                command,
                env=environment(stale_pid),
                stop=signal.SIGINT,
                user=self._place.user,
                cwd=self._place.home,
                output=log,
            )
        return begin

    def _wait_ready(self, deadline: float) -> bool:
        """Wait until the server accepts connections; False when it ended instead."""
        assert self.child is not None  # noqa: S101 - for the type checker
        started = told = time.monotonic()
        pause = 0.01
        while self.child.poll() is None:
            if self._answers():
                return True
            now = time.monotonic()
            if now > deadline:
                raise PostgresError(
                    f"The database is not ready after {self.timeout:.0f} seconds: see its log in {self.base}."
                )
            if now - told >= 5:
                told = now
                self.tell(f"The database is still recovering ({now - started:.0f} s)")
            time.sleep(pause)
            pause = min(pause * 1.2, 0.2)
        return False

    def _answers(self) -> bool:
        try:
            status = (self.data / "postmaster.pid").read_text().split("\n")[7].strip()
        except (FileNotFoundError, IndexError):
            return False
        if status != "ready":
            return False
        try:
            with psycopg.connect(self._conninfo("postgres"), connect_timeout=10):
                return True
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise PostgresError(
                    f"The password kept in {self.base / 'owner_password'} is not that of the database in {self.data}."
                ) from None
            return False

    def _conninfo(self, database: str) -> str:
        return conninfo(self.url(database))

    def _ensure_database(self) -> None:
        with psycopg.connect(self._conninfo("postgres"), autocommit=True) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if not found:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))


def running_url(base: Path) -> str:
    """Return the owner's URL of the server that another process has started on `base`."""
    address = json.loads((base / "address.json").read_text())
    return make_url(address, password(base), DATABASE)


def password(base: Path) -> str:
    """Return the owner's password, generated at the first call."""
    return kept_secret(base / "owner_password")


def make_url(address: dict[str, str | int], secret: str, database: str) -> str:
    """Return the SQLAlchemy URL of an address."""
    common = {"drivername": "postgresql+psycopg", "username": OWNER, "password": secret, "database": database}
    if "socket" in address:
        url = URL.create(**common, query={"host": str(address["socket"]), "port": str(address["port"])})
    else:
        url = URL.create(**common, host="127.0.0.1", port=int(address["port"]))
    return url.render_as_string(hide_password=False)


def conninfo(url: str) -> str:
    """Return a SQLAlchemy URL as libpq's own connection text (for psycopg, pg_dump and psql)."""
    from sqlalchemy import make_url as parse  # noqa: PLC0415 - the name is taken here

    parts = parse(url)
    wanted = {
        "host": parts.host,
        "port": parts.port,
        "user": parts.username,
        "password": parts.password,
        "dbname": parts.database,
        **{key: value for key, value in parts.query.items() if isinstance(value, str)},
    }
    return psycopg.conninfo.make_conninfo(
        "", **{key: value for key, value in wanted.items() if value is not None}
    )


def choose_address(home: Path) -> dict[str, str | int]:
    """Return a socket in `home`, or a free loopback port when the path is too long for a socket."""
    folder = home / "run"
    if len(os.fsencode(folder / f".s.PGSQL.{SOCKET_PORT}")) <= LONGEST_SOCKET_PATH and '"' not in str(folder):
        folder.mkdir(exist_ok=True, mode=0o700)
        os.chown(folder, home.stat().st_uid, home.stat().st_gid)
        return {"socket": str(folder), "port": SOCKET_PORT}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return {"port": int(free.getsockname()[1])}


def environment(stale_pid: int | None = None) -> dict[str, str]:
    """Return the server's environment: nothing of the caller's locale or PG variables reaches it.

    PG_GRANDPARENT_PID is how pg_ctl tells the server that a process named in an old pid file is not another server;
    the check of the shared memory block, which guards the data, still happens.
    """
    env = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
    if stale_pid:
        env["PG_GRANDPARENT_PID"] = str(stale_pid)
    return env


def log_tail(path: Path, begin: int) -> str:
    """Return what the server wrote since `begin`."""
    with path.open("rb") as log:
        log.seek(begin)
        return log.read().decode(errors="replace")


def last_reason(tail: str) -> str:
    """Return the most telling line of the server's messages."""
    lines = [
        line for line in tail.splitlines() if "FATAL" in line or "PANIC" in line or "error" in line.lower()
    ]
    return (lines or tail.splitlines() or ["no message"])[-1].strip()


def write(path: Path, content: str) -> None:
    """Replace a small file at once."""
    draft = path.with_name(path.name + ".new")
    draft.write_text(content + "\n")
    draft.replace(path)
