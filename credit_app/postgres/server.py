"""One embedded PostgreSQL server: made at first start, stopped with its launcher, restarted after a crash."""

import fcntl
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

import psycopg
from psycopg import sql

from credit_app import children
from credit_app.postgres import address as addresses
from credit_app.postgres.create import check_version, create, environment
from credit_app.postgres.errors import AlreadyRunning, PostgresError
from credit_app.postgres.orphan import settle
from credit_app.postgres.place import SHARED_FOLDERS, Place, find_place

TIMEOUT = 600.0  # recovery after a crash may have much to read
LOG_LIMIT = 10_000_000


class Postgres:
    """The server of one data folder. Start it from the main thread: its life hangs on the starting thread."""

    def __init__(
        self,
        base: Path,
        *,
        settings: dict[str, str] | None = None,
        tell: Callable[[str], None] = lambda _line: None,
        timeout: float = TIMEOUT,
        shared: Sequence[Path] = SHARED_FOLDERS,
    ) -> None:
        self.base = base
        self.settings = settings or {}
        self.tell = tell
        self.timeout = timeout
        self.shared = shared
        self.child: subprocess.Popen[bytes] | None = None
        self.place: Place | None = None
        self.address: addresses.Address = {}
        self.refusal = ""
        self._lock: IO[str] | None = None

    def __enter__(self) -> "Postgres":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def data(self) -> Path:
        """The server's own folder."""
        return self._placed().home / "data"

    def url(self, database: str = addresses.DATABASE) -> str:
        """Return the owner's SQLAlchemy URL of a database."""
        return addresses.make_url(self.address, addresses.password(self.base), database)

    def start(self) -> None:
        """Start the server and wait until it answers; PostgresError says why it does not."""
        place = self._placed()
        self._take_lock(place.home)
        try:
            stale = settle(self.data, self.tell, self.timeout)
            if not (self.data / "PG_VERSION").exists():
                self.tell("Creating the database (once)")
                sync = self.settings.get("fsync") != "off"
                create(place, self.data, addresses.password(self.base), sync=sync)
            check_version(place, self.data)
            self.address = self.address or addresses.choose_address(place.home)
            self._run(stale)
            self._ensure_database()
            addresses.write_address(self.base, self.address)
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
        self._run(settle(self.data, self.tell, self.timeout))

    def _placed(self) -> Place:
        if self.place is None:
            self.place = find_place(self.base, self.shared)
        return self.place

    def _take_lock(self, home: Path) -> None:
        """Hold the data folder; the system gives it free however this process ends."""
        if self._lock:
            return
        lock = (home / "launcher.lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise AlreadyRunning(
                f"Credit Desk is already running on the data folder {self.base.parent}."
            ) from None
        self._lock = lock

    def _run(self, stale_pid: int | None) -> None:
        """Start the server process and wait for it, again while remains of a crashed one hold its memory."""
        deadline = time.monotonic() + self.timeout
        while True:
            begin = self._spawn(stale_pid)
            if self._wait_ready(deadline):
                return
            messages = read_from(self.base / "postgres.log", begin)
            if "shared memory block" not in messages or time.monotonic() > deadline:
                raise PostgresError(f"The database did not start: {last_reason(messages)}")
            time.sleep(0.2)

    def _spawn(self, stale_pid: int | None) -> int:
        """Start the server process; returns where its messages begin in the log."""
        place = self._placed()
        settings = {
            **addresses.listen_settings(self.address),
            "timezone": "UTC",
            "log_timezone": "UTC",
            "cluster_name": "credit-desk",
            **self.settings,
        }
        command = [str(place.bin / "postgres"), "-D", str(self.data)]
        for key, value in settings.items():
            command += ["-c", f"{key}={value}"]
        path = self.base / "postgres.log"
        if path.exists() and path.stat().st_size > LOG_LIMIT:
            path.replace(path.with_suffix(".log.1"))
        with path.open("ab") as log:
            env, stop = environment(stale_pid), signal.SIGINT
            self.child = children.spawn(
                command, env=env, stop=stop, user=place.user, cwd=place.home, output=log
            )
            return log.tell()

    def _wait_ready(self, deadline: float) -> bool:
        """Wait until the server accepts connections; False when it ended instead."""
        started = told = time.monotonic()
        pause = 0.01
        while not self.crashed():
            if self._answers():
                return True
            now = time.monotonic()
            if now > deadline:
                reason = self.refusal or f"{self.base / 'postgres.log'} may say why"
                raise PostgresError(f"The database is not ready after {self.timeout:.0f} seconds: {reason}")
            if now - told >= 5:
                told = now
                self.tell(f"The database is still recovering ({now - started:.0f} s)")
            time.sleep(pause)
            pause = min(pause * 1.2, 0.2)
        return False

    def _answers(self) -> bool:
        """Connect once to a server that says it is ready (a stale pid file may say so too)."""
        if not ready_in_pid_file(self.data):
            return False
        try:
            self.connect("postgres").close()
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                path = self.base / "owner_password"
                raise PostgresError(
                    f"The password in {path} is not that of the data in {self.data}."
                ) from None
            self.refusal = str(error).strip()
            return False
        return True

    def connect(self, database: str = addresses.DATABASE) -> psycopg.Connection:
        """Return a plain connection as the owner, in autocommit mode."""
        return psycopg.connect(addresses.conninfo(self.url(database)), autocommit=True, connect_timeout=10)

    def _ensure_database(self) -> None:
        name = addresses.DATABASE
        with self.connect("postgres") as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
            if not found:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def ready_in_pid_file(data: Path) -> bool:
    """Tell whether the server says in its pid file that it accepts connections (cheaper than trying)."""
    try:
        return (data / "postmaster.pid").read_text().split("\n")[7].strip() == "ready"
    except (FileNotFoundError, IndexError):
        return False


def read_from(path: Path, begin: int) -> str:
    """Return what was written to a log since `begin`."""
    with path.open("rb") as log:
        log.seek(begin)
        return log.read().decode(errors="replace")


def last_reason(messages: str) -> str:
    """Return the most telling line of the server's messages."""
    lines = [line for line in messages.splitlines() if "FATAL" in line or "PANIC" in line or "rror" in line]
    return (lines or messages.splitlines() or ["no message"])[-1].strip()
