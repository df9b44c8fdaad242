"""What the platform's own tests need: small diagrams on a database, with code behind the nodes given by the test."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import BigInteger, Identity, Text, event, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from tests.processes.small import Node, Part, bpmn, end, start
from workflows import Action, Actor, Assignment, Engine, Rest, clock, deploy_directory, history, incidents
from workflows.engine import TimerFailed

ANNA, BERT, CARL = Actor(1), Actor(2), Actor(3)
TABLES = ("instance", "open_task", "timer", "subscription", "history", "outbox", "incident", "note")


class OwnBase(DeclarativeBase):
    """Stands for the application's models."""


class Note(OwnBase):
    """A row that steps and service tasks change."""

    __tablename__ = "note"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    words: Mapped[str] = mapped_column(Text)


Code = Callable[[Action], Mapping[str, Any] | None]


@dataclass
class TestHandlers:
    """The code behind the nodes: nothing, unless the test says otherwise."""

    __test__ = False

    services: dict[str, Code] = field(default_factory=dict)
    asked: dict[str, Code] = field(default_factory=dict)
    given: dict[str, Callable[[Action, dict[str, Any]], Mapping[str, Any]]] = field(default_factory=dict)
    undone: dict[str, Callable[[Action], None]] = field(default_factory=dict)
    assigned: Callable[[Action, str], Assignment] = lambda action, lane: Assignment(lane)
    checked: Callable[[Action], None] = lambda action: None
    substitutes: dict[int, list[int]] = field(default_factory=dict)

    def service(self, process: str, node: str) -> Code:
        return self.services.get(node, lambda action: None)

    def inputs(self, process: str, node: str) -> Any:
        return self.asked.get(node, lambda action: dict(action.data))

    def outputs(self, process: str, node: str) -> Any:
        return self.given.get(node)

    def assign(self, action: Action, lane: str) -> Assignment:
        return self.assigned(action, lane)

    def check_person(self, action: Action) -> None:
        self.checked(action)

    def principals(self, action: Action, person_id: int) -> list[int]:
        return self.substitutes.get(person_id, [])

    def take_back(self, process: str, node: str) -> Any:
        return self.undone.get(node)

    def undo(self, process: str, node: str) -> Any:
        return self.undone.get(node)

    def today(self, session: Session, now: datetime) -> date:
        return now.date()


@dataclass
class Platform:
    """An engine on a database. Every call is one action and one commit."""

    session: Session
    owner: Session
    folder: Path
    code: TestHandlers = field(default_factory=TestHandlers)

    def __post_init__(self) -> None:
        self.engine = Engine(self.code)

    def deploy(self, *files: bytes, **named: bytes) -> list[tuple[str, int]]:
        for number, content in enumerate(files):
            (self.folder / f"file{number}.bpmn").write_bytes(content)
        for name, content in named.items():
            (self.folder / name.replace("_dmn", ".dmn")).write_bytes(content)
        found = deploy_directory(self.owner, self.folder)
        self.owner.commit()
        return found

    def draw(self, *parts: Part, **options: Any) -> None:
        """Deploy one process named `small` that begins at `begin` and is done at `done` unless the parts say."""
        given = [part for part in parts if isinstance(part, Node)]
        ends = [node for node in (start(), end()) if node.id not in {part.id for part in given}]
        self.deploy(bpmn("small", *ends, *parts, **options))

    def start(self, process: str = "small", **data: Any) -> Rest:
        rest = self.engine.start(self.session, process, 7, data, ANNA, "test")
        self.session.commit()
        return rest

    def complete(self, task_id: int, actor: Actor = ANNA, key: str | None = None, **answer: Any) -> Rest:
        rest = self.engine.complete(self.session, task_id, actor, "test", lambda action: answer, key)
        self.session.commit()
        return rest

    def send(self, rest: Rest, name: str, **data: Any) -> Rest:
        done = self.engine.send(self.session, rest.instance_id, name, ANNA, "test", data)
        self.session.commit()
        return done

    def fire(self) -> Rest | None:
        """What a worker does once."""
        try:
            rest = self.engine.fire_timer(self.session)
            self.session.commit()
        except TimerFailed as failed:
            self.session.rollback()
            incidents.timer_failed(self.session, failed.timer_id, failed.error)
            self.session.commit()
            return None
        return rest

    def rows(self, table: str) -> list[Any]:
        found = self.session.execute(text(f"SELECT * FROM {table} ORDER BY id")).mappings().all()  # noqa: S608
        self.session.commit()
        return [dict(row) for row in found]

    def everything(self) -> dict[str, list[Any]]:
        return {table: self.rows(table) for table in TABLES}

    def kinds(self, instance_id: int) -> list[str]:
        return [event["kind"] for event in history.timeline(self.session, instance_id)]

    def sound(self) -> bool:
        """Whether every chain of the history holds."""
        found = history.verify(self.session)[1]
        self.session.commit()
        return found is None

    def add_note(self, words: str) -> Code:
        """Code that adds a row."""

        def run(action: Action) -> None:
            action.session.add(Note(words=words))

        return run


@dataclass
class Counted:
    """The statements and commits of a block."""

    statements: list[str] = field(default_factory=list)
    commits: int = 0


def counted(session: Session, found: Counted) -> Callable[[], None]:
    """Count what goes to the server from now on, savepoints included; returns what ends it."""
    bind, execute = session.get_bind(), psycopg.Cursor.execute

    def statement(cursor: Any, query: Any, *given: Any, **options: Any) -> Any:
        found.statements.append(str(query))
        return execute(cursor, query, *given, **options)

    def commit(_conn: Any) -> None:
        found.commits += 1

    event.listen(bind, "commit", commit)
    psycopg.Cursor.execute = statement  # type: ignore[method-assign]

    def stop() -> None:
        event.remove(bind, "commit", commit)
        psycopg.Cursor.execute = execute  # type: ignore[method-assign]

    return stop


@pytest.fixture
def platform(session: Session, owner_session: Session, tmp_path: Path, clock: datetime) -> Iterator[Platform]:
    """An empty platform with a table of the application's own."""
    OwnBase.metadata.create_all(owner_session.connection())
    owner_session.execute(text("GRANT SELECT, INSERT, UPDATE, DELETE ON note TO PUBLIC"))
    owner_session.commit()
    yield Platform(session, owner_session, tmp_path)
    session.rollback()


def at(when: str) -> Any:
    return clock.at(datetime.fromisoformat(when))
