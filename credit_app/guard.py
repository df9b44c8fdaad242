"""Starts a program that must not outlive its launcher. Run by path (`python -I -S`); standard library only.

On Linux the kernel sends the stop signal when the launcher is gone, however it ended, and this process
becomes the program. Elsewhere, or with --watch, this process stays and looks every 0.2 s for the launcher.
"""

import argparse
import os
import signal
import subprocess
import sys
import time

PR_SET_PDEATHSIG = 1


def main(argv: list[str]) -> int:
    """Parse the command line and start the program; returns its exit code when watching."""
    parser = argparse.ArgumentParser(prog="guard")
    parser.add_argument("--launcher", type=int, required=True, help="process id to live and die with")
    parser.add_argument(
        "--signal", type=int, default=int(signal.SIGTERM), help="what to send when it is gone"
    )
    parser.add_argument("--user", default="", help="uid:gid to become first")
    parser.add_argument("--watch", action="store_true", help="do not rely on the kernel")
    parser.add_argument("program", nargs="+")
    options = parser.parse_args(argv)
    user = tuple(map(int, options.user.split(":"))) if options.user else None
    if options.watch or sys.platform != "linux":
        become(user)
        return watch(options.program, options.launcher, options.signal)
    die_with_launcher(options.launcher, options.signal, user)
    return os.execv(options.program[0], options.program)  # noqa: S606 - this process becomes the program


def become(user: tuple[int, ...] | None) -> None:
    """Drop root for good: `user` is (uid, gid), None stays as we are."""
    if user is None:
        return
    os.setgroups([])
    os.setgid(user[1])
    os.setuid(user[0])


def die_with_launcher(launcher: int, stop: int, user: tuple[int, ...] | None) -> None:
    """Become `user`, then ask the kernel for `stop` when the parent ends; exit when it already has."""
    # Imported while we may still read the standard library.
    import ctypes  # noqa: PLC0415

    libc = ctypes.CDLL(None, use_errno=True)
    become(user)  # before prctl: a change of user clears the death signal
    if libc.prctl(PR_SET_PDEATHSIG, stop, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    if os.getppid() != launcher:
        raise SystemExit(1)


def watch(program: list[str], launcher: int, stop: int) -> int:
    """Run the program as a child, pass signals on, and stop it when the launcher is gone."""
    child = subprocess.Popen(program)  # noqa: S603 - the launcher's own command
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(number, lambda received, _frame: child.send_signal(received))
    while child.poll() is None:
        if os.getppid() != launcher:
            child.send_signal(stop)
            return finish(child)
        time.sleep(0.2)
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


def finish(child: subprocess.Popen[bytes]) -> int:
    """Give the program time to stop by itself, then end it."""
    try:
        return child.wait(60)
    except subprocess.TimeoutExpired:
        child.kill()
        return child.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
