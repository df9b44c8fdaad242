"""Figures that must not grow: timers, the inbox, the scheduler's look, checking the chain."""

from __future__ import annotations

import hashlib
import multiprocessing
from datetime import UTC, datetime, timedelta
from statistics import median, quantiles
from time import perf_counter
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from bench.case import ANSWERS, DATA, KEY
from bench.commits import ANNA
from bench.place import connect
from workflows import fire_due, history, inbox

LANES = [("sales_rep", 1), ("credit_manager", 1), ("credit_manager", 0)]


def _fire(url: str, ready: Any, go: Any, done: Any) -> None:
    database, engine = connect(url)
    fire_due(lambda: Session(database), engine, most=5)  # parses the definition and prepares the statements
    ready.release()
    go.wait()
    begin = perf_counter()
    count = fire_due(lambda: Session(database), engine, most=1_000_000)
    done.put((count, begin, perf_counter()))
    database.dispose()


def timers(url: str, instances: int) -> dict[str, float]:
    """Timers fired a second by two workers, and how many fired twice."""
    database, engine = connect(url)
    with Session(database) as session:
        for _ in range(instances):
            rest = engine.start(session, KEY, 1, DATA, ANNA, "bench")
            engine.complete(
                session, rest.opened[0].id, ANNA, "bench", lambda action: ANSWERS[action.node], "key"
            )
        session.execute(text("DELETE FROM timer WHERE node <> 'remind_checker'"))
        session.execute(text("UPDATE timer SET due_at = now() - interval '1 hour'"))
        session.commit()
        session.execute(text("ANALYZE"))
        session.commit()
        context = multiprocessing.get_context("spawn")
        ready, go, done = context.Semaphore(0), context.Event(), context.Queue()
        workers = [context.Process(target=_fire, args=(url, ready, go, done)) for _ in range(2)]
        for worker in workers:
            worker.start()
        for _ in workers:
            ready.acquire()
        go.set()
        fired = [done.get() for _ in workers]
        for worker in workers:
            worker.join()
        twice = session.execute(
            text(
                """SELECT count(*) FROM (SELECT 1 FROM history WHERE kind = 'timer_fired' GROUP BY instance_id
                   HAVING count(*) > 1) AS found"""
            )
        ).scalar_one()
        left = session.execute(text("SELECT count(*) FROM timer WHERE due_at < now()")).scalar_one()
    database.dispose()
    span = max(end for _, _, end in fired) - min(begin for _, begin, _ in fired)
    return {"rate": sum(count for count, _, _ in fired) / span, "twice": twice, "left": left}


def _dummy(session: Session) -> int:
    """One instance that many rows may hang on."""
    return int(
        session.execute(
            text(
                """INSERT INTO instance (definition_id, process, subject_id, version, codec, state, history_seq,
                     history_hash, started_at, updated_at)
                   SELECT max(id), :key, 1, 1, 1, '', 0, decode(repeat('00', 32), 'hex'), now(), now()
                   FROM definition WHERE key = :key RETURNING id"""
            ),
            {"key": KEY},
        ).scalar_one()
    )


def read_inbox(session: Session, turn: int) -> int:
    """All that one inbox page reads of open tasks: rows, counts of the tabs, claims left behind, what is new."""
    order: Any = ("oldest", "newest", "due")[turn % 3]
    filters = inbox.Filters(subjects=[turn, turn + 20, turn + 40]) if turn % 4 == 3 else inbox.Filters()
    page = inbox.of_groups(session, 1, LANES, order, filters=filters)
    inbox.mine(session, 1, "due")
    inbox.count_mine(session, 1)
    inbox.count_groups(session, 1, LANES)
    inbox.holders(session, LANES)
    inbox.count_new(session, 1, LANES, datetime.now(UTC))
    session.commit()
    return len(page)


