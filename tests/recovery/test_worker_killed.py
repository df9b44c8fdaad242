"""Killed between any two statements, or the database with it: nothing is half done and everything goes on."""

import multiprocessing
import random
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from credit_app.db import make_engine
from credit_app.postgres import Postgres
from tests.processes.kit import Note, OwnBase, Platform, platform  # noqa: F401 (a fixture)
from tests.recovery import hammer
from workflows import Base, Conflict, Engine, clock, codec, deploy_directory, history
from workflows.engine import TimerFailed
from workflows.waiting import waiting


def check(session: Session, engine: Engine) -> int:
    """Every instance is consistent with its rows, its history and what its answers wrote; how many there are."""
    instances = session.execute(
        text("SELECT i.*, d.sha256 FROM instance i JOIN definition d ON d.id = i.definition_id")
    ).all()
    for row in instances:
        expected: tuple[set[int], set[tuple[int, str]], set[tuple[int, str]]] = (set(), set(), set())
        if row.state is not None:
            parsed = engine.definitions.get(session, row.definition_id)
            workflow = codec.load(bytes(row.state), parsed.spec, parsed.subprocess_specs)
            found = waiting(workflow, clock.now())
            expected = (set(found.tasks), set(found.timers), set(found.messages))
        params = {"id": row.id}
        tasks = session.execute(
            text("SELECT task_no FROM open_task WHERE instance_id = :id"), params
        ).scalars()
        timers = session.execute(text("SELECT task_no, kind FROM timer WHERE instance_id = :id"), params)
        messages = session.execute(
            text("SELECT task_no, message FROM subscription WHERE instance_id = :id"), params
        )
        assert (set(tasks), {tuple(r) for r in timers}, {tuple(r) for r in messages}) == expected
        events = session.execute(
            text("SELECT count(*), max(seq) FROM history WHERE instance_id = :id"), params
        ).one()
        assert events[0] == events[1] == row.history_seq
    assert history.verify(session)[1] is None
    completed = session.execute(text("SELECT task_id FROM history WHERE kind = 'task_completed'")).scalars()
    served = session.execute(text("SELECT instance_id, node FROM history WHERE kind = 'service_run'"))
    left = [f"task {number}" for number in completed] + [
        f"service {number} {node}" for number, node in served
    ]
    notes = session.execute(text("SELECT words FROM note")).scalars()
    assert Counter(notes) == Counter(left), "each answer and each service task left exactly one row"
    keys = session.execute(text("SELECT count(*), count(DISTINCT key) FROM outbox")).one()
    assert keys[0] == keys[1] == sum(words.startswith("service") for words in left)
    session.commit()
    return len(instances)


@pytest.mark.slow
def test_a_worker_killed_twenty_times_leaves_nothing_half_done(
    platform: Platform,  # noqa: F811
    database_app_url: str,
) -> None:
    platform.deploy(hammer.DIAGRAM)
    engine = Engine(hammer.handlers())
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.recovery.hammer"])
    chance = random.Random(7)  # noqa: S311
    killed = made = 0
    while killed < 20 or (made <= 20 and killed < 100):  # on a slow machine a child gets less far
        killed += 1
        ready, told = context.Pipe()
        child = context.Process(target=hammer.main, args=(database_app_url, told), daemon=True)
        child.start()
        assert ready.recv()
        time.sleep(chance.uniform(0.1, 0.4))
        child.kill()
        child.join()
        # The server notices the dead connection and rolls back; only then is everything at rest.
        for _ in range(100):
            busy = text(
                """SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
                   AND pid <> pg_backend_pid() AND state <> 'idle' AND backend_type = 'client backend'"""
            )
            if not platform.owner.execute(busy).scalar():
                break
            platform.owner.rollback()
            time.sleep(0.02)
        platform.owner.rollback()
        made = check(platform.session, engine)
    before = made
    assert before > 20
    finish(platform.session, engine)
    assert check(platform.session, engine) == before


def finish(session: Session, engine: Engine) -> None:
    """Answer everything that is open: every instance can still be brought to its end."""
    engine.handlers = hammer.handlers()
    for _ in range(1_000):
        session.execute(text("UPDATE timer SET due_at = now() - interval '1 year', held = false"))
        session.commit()
        try:
            while engine.fire_timer(session) is not None:
                session.commit()
        except TimerFailed:
            session.rollback()
        session.commit()
        task = session.execute(text("SELECT id FROM open_task ORDER BY id LIMIT 1")).scalar()
        if task is not None:
            engine.complete(session, task, hammer.Actor(1), "finish", hammer.answer)
            session.commit()
        elif not session.execute(text("SELECT count(*) FROM timer")).scalar():
            break
    assert session.execute(text("SELECT count(*) FROM instance WHERE state IS NOT NULL")).scalar() == 0
    session.commit()


@pytest.mark.slow
def test_a_database_that_crashes_and_comes_back_has_lost_nothing_that_was_committed(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("crash")
    for parent in (folder, *folder.parents):
        if parent == Path("/tmp"):  # noqa: S108
            break
        parent.chmod(0o755)
    (folder / "diagrams").mkdir()
    (folder / "diagrams" / "small.bpmn").write_bytes(hammer.DIAGRAM)
    with Postgres(folder / "postgres") as postgres:
        database = make_engine(postgres.url())
        Base.metadata.create_all(
            database, tables=[table for table in Base.metadata.sorted_tables if table.name in PLATFORM]
        )
        OwnBase.metadata.create_all(database)
        with Session(database) as session:
            deploy_directory(session, folder / "diagrams")
            session.commit()
        engine = Engine(hammer.handlers())
        promised: list[str] = []
        stop = threading.Event()

        def work() -> None:
            while not stop.is_set():
                try:
                    with Session(database) as session:
                        hammer.once(session, engine, lambda: Session(database))
                        promised.extend(
                            session.scalars(text("SELECT words FROM note ORDER BY id DESC LIMIT 1"))
                        )
                except (Conflict, SQLAlchemyError, TimerFailed):
                    time.sleep(0.02)

        workers = [threading.Thread(target=work) for _ in range(2)]
        for worker in workers:
            worker.start()
        for _ in range(3):
            time.sleep(0.7)
            assert postgres.child is not None
            postgres.child.kill()
            postgres.child.wait()
            postgres.restart()
        time.sleep(0.7)
        stop.set()
        for worker in workers:
            worker.join(timeout=30)
        with Session(database) as session:
            assert check(session, engine) > 5
            assert set(promised) <= set(session.scalars(text("SELECT words FROM note")))
            assert session.query(Note).count() > 10
        database.dispose()


PLATFORM = ("definition", "instance", "open_task", "timer", "subscription", "history", "outbox", "incident")
