#!/usr/bin/env python3
"""Make or refresh .venv from the hash-pinned locks: `make_env.py runtime` or `make_env.py dev`.

Written so that an old Python can run it far enough to say what is missing. Does nothing when nothing changed.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
STAMP = os.path.join(VENV, "credit-desk-env.json")
NEEDED = (3, 11)
NAMES = ["python3.14", "python3.13", "python3.12", "python3.11", "python3", "python"]


def main(kind):
    """Bring .venv to the lock of `kind`; returns the exit code."""
    if sys.version_info < NEEDED:
        return with_newer_python(kind)
    wanted = lock_hash(kind)
    stamp = read_stamp()
    if stamp.get(kind) != wanted or not os.path.exists(venv_python()):
        make_venv()
        print(f"Installing the locked packages of requirements/{kind}.txt into .venv", flush=True)
        lock = os.path.join(ROOT, "requirements", kind + ".txt")
        pip = [venv_python(), "-m", "pip", "--disable-pip-version-check", "install", "-q", "--require-hashes"]
        subprocess.run([*pip, "-r", lock], check=True)
        stamp[kind] = wanted
        if kind == "dev":
            stamp["runtime"] = lock_hash("runtime")  # the development lock contains the other
    install_project()
    with open(STAMP, "w") as file:
        json.dump(stamp, file)
    return 0


def with_newer_python(kind):
    """Run this script again with a Python that is new enough, or say that there is none."""
    for name in NAMES:
        path = shutil.which(name)
        test = "import sys; sys.exit(sys.version_info < (3, 11))"
        if path and subprocess.call([path, "-c", test]) == 0:
            return subprocess.call([path, os.path.abspath(__file__), kind])
    have = "%d.%d" % sys.version_info[:2]
    sys.stderr.write(f"Credit Desk needs Python 3.11 or newer; this machine has {have}.\n")
    return 1


def lock_hash(kind):
    """Return the hash of a lock file and of the Python it is installed for."""
    with open(os.path.join(ROOT, "requirements", kind + ".txt"), "rb") as file:
        return hashlib.sha256(file.read() + sys.version.encode()).hexdigest()


def read_stamp():
    """Return what an earlier call installed."""
    try:
        with open(STAMP) as file:
            return json.load(file)
    except (OSError, ValueError):
        return {}


def venv_python():
    """Return the path of the environment's Python."""
    return os.path.join(VENV, "bin", "python")


def make_venv():
    """Create the environment, unless a usable one is there."""
    if os.path.exists(venv_python()) and subprocess.call([venv_python(), "-c", "import pip"]) == 0:
        return
    print("Creating the environment .venv with Python %d.%d" % sys.version_info[:2], flush=True)
    done = subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], capture_output=True, text=True)
    if done.returncode != 0:
        sys.stderr.write(
            "The module venv does not work here (on Debian and Ubuntu: apt install python3-venv).\n"
        )
        sys.stderr.write(done.stdout + done.stderr)
        raise SystemExit(1)


def install_project():
    """Make the checkout importable and `credit` a command: a path file and a script, no build needed."""
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = subprocess.check_output([venv_python(), "-c", code], text=True).strip()
    write(os.path.join(site, "credit-desk.pth"), ROOT + "\n")
    command = os.path.join(VENV, "bin", "credit")
    write(command, f'#!/bin/sh\nexec "{venv_python()}" -m credit_app.cli "$@"\n')
    os.chmod(command, 0o755)


def write(path, text):
    """Write a file when its content differs."""
    if os.path.exists(path):
        with open(path) as file:
            if file.read() == text:
                return
    with open(path, "w") as file:
        file.write(text)


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in ("runtime", "dev"):
        raise SystemExit("usage: make_env.py runtime|dev")
    try:
        raise SystemExit(main(sys.argv[1]))
    except subprocess.CalledProcessError as error:
        sys.stderr.write(f"Installing failed (exit code {error.returncode}); the message above says why.\n")
        raise SystemExit(1) from None
