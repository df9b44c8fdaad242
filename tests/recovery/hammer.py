"""A worker to be killed: starts instances, completes tasks, fires timers and sends mail for as long as it lives."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from credit_app.db import make_engine
from tests.processes.kit import Note, TestHandlers
from tests.processes.small import boundary, bpmn, end, fork, message, service, start, timer, user
from workflows import Action, Actor, Conflict, Engine, fire_due, outbox
from workflows.outbox import Delivered, Posted

DIAGRAM = bpmn(
    "small", start(), user("work"), boundary("late", "work", timer("late_at", "timeDate"), False), service("nudge"),
    end("nudged"), boundary("withdrawn", "work", message("withdrawn")), end("off"), service("check"), fork("split"),
    user("left"), user("right"), fork("join"), user("last"), end(), "begin > work", "work > check", "check > split",
    "split > left", "split > right", "left > join", "right > join", "join > last", "last > done", "late > nudge",
    "nudge > nudged", "withdrawn > off", messages=["withdrawn"],
)  # fmt: skip


def handlers() -> TestHandlers:
    """Every node leaves one row."""

    def ran(action: Action) -> None:
        action.session.add(Note(words=f"service {action.instance_id} {action.node}"))
        action.mail([5], action.node)
        if random.random() < 0.1:  # noqa: S311
            raise OSError("now and then")

    return TestHandlers(services={"check": ran, "nudge": ran})


def answer(action: Action) -> dict[str, Any]:
    """One row for each answer."""
    assert action.task is not None
    action.session.add(Note(words=f"task {action.task.id}"))
    return {"words": action.node}


def once(session: Session, engine: Engine, open_session: Callable[[], Session]) -> None:
    """One random thing that a program does."""
    what = random.random()  # noqa: S311
    if what < 0.3:
        engine.start(session, "small", 7, {"late_at": "2020-01-01T00:00:00+00:00"}, Actor(1), "hammer")
    elif what < 0.85:
        task = session.execute(text("SELECT id FROM open_task ORDER BY random() LIMIT 1")).scalar()
        if task is not None:
            engine.complete(session, task, Actor(1), "hammer", answer, f"k{task}")
    elif what < 0.9:
        instance = session.execute(
            text("SELECT instance_id FROM subscription ORDER BY random() LIMIT 1")
        ).scalar()
        if instance is not None:
            engine.send(session, instance, "withdrawn", Actor(2), "hammer")
    elif what < 0.95:
        session.execute(text("UPDATE timer SET due_at = now() - interval '1 year'"))
        session.commit()
        fire_due(open_session, engine, most=3)
    else:
        outbox.send_next(session, deliver)
    session.commit()


def deliver(_session: Session, posted: Posted) -> Delivered:
    """Sends nothing."""
    return Delivered(posted.recipient, posted.template)


def main(url: str, ready: Any) -> None:
    """Work until killed."""
    database, engine = make_engine(url), Engine(handlers())
    ready.send(True)
    while True:
        with Session(database) as session:
            try:
                once(session, engine, lambda: Session(database))
            except Conflict:
                session.rollback()
