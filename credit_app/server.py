"""`credit run`: starts database, web and worker, watches them, and stops what it started, however it ends."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from types import FrameType

from sqlalchemy.orm import Session

from credit_app import children, demo
from credit_app.config import Config, ConfigError
from credit_app.connect import Tell, elsewhere, embedded_folder, has_company, owner_engine, prepare, reachable
from credit_app.db import make_engine
from credit_app.postgres import Postgres

LONGEST_PAUSE = 60.0  # seconds between two starts of a child that keeps crashing
HEALTHY = 60.0  # after so long without a crash the pauses begin small again
# Threads of a web process that was killed finish their requests first, and hold the port for so many seconds at most.
STILL_HELD = 20.0


class Child:
    """One supervised process: started again after a crash, each time after a longer pause."""

    def __init__(self, name: str, command: list[str], env: dict[str, str]) -> None:
        self.name = name
        self.command = command
        self.env = env
        self.process: subprocess.Popen[bytes] | None = None
        self.started = 0.0
        self.pause = 0.5
        self.not_before = 0.0
        self.down_since: float | None = None

    def start(self) -> None:
        """Start the process."""
        self.started = time.monotonic()
        self.process = children.spawn([sys.executable, *self.command], env=self.env)

    def look_after(self, tell: Tell) -> None:
        """Notice a crash, and start again when the pause is over."""
        now = time.monotonic()
        if self.process is not None:
            code = self.process.poll()
            if code is None:
                return
            lasted = now - self.started > HEALTHY
            self.pause = 0.5 if lasted else min(self.pause * 2, LONGEST_PAUSE)
            self.down_since = now if lasted or self.down_since is None else self.down_since
            self.not_before = now + self.pause
            self.process = None
            tell(f"The {self.name} process ended (exit code {code}); starting it again in {self.pause:.0f} s")
        elif now >= self.not_before:
            self.start()

    def ask_to_stop(self) -> None:
        """Send SIGTERM."""
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def stop(self, timeout: float) -> None:
        """Wait for the end, and force it after `timeout` seconds."""
        if self.process:
            children.stop(self.process, timeout=timeout)
            self.process = None


class Supervisor:
    """Keeps the database and the children alive until told to stop."""

    def __init__(self, config: Config, tell: Tell) -> None:
        self.config = config
        self.tell = tell
        self.stopping = threading.Event()
        self.database: Postgres | None = None
        self.children: list[Child] = []
        self.was_ready = False

    def run(self, demo: bool) -> None:
        """Start everything, print where it is, and stay until Ctrl-C, SIGTERM or SIGHUP."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._asked_to_stop)
        require_free_port(self.config)
        try:
            config = prepare(self._with_database(), self.tell)
            people = first_start(config, self.tell) if demo else []
            require_free_port(config)  # the first start takes long enough for another program to take it
            self._start_children(config)
            if self._wait_until_ready(config):
                announce(config, people, self.tell)
            self._watch()
        finally:
            self._stop()

    def _asked_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        if self.stopping.is_set():
            raise KeyboardInterrupt  # asked twice: do not wait for anything
        self.stopping.set()

    def _with_database(self) -> Config:
        if not self.config.embedded:
            return reachable(self.config)
        self.database = Postgres(embedded_folder(self.config), tell=self.tell)
        self.database.start()
        return self.config.with_database(self.database.url(), self.config.database_app_url)

    def _start_children(self, config: Config) -> None:
        env = child_environment(config)
        self.children = [Child("web", web_command(config), env)]
        for number in range(config.workers):
            name = "worker" if config.workers == 1 else f"worker {number + 1}"
            self.children.append(Child(name, ["-m", "credit_app.cli", "worker"], env))
        for child in self.children:
            child.start()

    def _wait_until_ready(self, config: Config) -> bool:
        """Wait for the first answer of the web process; False when asked to stop or when it does not come."""
        deadline = time.monotonic() + 60
        while not self.stopping.wait(0.05):
            self._look_after_all()
            if answers(config):
                self.was_ready = True
                return True
            if time.monotonic() > deadline:
                self.tell("The web process does not get ready; its messages above say why.")
                return False
        return False

    def _watch(self) -> None:
        while not self.stopping.wait(0.3):
            self._look_after_all()

    def _look_after_all(self) -> None:
        if self.database and self.database.crashed():
            self.tell("The database ended unexpectedly; starting it again")
            self.database.restart()
        for child in self.children:
            child.look_after(self.tell)
            if child.name == "web" and child.process is None:
                self._end_without_port(child)

    def _end_without_port(self, web: Child) -> None:
        """End when another program has the port of a web process that crashed: to start it again would not help.

        Raises ConfigError.
        """
        down = time.monotonic() - (web.down_since or 0)
        if not self.was_ready or down > STILL_HELD:
            require_free_port(self.config)

    def _stop(self) -> None:
        if self.children:
            self.tell("Stopping")
        for child in self.children:
            child.ask_to_stop()
        for child in self.children:
            child.stop(timeout=20)
        if self.database:
            self.database.stop()


