"""The daily run of collection: finding whose stage changes against the bare aggregate, and moving those cases."""

from __future__ import annotations

import multiprocessing
import time
from datetime import datetime, timedelta
from statistics import median
from typing import Any

import psutil
from sqlalchemy import func, make_url, select, text
from sqlalchemy.orm import Session

from bench.ledger import CUSTOMERS, timed
from credit_app import collecting, resources
from credit_app.db import make_engine
from credit_app.facts import collection_stage
from credit_app.models import CollectionCase, CollectionMove, CollectionSignal, Company, Person, PersonRole
from credit_app.processes import registry_of
from credit_app.seeds import seed
from workflows import Base, Engine, clock, deploy_directory

DATABASE = "credit_collection"
# Most of a healthy ledger is not due; the rest is up to four months late.
ITEMS = """
    INSERT INTO receivable_item (source, external_id, customer_id, kind, number, document_date, due_date, amount,
        currency)
    SELECT 'bench', n, (SELECT min(id) FROM customer) + n % :customers, 'invoice', n,
        CAST(:day AS date) - 160 + n % 30, CAST(:day AS date) + 40 - (n % :customers) % 50 - (n / :customers) % 100,
        100 + n % 900, 'EUR'
    FROM generate_series(1, :items) n
"""
# Every second one takes letters by e-mail.
CONTACTS = """
    INSERT INTO contact (customer_id, name, role, email)
    SELECT id, 'Payables ' || id, 'Accounts payable', 'payables' || id || '@example.com' FROM customer WHERE id % 2 = 0
"""
# What is left of the first day's work would open cases; the second day's measures those that move.
ONLY_OPEN = "DELETE FROM collection_signal WHERE customer_id NOT IN (SELECT customer_id FROM collection_case)"
LATER = timedelta(days=14)
BARE = """
    SELECT customer_id, currency, sum(open_amount), min(due_date) FROM item_balance
    WHERE open_amount <> 0 GROUP BY 1, 2
"""


def _url(url: str) -> str:
    return make_url(url).set(database=DATABASE).render_as_string(hide_password=False)


def _engine() -> Engine:
    return Engine(registry_of(resources.bpmn()))


def _move(url: str, most: int, at: datetime, ready: Any, go: Any, done: Any) -> None:
    """A worker: moves cases as of `at` until it has taken so many signals."""
    with clock.at(at):
        _work(url, most, ready, go, done)


def _work(url: str, most: int, ready: Any, go: Any, done: Any) -> None:
    database, engine = make_engine(url), _engine()
    with Session(database) as session:
        collecting.move_some(session, engine, 1)
        session.commit()
    before, used = psutil.Process().memory_info().rss, time.process_time()
    ready.release()
    go.wait()
    begin, taken = time.perf_counter(), 0
    while taken < most:
        with Session(database) as session:
            found = collecting.move_some(session, engine)
            session.commit()
        if not found:
            break
        taken += found
    grown = (psutil.Process().memory_info().rss - before) / 2**20
    done.put((taken, begin, time.perf_counter(), grown, time.process_time() - used))
    database.dispose()


def daily_run(url: str, items: int, customers: int, cases: int, rounds: int) -> dict[str, float]:
    """Milliseconds of finding and of the bare aggregate; cases opened (at most `cases`) and, two weeks later, moved a
    second by two workers, milliseconds of their CPU a case, and the most MiB that one of them grew by."""
    with make_engine(url, pooled=False).connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(
            text(f"CREATE DATABASE {DATABASE}")
        )
    own, day = _url(url), clock.now().date()
    database = make_engine(own, pooled=False)
    Base.metadata.create_all(database)
    with Session(database) as session:
        seed(session)
        session.add(Company(name="Bench", base_currency="EUR", time_zone="UTC"))
        session.add(Person(name="Cole", email="cole@example.com", roles=[PersonRole(role="collector")]))
        session.flush()
        deploy_directory(session, resources.bpmn())
        values: dict[str, Any] = {"items": items, "customers": customers, "day": day}
        for statement in (CUSTOMERS, ITEMS, CONTACTS):
            session.execute(text(statement), values)
        session.commit()
        session.execute(text("ANALYZE"))
        session.commit()
        took: dict[str, list[float]] = {"find": [], "bare": []}
        for _ in range(rounds + 1):
            took["bare"].append(timed(lambda: session.execute(text(BARE)).all()))
            took["find"].append(timed(lambda: collection_stage.moves(session, day)))
        run = collecting.run_day(session)
        session.commit()
        assert run is not None
        found = run.found
    opening = _with_two_workers(own, min(cases, found) // 2, clock.now())
    with Session(database) as session:
        opened = session.scalar(select(func.count()).select_from(CollectionCase)) or 0
        steps = session.scalar(select(func.count()).select_from(CollectionMove)) or 0
        left = session.scalar(select(func.count()).select_from(CollectionSignal)) or 0
        failed = session.scalar(select(func.count()).where(CollectionSignal.attempts > 0)) or 0
        assert (opened, failed) == (steps, 0), "no case is opened twice, none fails"
        assert opened + left == found
    with clock.at(clock.now() + LATER), Session(database) as session:
        collecting.run_day(session)
        session.execute(text(ONLY_OPEN))
        waiting = session.scalar(select(func.count()).select_from(CollectionSignal)) or 0
        session.commit()
        moving = _with_two_workers(own, waiting // 2, clock.now())
        steps = session.scalar(select(func.count()).select_from(CollectionMove)) or 0
        failed = session.scalar(select(func.count()).where(CollectionSignal.attempts > 0)) or 0
        left = session.scalar(select(func.count()).select_from(CollectionSignal)) or 0
        assert (steps + left, failed) == (opened + waiting, 0), "every case moves once, none fails"
        refreshed = timed(lambda: collection_stage.refresh(session, day))
        session.commit()
    database.dispose()
    return (
        {name: median(each[1:]) for name, each in took.items()}
        | {"opening": opening["rate"], "moving": moving["rate"], "mib": max(opening["mib"], moving["mib"])}
        | {"opening_cpu": opening["cpu"], "moving_cpu": moving["cpu"]}
        | {"found": found, "opened": opened, "moved": waiting, "refresh": refreshed}
    )


def _with_two_workers(url: str, each: int, at: datetime) -> dict[str, float]:
    context = multiprocessing.get_context("spawn")
    ready, go, done = context.Semaphore(0), context.Event(), context.Queue()
    workers = [context.Process(target=_move, args=(url, each, at, ready, go, done)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for _ in workers:
        ready.acquire()
    go.set()
    results = [done.get() for _ in workers]
    for worker in workers:
        worker.join()
    span = max(end for _, _, end, *_ in results) - min(begin for _, begin, *_ in results)
    taken, used = (sum(one[place] for one in results) for place in (0, 4))
    return {"rate": taken / span, "mib": max(one[3] for one in results), "cpu": used / taken * 1_000}
