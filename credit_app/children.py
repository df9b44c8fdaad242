"""Child processes that never outlive this one, even when it is killed with SIGKILL."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

GUARD = Path(__file__).with_name("guard.py")


def spawn(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    stop: signal.Signals = signal.SIGTERM,
    user: tuple[int, int] | None = None,
    cwd: Path | None = None,
    output: IO[bytes] | None = None,
) -> subprocess.Popen[bytes]:
    """Start `command` (an absolute program path first) so that it gets `stop` when this process ends.

    `user` is (uid, gid) to run as. The child has a session of its own: Ctrl-C reaches only the launcher,
    which stops its children in order.
    """
    guard = [sys.executable, "-I", "-S", str(GUARD)]
    guard += ["--launcher", str(os.getpid()), "--signal", str(int(stop))]
    if user:
        guard += ["--user", f"{user[0]}:{user[1]}"]
    # The kernel's signal follows the thread that started the child, not the process: elsewhere, watch.
    if threading.current_thread() is not threading.main_thread():
        guard += ["--watch"]
    return subprocess.Popen(  # noqa: S603 - our own commands
        [*guard, "--", *map(str, command)],
        env=env,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output else None,
        start_new_session=True,
    )


def stop(child: subprocess.Popen[bytes], number: signal.Signals = signal.SIGTERM, timeout: float = 30) -> int:
    """Send `number`, wait up to `timeout` seconds, then kill; returns the exit code."""
    if child.poll() is None:
        child.send_signal(number)
    try:
        return child.wait(timeout)
    except subprocess.TimeoutExpired:
        child.kill()
        return child.wait()
