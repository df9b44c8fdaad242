"""Figures with commits: completing, starting, whole instances, storage, statements."""

from __future__ import annotations

import multiprocessing
from statistics import median
from time import perf_counter
from typing import Any

import psycopg
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from bench.case import DATA, KEY, STEPS, Stock, answer, answer_with_row
from bench.place import connect
from workflows import Actor, Engine

ANNA = Actor(1)


def whole(session: Session, engine: Engine, with_row: bool = False) -> None:
    """One instance from start to end, a commit each."""
    rest = engine.start(session, KEY, 1, DATA, ANNA, "bench")
    session.commit()
    while not rest.ended:
        rest = engine.complete(
            session, rest.opened[0].id, ANNA, "bench", answer_with_row if with_row else answer, "key"
        )
        session.commit()


def completing(url: str, rounds: int) -> dict[str, float]:
    """Median milliseconds of completing and starting, in the process, beside the bare library."""
    database, engine = connect(url)
    stock, found = Stock(), {"bare": [], "plain": [], "row": [], "bare_start": [], "start": []}  # type: ignore[var-annotated]
    with Session(database) as session:
        for turn in range(rounds + 3):
            begin = perf_counter()
            bare = stock.create()
            middle = perf_counter()
            rest = engine.start(session, KEY, 1, DATA, ANNA, "bench")
            session.commit()
            finish = perf_counter()
            other = engine.start(session, KEY, 1, DATA, ANNA, "bench")
            session.commit()
            times: list[tuple[str, float]] = [("bare_start", middle - begin), ("start", finish - middle)]
            for _ in range(STEPS):
                begin = perf_counter()
                stock.step(bare)
                times.append(("bare", perf_counter() - begin))
                begin = perf_counter()
                rest = engine.complete(session, rest.opened[0].id, ANNA, "bench", answer, "key")
                session.commit()
                times.append(("plain", perf_counter() - begin))
                begin = perf_counter()
                other = engine.complete(session, other.opened[0].id, ANNA, "bench", answer_with_row, "key")
                session.commit()
                times.append(("row", perf_counter() - begin))
            if turn >= 3:  # the first ones prepare statements
                for name, seconds in times:
                    found[name].append(seconds)
    database.dispose()
    return {name: median(values) * 1e3 for name, values in found.items()}


def statements(url: str) -> dict[str, Any]:
    """Statements and commits of each completion, without and with a credit row."""
    database, engine = connect(url)
    sent: list[str] = []
    commits: list[int] = []
    execute = psycopg.Cursor.execute

    def counting(cursor: Any, query: Any, *given: Any, **options: Any) -> Any:
        sent.append(str(query))
        return execute(cursor, query, *given, **options)

    psycopg.Cursor.execute = counting  # type: ignore[method-assign]
    event.listen(database, "commit", lambda _: commits.append(1))
    result: dict[str, Any] = {}
    with Session(database) as session:
        for name, how in (("plain", answer), ("row", answer_with_row)):
            rest = engine.start(session, KEY, 1, DATA, ANNA, "bench")
            session.commit()
            counts = []
            commits.clear()
            while not rest.ended:
                sent.clear()
                rest = engine.complete(session, rest.opened[0].id, ANNA, "bench", how, "key")
                session.commit()
                counts.append(len(sent))
            result[name], result["commits"] = counts, len(commits) / STEPS
    psycopg.Cursor.execute = execute  # type: ignore[method-assign]
    database.dispose()
    return result


def storage(url: str, instances: int) -> dict[str, float]:
    """Bytes and rows that a finished instance leaves, indexes included, after vacuuming."""
    database, engine = connect(url)
    tables = ("instance", "history", "outbox", "open_task", "timer")
    with Session(database) as session:
        session.execute(text(f"TRUNCATE {', '.join(tables)}, subscription, incident CASCADE"))
        session.commit()
        for _ in range(instances):
            whole(session, engine)
        rows = sum(session.execute(text(f"SELECT count(*) FROM {name}")).scalar_one() for name in tables)
    with database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"VACUUM FULL {', '.join(tables)}"))
        total = sum(
            connection.execute(
                text("SELECT pg_total_relation_size(CAST(:name AS regclass))"), {"name": name}
            ).scalar_one()
            for name in tables
        )
    database.dispose()
    return {"bytes": total / instances, "rows": rows / instances}


def _work(url: str, seconds: float, ready: Any, go: Any, done: Any) -> None:
    database, engine = connect(url)
    with Session(database) as session:
        for _ in range(3):
            whole(session, engine)
        ready.release()
        go.wait()
        end, count = perf_counter() + seconds, 0
        while perf_counter() < end:
            whole(session, engine)
            count += 1
    done.put(count)
    database.dispose()


def throughput(url: str, seconds: float) -> dict[str, float]:
    """Whole instances a second: the bare library, one process, two processes; taken in turns."""
    context = multiprocessing.get_context("spawn")
    stock, found = Stock(), {"bare": 0.0, "one": 0.0, "two": 0.0}
    parts = 3
    for _ in range(parts):
        end, count = perf_counter() + seconds / parts, 0
        while perf_counter() < end:
            bare = stock.create()
            for _ in range(STEPS):
                stock.step(bare)
            count += 1
        found["bare"] += count / seconds
        for name, processes in (("one", 1), ("two", 2)):
            ready, go, done = context.Semaphore(0), context.Event(), context.Queue()
            workers = [
                context.Process(target=_work, args=(url, seconds / parts, ready, go, done))
                for _ in range(processes)
            ]
            for worker in workers:
                worker.start()
            for _ in workers:
                ready.acquire()
            go.set()
            found[name] += sum(done.get() for _ in workers) / seconds
            for worker in workers:
                worker.join()
    return found
