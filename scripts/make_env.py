#!/usr/bin/env python3
"""Make or refresh .venv from a hash-pinned lock: `make_env.py runtime`, `dev` or `node`.

Written so that an old Python 3 can run it far enough to say what is missing. Does nothing when nothing
changed.
"""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "credit-desk-env.json"
NEEDED = (3, 11)
NAMES = ["python3.14", "python3.13", "python3.12", "python3.11", "python3", "python"]
# What the development lock contains too.
CONTAINED = {"dev": ["runtime", "node"]}


def main(kind):
    """Bring .venv to the lock of `kind`; returns the exit code."""
    if sys.version_info < NEEDED:
        return with_newer_python(kind)
    wanted = lock_hash(kind)
    stamp = read_stamp()
    if stamp.get(kind) != wanted or not PYTHON.exists():
        if not usable():
            make_venv()
            stamp = {}
        print(f"Installing the locked packages of requirements/{kind}.txt into .venv", flush=True)
        pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "-q", "--require-hashes"]
        subprocess.run([*pip, "-r", str(lock(kind))], check=True)
        stamp.update({name: lock_hash(name) for name in [kind, *CONTAINED.get(kind, [])]})
    install_project()
    write(STAMP, json.dumps(stamp))
    return 0


def with_newer_python(kind):
    """Run this script again with a Python that is new enough, or say that there is none."""
    for name in NAMES:
        path = shutil.which(name)
        test = "import sys; sys.exit(sys.version_info < (3, 11))"
        if path and subprocess.call([path, "-c", test]) == 0:
            return subprocess.call([path, str(Path(__file__).resolve()), kind])
    have = ".".join(map(str, sys.version_info[:2]))
    sys.stderr.write(f"Credit Desk needs Python 3.11 or newer; this machine has {have}.\n")
    return 1


def lock(kind):
    """Return the path of a lock file."""
    return ROOT / "requirements" / f"{kind}.txt"


def lock_hash(kind):
    """Return the hash of a lock file and of the Python version it is installed for."""
    return hashlib.sha256(lock(kind).read_bytes() + str(sys.version_info[:2]).encode()).hexdigest()


def read_stamp():
    """Return what earlier calls installed."""
    try:
        return dict(json.loads(STAMP.read_text()))
    except (OSError, ValueError):
        return {}


def usable():
    """Tell whether .venv is there and made with a Python that still exists and is new enough."""
    test = "import pip, sys; sys.exit(sys.version_info < (3, 11))"
    return PYTHON.exists() and subprocess.call([str(PYTHON), "-c", test], stderr=subprocess.DEVNULL) == 0


def make_venv():
    """Create the environment."""
    version = ".".join(map(str, sys.version_info[:2]))
    print(f"Creating the environment .venv with Python {version}", flush=True)
    command = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.stderr.write(done.stdout + done.stderr)
        sys.stderr.write(
            "Python's module venv does not work here (Debian, Ubuntu: apt install python3-venv).\n"
        )
        raise SystemExit(1)


def install_project():
    """Make the checkout importable and `credit` a command: a path file and a script, nothing to build."""
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = subprocess.check_output([str(PYTHON), "-c", code], text=True).strip()
    write(Path(site) / "credit-desk.pth", f"{ROOT}\n")
    command = VENV / "bin" / "credit"
    write(command, f'#!/bin/sh\nexec "{PYTHON}" -m credit_app.cli "$@"\n')
    command.chmod(0o755)


def write(path, text):
    """Write a file when its content differs."""
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in ("runtime", "dev", "node"):
        raise SystemExit("usage: make_env.py runtime|dev|node")
    try:
        raise SystemExit(main(sys.argv[1]))
    except subprocess.CalledProcessError as error:
        sys.stderr.write(f"Installing failed (exit code {error.returncode}); the message above says why.\n")
        raise SystemExit(1) from None
