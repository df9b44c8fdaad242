"""`credit run` brings back what crashes and leaves nothing behind, however it ends."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from credit_app import server
from credit_app.config import Config, ConfigError


@pytest.fixture
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="credit-run-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


class Running:
    """A `credit run` of its own."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.var = folder / "var"
        env = {key: value for key, value in os.environ.items() if not key.startswith("DATABASE")}
        env.update(CREDIT_VAR=str(self.var), PORT=str(self.port), WEB_WORKERS="1")
        command = [sys.executable, "-m", "credit_app.cli", "run", "--no-demo"]
        self.log = (folder / "log").open("ab")
        self.process = subprocess.Popen(command, env=env, stdout=self.log, stderr=self.log)

    def get(self, path: str) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as response:
                return int(response.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code
        except OSError:
            return 0

    def ready(self) -> bool:
        return self.get("/readyz") == 200

    def children(self) -> dict[str, int]:
        """Process ids of what it started, by a word of their command."""
        listing = subprocess.run(
            ["ps", "-eww", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
        )
        found = {}
        for line in listing.stdout.splitlines():
            pid, parent, command = line.split(None, 2)
            if int(parent) == self.process.pid:
                word = next(word for word in ("gunicorn", "postgres", "worker", "") if word in command)
                found[word] = int(pid)
        return found

    def wait(self, true: Callable[[], object], what: str, seconds: float = 90) -> None:
        deadline = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < deadline, f"not in time: {what}"
            time.sleep(0.1)

    def all_gone(self, pids: dict[str, int]) -> bool:
        return not any(Path(f"/proc/{pid}").exists() for pid in pids.values())

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.log.close()


@pytest.fixture
def running(folder: Path) -> Iterator[Running]:
    found = Running(folder)
    found.wait(found.ready, "ready")
    yield found
    pids = found.children()
    found.close()
    found.wait(lambda: found.all_gone(pids), "everything ended")


def test_what_crashes_is_started_again_and_a_stop_stops_everything(running: Running) -> None:
    assert running.get("/healthz") == 200
    for name in ("worker", "gunicorn", "postgres"):
        before = running.children()
        os.kill(before[name], signal.SIGKILL)
        running.wait(
            lambda old=before, it=name: running.children().get(it, old[it]) != old[it], f"a new {name}"
        )
        running.wait(running.ready, f"ready without the old {name}")
    pids = running.children()
    assert set(pids) == {"gunicorn", "postgres", "worker"}
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(60) == 0
    assert running.all_gone(pids)


def test_killing_it_leaves_no_process_and_the_next_start_keeps_the_data(
    running: Running, folder: Path
) -> None:
    log = folder / "log"
    running.wait(lambda: "Credit Desk runs" in log.read_text(), "the first start says where it runs")
    pids = running.children()
    assert len(pids) == 3
    running.process.kill()
    running.wait(lambda: running.all_gone(pids), "the children ended")
    again = Running(folder)
    try:
        again.wait(again.ready, "ready again")
        made = sorted(path.name for path in again.var.iterdir())
        assert {"postgres", "secret_key", "credit_app.password"} <= set(made)
        again.wait(
            lambda: log.read_text().count("Credit Desk runs") == 2, "the second start says where it runs"
        )
        assert "Creating the database" not in log.read_text().split("Credit Desk runs")[1]
    finally:
        again.process.send_signal(signal.SIGINT)
        assert again.process.wait(60) == 0
        again.close()


def test_a_taken_port_is_said_before_anything_starts(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        env = {**os.environ, "CREDIT_VAR": str(folder / "var"), "PORT": str(port)}
        command = [sys.executable, "-m", "credit_app.cli", "run"]
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert f"Port {port} on 127.0.0.1 cannot be used" in done.stderr
    assert not (folder / "var" / "postgres").exists()


def test_a_port_that_is_taken_meanwhile_ends_it_instead_of_starting_again_and_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))
        monkeypatch.setenv("CREDIT_VAR", str(folder / "var"))
        said: list[str] = []
        running = server.Supervisor(Config.from_env(), said.append)
        web = server.Child("web", ["-c", "raise SystemExit(1)"], dict(os.environ))
        running.children = [web]

        def crash() -> None:
            web.start()
            assert web.process is not None
            web.process.wait(60)
            running._look_after_all()

        with pytest.raises(ConfigError, match=rf"Port {port} on 127.0.0.1 cannot be used .* PORT={port + 1}"):
            crash()
        running.was_ready, web.down_since = True, None
        crash()  # it ran before: what is left of the old one may hold the port for a moment
        web.down_since = time.monotonic() - server.STILL_HELD - 1
        with pytest.raises(ConfigError):
            running._look_after_all()
