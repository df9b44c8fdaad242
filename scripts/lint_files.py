#!/usr/bin/env python3
"""Lint what is not Python: templates with djlint, diagrams with bpmnlint. Prints each tool's complaints."""

import os
import subprocess
import sys
from pathlib import Path

from build_static import find_npm

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Run both; returns 1 when one complains."""
    failed = False
    if any((ROOT / "templates").rglob("*.html")):
        failed |= run(
            "djlint", [str(Path(sys.executable).parent / "djlint"), "templates", "--lint", "--quiet"]
        )
    diagrams = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "bpmn").glob("*.bpmn"))
    if diagrams:
        npm, env = find_npm()
        failed |= run("bpmnlint", [*npm, "run", "--silent", "lint:bpmn", "--", *diagrams], env)
    return int(failed)


def run(name: str, command: list[str], env: dict[str, str] | None = None) -> bool:
    """Run one tool; shows its output and returns True when it fails."""
    print(name, flush=True)
    env = env or dict(os.environ)
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        print(done.stdout + done.stderr)
    return done.returncode != 0


if __name__ == "__main__":
    sys.exit(main())
