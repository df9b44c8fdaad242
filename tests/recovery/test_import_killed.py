"""A worker killed in the middle of an import: nothing of the file is in the books, and the next one takes it up."""

import io
import multiprocessing
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from credit_app.db import make_engine
from credit_app.importers import waiting
from credit_app.models import ImportBatch, ReceivableItem
from tests.factories import NOW, make_company, make_customer
from tests.importers.conftest import INVOICES
from workflows import clock

ROWS = 20_000


def work(url: str, folder: Path, told: Any) -> None:
    """What the worker's job does, in a process to be killed."""
    engine = make_engine(url, pooled=False)
    told.send(True)
    waiting.run_next(lambda: Session(engine), folder, clock.now)


@pytest.mark.slow
def test_a_killed_import_leaves_nothing_and_is_taken_up_again(
    session: Session, database_app_url: str, tmp_path: Path
) -> None:
    make_company(session)
    make_customer(session, external_id="K1")
    rows = (f"R{n},K1,2026-01-05,2026-02-04,{n + 1}.00,EUR,no," for n in range(ROWS))
    order = waiting.Order("invoices", "invoices", "all_or_nothing", False, "large.csv", None)
    content = io.BytesIO("\n".join([INVOICES, *rows]).encode())
    batch_id = waiting.hand_in(session, tmp_path, content, order, NOW).id
    session.commit()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.recovery.test_import_killed"])
    for seconds in (0.1, 0.6):
        ready, told = context.Pipe()
        child = context.Process(target=work, args=(database_app_url, tmp_path, told), daemon=True)
        child.start()
        assert ready.recv()
        wait_until_running(session, batch_id)
        time.sleep(seconds)
        child.kill()
        child.join()
        assert session.scalar(select(func.count()).select_from(ReceivableItem)) == 0
        session.rollback()
    engine = make_engine(database_app_url, pooled=False)
    for _ in range(200):  # the server notices the dead connection and gives the turn back
        if waiting.run_next(lambda: Session(engine), tmp_path, clock.now) == batch_id:
            break
        time.sleep(0.05)
    engine.dispose()
    batch = session.get_one(ImportBatch, batch_id, populate_existing=True)
    assert (batch.status, batch.attempts, batch.rows_new, batch.upload) == ("done", 3, ROWS, None)
    assert session.scalar(select(func.count()).select_from(ReceivableItem)) == ROWS
    assert list(tmp_path.iterdir()) == []


def wait_until_running(session: Session, batch_id: int) -> None:
    """Until the child has begun the import once more."""
    before = session.get_one(ImportBatch, batch_id, populate_existing=True).attempts
    for _ in range(500):
        session.rollback()
        batch = session.get_one(ImportBatch, batch_id, populate_existing=True)
        if batch.status == "running" and batch.attempts >= max(before, 1):
            return
        time.sleep(0.01)
    raise AssertionError("the import never began")
