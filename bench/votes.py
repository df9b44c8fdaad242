"""One vote in a committee of ten and of a hundred: restored, cast, saved and committed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from statistics import median
from time import perf_counter
from typing import Any

from sqlalchemy.orm import Session

from bench.case import Handlers
from bench.commits import ANNA
from credit_app import resources
from credit_app.db import make_engine
from workflows import Action, Engine, deploy_directory

COMMITTEE = "credit_committee"


class Meeting(Handlers):
    """A meeting of so many members that nothing settles before its last vote."""

    def __init__(self, members: int) -> None:
        self.members = members

    def service(self, process: str, node: str) -> Callable[[Action], Mapping[str, Any]]:
        """Convene and count."""
        convened = {
            "committee_outcome": "open",
            "outcome": "open",
            "member_ids": list(range(1, self.members + 1)),
            "vote_due_at": "2099-01-01T00:00:00+00:00",
            "vote_closed": False,
        }
        return lambda action: convened if node == "convene" else {"committee_outcome": "approved"}


def voting(url: str, meetings: int) -> dict[str, float]:
    """Median milliseconds of one vote, by the number of members."""
    database = make_engine(url)
    found: dict[str, list[float]] = {"10": [], "100": []}
    with Session(database) as session:
        deploy_directory(session, resources.bpmn())
        session.commit()
        for turn in range(meetings + 1):
            for members in (10, 100):
                engine = Engine(Meeting(members))
                rest = engine.start(session, COMMITTEE, 1, {"application_id": 1}, ANNA, "bench")
                session.commit()
                times = [_vote(session, engine, task.id) for task in rest.opened]
                if turn:  # the first meeting parses the definition and prepares the statements
                    found[str(members)] += times
    database.dispose()
    return {name: median(times) * 1e3 for name, times in found.items()}


def _vote(session: Session, engine: Engine, task: int) -> float:
    begin = perf_counter()
    engine.complete(session, task, ANNA, "bench", lambda action: {"vote_closed": False})
    session.commit()
    return perf_counter() - begin