def inbox_pages(url: str, few: int, many: int, reads: int) -> dict[str, float]:
    """p95 milliseconds of what an inbox page reads with few and with many open tasks; one in ten is claimed."""
    database, _ = connect(url)
    result = {}
    with Session(database) as session:
        session.execute(
            text("TRUNCATE instance, history, open_task, timer, subscription, outbox, incident CASCADE")
        )
        number, known = _dummy(session), 0
        for name, count in (("few", few), ("many", many)):
            session.execute(
                text(
                    """INSERT INTO open_task (instance_id, task_no, process, node, role, scope, subject_id,
                    opened_at, due_at, claimed_by, claimed_at)
                       SELECT :id, n, 'bench_approval', 'check_request',
                         (ARRAY['sales_rep', 'credit_manager', 'cfo', 'collector'])[1 + n % 4],
                         NULLIF((n / 4) % 5, 0), n, now() - (n % 50000) * interval '1 minute',
                         CASE WHEN n % 3 = 0 THEN now() + (n % 700) * interval '1 hour' END,
                         CASE WHEN n % 10 = 9 THEN 1 + n % 200 END, CASE WHEN n % 10 = 9 THEN now() END
                       FROM generate_series(CAST(:low AS int), :high) AS n"""
                ),
                {"id": number, "low": known + 1, "high": count},
            )
            session.commit()
            session.execute(text("ANALYZE open_task"))
            session.commit()
            known = count
            times = []
            for turn in range(reads + 10):
                begin = perf_counter()
                found = read_inbox(session, turn)
                if turn >= 10:
                    times.append(perf_counter() - begin)
                assert found == 25 or turn % 4 == 3
            result[name] = quantiles(times, n=20)[18] * 1e3
    database.dispose()
    return result


def idle(url: str, waiting: int, looks: int) -> dict[str, float]:
    """Median milliseconds of a worker's look for due timers, with nothing waiting and with many waiting."""
    database, engine = connect(url)
    result = {}
    with Session(database) as session:
        session.execute(
            text("TRUNCATE instance, history, open_task, timer, subscription, outbox, incident CASCADE")
        )
        number = _dummy(session)
        session.commit()
        for name, count in (("none", 0), ("many", waiting)):
            session.execute(
                text(
                    """INSERT INTO timer (instance_id, task_no, kind, process, node, due_at)
                       SELECT :id, n, 'event', 'p', 'n', now() + n * interval '1 minute'
                       FROM generate_series(1, CAST(:count AS int)) AS n"""
                ),
                {"id": number, "count": count},
            )
            session.commit()
            session.execute(text("ANALYZE timer"))
            session.commit()
            times = []
            for turn in range(looks + 10):
                begin = perf_counter()
                assert fire_due(lambda: Session(database), engine) == 0
                if turn >= 10:
                    times.append(perf_counter() - begin)
            result[name] = median(times) * 1e3
    database.dispose()
    return result


def verification(url: str, rows: int, per_instance: int = 20) -> float:
    """Rows of history checked a second."""
    database, _ = connect(url)
    with Session(database) as session:
        session.execute(
            text("TRUNCATE instance, history, open_task, timer, subscription, outbox, incident CASCADE")
        )
        numbers = [_dummy(session) for _ in range(rows // per_instance)]
        definition = session.execute(text("SELECT max(id) FROM definition")).scalar_one()
        now = datetime.now(UTC)
        body = history.payload_text(
            {"data": {"requested_limit": [None, 300_000]}, "path": ["a/b"] * 6, "request": "k" * 32}
        )
        sha = hashlib.sha256(body.encode()).digest()
        cursor: Any = session.connection().connection.cursor()
        columns = (
            "instance_id, seq, at, kind, process, node, actor_id, source, definition_id, payload, "
            "payload_sha256, hash"
        )
        heads = []
        with cursor.copy(f"COPY history ({columns}) FROM STDIN") as copy:
            for number in numbers:
                last = history.FIRST_HASH
                for seq in range(1, per_instance + 1):
                    event = history.Event("task_completed", KEY, "check_request", None, 1)
                    at = now + timedelta(microseconds=seq)
                    last = history.link(
                        last, sha, history.header(number, seq, at, event, "bench", definition)
                    )
                    copy.write_row(
                        (
                            number,
                            seq,
                            at,
                            event.kind,
                            KEY,
                            event.node,
                            1,
                            "bench",
                            definition,
                            body,
                            sha,
                            last,
                        )
                    )
                heads.append({"id": number, "seq": per_instance, "hash": last})
        session.execute(
            text("UPDATE instance SET history_seq = :seq, history_hash = :hash WHERE id = :id"), heads
        )
        session.commit()
        best = 0.0
        for _ in range(3):
            begin = perf_counter()
            count, broken = history.verify(session)
            best = max(best, count / (perf_counter() - begin))
            assert broken is None
            assert count == len(numbers) * per_instance
            session.commit()
    database.dispose()
    return best
