"""Completing over HTTP: gunicorn with threads, one kept connection, next to the bare step."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter

from sqlalchemy.orm import Session

from bench.case import DATA, KEY, STEPS, Stock
from bench.commits import ANNA
from bench.place import connect


@contextmanager
def served(url: str) -> Iterator[http.client.HTTPConnection]:
    """A connection to one gunicorn process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable, "-m", "gunicorn", "-k", "gthread", "--threads", "4", "-w", "1", "--keep-alive", "60",
        "--log-level", "error", "-b", f"127.0.0.1:{port}", "bench.web:create_app()",
    ]  # fmt: skip
    env = {**os.environ, "BENCH_DATABASE_URL": url}
    child = subprocess.Popen(command, env=env, cwd=Path(__file__).parent.parent)
    try:
        for _ in range(200):
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
                connection.request("GET", "/pid")
                connection.getresponse().read()
                break
            except OSError:
                time.sleep(0.1)
        yield connection
        connection.close()
    finally:
        child.terminate()
        child.wait(timeout=30)


def post(connection: http.client.HTTPConnection, task: int, row: bool) -> list[int]:
    """Complete a task; returns the tasks that opened."""
    body = f"person=1&row={int(row)}&key=k{task}"
    connection.request("POST", f"/tasks/{task}", body, {"Content-Type": "application/x-www-form-urlencoded"})
    response = connection.getresponse()
    found = json.loads(response.read())
    assert response.status == 200
    return list(found["next"])


def over_http(url: str, rounds: int) -> dict[str, float]:
    """Median milliseconds of the bare step and of a request, without and with a credit row; MiB of the process."""
    import psutil  # noqa: PLC0415

    database, engine = connect(url)
    stock, found = Stock(), {"bare": [], "plain": [], "row": []}  # type: ignore[var-annotated]
    with served(url) as connection, Session(database) as session:
        for turn in range(rounds + 5):
            tasks = {}
            for name in ("plain", "row"):
                tasks[name] = engine.start(session, KEY, 1, DATA, ANNA, "bench").opened[0].id
            session.commit()
            bare = stock.create()
            for _ in range(STEPS):
                begin = perf_counter()
                stock.step(bare)
                times = [("bare", perf_counter() - begin)]
                for name in ("plain", "row"):
                    begin = perf_counter()
                    opened = post(connection, tasks[name], name == "row")
                    times.append((name, perf_counter() - begin))
                    tasks[name] = opened[0] if opened else 0
                if turn >= 5:
                    for name, seconds in times:
                        found[name].append(seconds)
        connection.request("GET", "/pid")
        pid = json.loads(connection.getresponse().read())
        resident = psutil.Process(pid).memory_info().rss / 2**20
    database.dispose()
    return {**{name: median(values) * 1e3 for name, values in found.items()}, "mib": resident}