def web_command(config: Config) -> list[str]:
    """Return the command of the web server: threads with keep-alive connections."""
    return [
        *("-m", "gunicorn", "credit_app:serve()", "--bind", f"{config.host}:{config.port}"),
        *("--worker-class", "gthread", "--workers", str(config.web_workers)),
        *("--threads", str(config.web_threads), "--keep-alive", "75", "--timeout", "120"),
        *(
            "--graceful-timeout",
            "15",
            "--log-level",
            "warning",
            "--no-control-socket",
            "--name",
            "credit-desk",
        ),
    ]


def child_environment(config: Config) -> dict[str, str]:
    """Return the environment of web and worker. They get the application role only, never the owner."""
    env = {
        key: value for key, value in os.environ.items() if key != "DATABASE_URL" and not key.startswith("PG")
    }
    env.update(
        CREDIT_VAR=str(config.var),
        DATABASE_APP_URL=config.database_app_url,
        SECRET_KEY=config.secret_key,
        TZ="UTC",
        PYTHONUNBUFFERED="1",
    )
    return env


def require_free_port(config: Config) -> None:
    """Say that the port is taken, rather than to start what would crash on it. Raises ConfigError."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((config.host, config.port))
        except OSError as error:
            raise ConfigError(
                f"Port {config.port} on {config.host} cannot be used ({error.strerror}): choose another one, "
                f"for example PORT={config.port + 1}."
            ) from None


def answers(config: Config) -> bool:
    """Tell whether the web process says that it is ready."""
    url = f"http://{'127.0.0.1' if config.host == '0.0.0.0' else config.host}:{config.port}/readyz"  # noqa: S104
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def first_start(config: Config, tell: Tell) -> list[str]:
    """Load the demo company into an empty database; returns lines about its people, at later starts too."""
    with owner_engine(config) as engine:
        empty = not has_company(engine)
    if empty:
        tell("Loading the demo company (once)")
        load_demo(config, demo.load)
    return demo_people(config)


def load_demo(config: Config, load: Callable[[Session], object]) -> None:
    """Run the demo's loader in one transaction, as the application role, inside the application."""
    from credit_app import create_app  # noqa: PLC0415 - only the first start pays for it
    from credit_app.db import db  # noqa: PLC0415

    app = create_app(config)
    with app.app_context():
        try:
            load(db.session())
            db.session.commit()
        finally:
            db.session.remove()
            db.engine.dispose()


def demo_people(config: Config) -> list[str]:
    """Return a line for each person of the demo company, or none in a real one."""
    engine = make_engine(config.connect_url, pooled=False)
    with Session(engine) as session:
        lines = demo.people_lines(session)
    engine.dispose()
    return lines


def announce(config: Config, people: list[str], tell: Tell) -> None:
    """Print the address and, in the demo, who may sign in."""
    host = "localhost" if config.host in {"127.0.0.1", "0.0.0.0"} else config.host  # noqa: S104
    tell("")
    tell(f"Credit Desk runs at http://{host}:{config.port}")
    for line in people:
        tell(f"  {line}")
    tell("Stop it with Ctrl-C.")


def serve(config: Config) -> None:
    """Become the web server, for those who bring their own supervisor."""
    command = [sys.executable, *web_command(config)]
    os.execve(command[0], command, child_environment(elsewhere(config)))  # noqa: S606 - becomes the server
