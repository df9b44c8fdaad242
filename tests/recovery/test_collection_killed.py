"""A worker killed while it moves the cases of the daily run: none is lost, none is opened or written to twice."""

import multiprocessing
import time
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from credit_app import collecting, resources
from credit_app.db import make_engine
from credit_app.models import CollectionCase, CollectionMove, CollectionRun, CollectionSignal
from credit_app.models.dunning import DunningLetter
from credit_app.processes import registry_of
from tests.factories import TODAY, Cast, make_customer, make_invoice
from workflows import Engine, clock, history
from workflows.tables import Instance

CUSTOMERS = 60
TOGETHER = 5


def work(url: str, now: datetime, told: Any) -> None:
    """What the worker's job does, in a process to be killed: some cases a transaction."""
    database, engine = make_engine(url), Engine(registry_of(resources.bpmn()))
    with clock.at(now):
        told.send(True)
        while True:
            with Session(database) as session:
                taken = collecting.move_some(session, engine, TOGETHER)
                session.commit()
            if not taken:
                break
            told.send(taken)


def left(session: Session) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(CollectionSignal)) or 0


@pytest.mark.slow
def test_a_daily_run_that_is_killed_midway_goes_on_where_it_stood(
    session: Session, cast: Cast, database_app_url: str
) -> None:
    for _ in range(CUSTOMERS):
        make_invoice(session, make_customer(session, branch_id=cast.north.id), 500, TODAY - timedelta(days=3))
    run = collecting.run_day(session)
    session.commit()
    assert run is not None
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.recovery.test_collection_killed"])
    for further in (
        0.0,
        0.01,
        0.03,
    ):  # behind a commit, at the beginning of the next cases and in their middle
        before = left(session)
        ready, told = context.Pipe()
        child = context.Process(target=work, args=(database_app_url, clock.now(), told), daemon=True)
        child.start()
        assert ready.recv()
        assert ready.recv() == TOGETHER
        time.sleep(further)
        child.kill()
        child.join()
        assert 0 < left(session) < before
        assert collecting.run_day(session) is None, "the day's run was made"
        assert collecting.progress_of(session, run) == CUSTOMERS - left(session)
    engine = Engine(registry_of(resources.bpmn()))
    for _ in range(200):  # the server notices the dead connection and gives back what it held
        collecting.move_some(session, engine)
        session.commit()
        if not left(session):
            break
        time.sleep(0.05)
    collecting.finish_runs(session)
    session.commit()
    for table in (CollectionCase, CollectionMove, DunningLetter, Instance):
        assert session.scalar(select(func.count()).select_from(table)) == CUSTOMERS
    once = "SELECT count(DISTINCT c.customer_id) FROM collection_case c JOIN instance i ON i.id = c.instance_id JOIN"
    written = (
        " dunning_letter l ON l.case_id = c.id AND l.customer_id = c.customer_id WHERE i.subject_id = c.id"
    )
    assert session.scalar(text(once + written)) == CUSTOMERS
    assert session.scalar(select(CollectionRun.done)) == CUSTOMERS
    assert history.verify(session)[1] is None
