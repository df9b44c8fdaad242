#!/usr/bin/env python3
"""Print the path of a Chromium for the browser tests, installing one when the machine has none.

In this order: $CHROMIUM, one on the PATH, Playwright's own, the distribution's package. Says on stderr what
it does.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


def main() -> int:
    """Print the path; 1 with a sentence when there is no way to get one."""
    path = given() or on_machine() or playwrights() or by_playwright() or by_apt()
    if not path:
        say("No Chromium found and none could be installed: install one, or name it in CHROMIUM.")
        return 1
    print(path)
    return 0


def say(sentence: str) -> None:
    """Tell the person, beside the answer on stdout."""
    print(sentence, file=sys.stderr, flush=True)


def given() -> str | None:
    """Return what CHROMIUM names; a wrong name is an error, not a reason to look elsewhere."""
    path = os.environ.get("CHROMIUM")
    if path and not shutil.which(path):
        sys.exit(f"CHROMIUM names {path}, which is not a program.")
    return path or None


def on_machine() -> str | None:
    """Return an installed browser."""
    found = (shutil.which(name) for name in NAMES)
    return next((path for path in found if path), str(MAC) if MAC.exists() else None)


def playwrights() -> str | None:
    """Return the browser that Playwright installed earlier and that starts here."""
    lines = ["from playwright.sync_api import sync_playwright as p", "with p() as q:"]
    code = "\n".join([*lines, "    print(q.chromium.executable_path)"])
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    path = shown.stdout.strip()
    return path if path and Path(path).exists() and starts(path) else None


def starts(path: str) -> bool:
    """Tell whether the browser runs; Playwright's may miss libraries of the system."""
    try:
        return (
            subprocess.run([path, "--version"], capture_output=True, timeout=60, check=False).returncode == 0
        )
    except (OSError, subprocess.TimeoutExpired):
        return False


def by_playwright() -> str | None:
    """Download Playwright's Chromium into its cache folder."""
    say("Installing Playwright's Chromium for the browser tests (about 150 MB, in Playwright's cache folder)")
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    done = subprocess.run(command, stdout=sys.stderr, check=False)
    return playwrights() if done.returncode == 0 else None


def by_apt() -> str | None:
    """Install the package chromium on Debian and its relatives, when we are root."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    say("Installing the Debian package chromium for the browser tests")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-q"], stdout=sys.stderr, env=env, check=False)
    install = ["apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium"]
    subprocess.run(install, stdout=sys.stderr, env=env, check=False)
    return on_machine()


if __name__ == "__main__":
    sys.exit(main())
