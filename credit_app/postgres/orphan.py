"""What an earlier server may have left: itself, still stopping, or a pid file naming a foreign process."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from credit_app.postgres.errors import PostgresError

PROC = Path("/proc/self").parent if Path("/proc/self/cwd").exists() else Path("/nowhere")


def recorded_pid(data: Path) -> int | None:
    """Return the process id in the data folder's postmaster.pid, or None."""
    try:
        first = (data / "postmaster.pid").read_text().split("\n", 1)[0]
    except FileNotFoundError:
        return None
    return abs(int(first)) if first.strip().lstrip("-").isdigit() else None


def is_server_of(pid: int, data: Path) -> bool:
    """Tell whether process `pid` really is a PostgreSQL on `data`; a number alone may be anybody's by now."""
    if PROC.exists():
        try:
            # Every process of a server works in its data folder.
            return (PROC / str(pid) / "cwd").readlink() == data.resolve()
        except OSError:
            return False
    listing = subprocess.run(  # noqa: S603 - fixed command
        ["/bin/ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return "postgres" in listing.stdout and str(data) in listing.stdout


def settle(data: Path, tell: Callable[[str], None], timeout: float) -> int | None:
    """Stop a server that is left over on `data` and wait for it.

    Returns the number of a foreign process that the pid file names (told to PostgreSQL as harmless), or None.
    The caller holds the launcher's lock, so whatever runs here has lost its launcher.
    """
    pid = recorded_pid(data)
    if pid is None:
        return None
    if not is_server_of(pid, data):
        return pid
    tell("Waiting for the database of an earlier run to stop")
    started = time.monotonic()
    signals = [(0.0, signal.SIGINT), (timeout / 2, signal.SIGQUIT), (timeout * 0.9, signal.SIGKILL)]
    while is_server_of(pid, data):
        waited = time.monotonic() - started
        if signals and waited >= signals[0][0]:
            send(pid, signals.pop(0)[1])
        if waited > timeout:
            raise PostgresError(f"An earlier database server (process {pid}) on {data} does not stop.")
        time.sleep(0.02)
    return None


def send(pid: int, number: signal.Signals) -> None:
    """Send a signal to a process that may be gone by now."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
