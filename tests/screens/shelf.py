"""Where the state that many tests of the screens start from is kept, so that it is made once and copied after that."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date
from decimal import Decimal
from functools import wraps
from typing import Any, TypeVar

from flask import Flask
from sqlalchemy import event, inspect
from sqlalchemy.orm import Session

from credit_app.db import db
from credit_app.models.base import Model
from tests.database import Server
from workflows import clock

T = TypeVar("T")
MOST_KEPT = 8  # copies of a test process: tests of a file start from the same few, and follow each other


@dataclass
class Shelf:
    """Copies of one database, by what they hold; of a test process."""

    server: Server
    database: str
    app: Flask
    kept: dict[Hashable, "Kept"] = field(default_factory=dict)

    def keep(self, what: Hashable, session: Session, found: Any, seen: Mapping[str, Any]) -> None:
        """Keep the database as it is now, and what its maker gave back; the oldest copy makes room."""
        told = _named(found)
        self._leave(session)
        number = len(self.kept)
        if number == MOST_KEPT:
            number = self.kept.pop(next(iter(self.kept))).number
        self.server.clone(self._name(number), self.database)
        self.kept[what] = Kept(number, told, seen)

    def take(self, what: Hashable, session: Session) -> "Kept":
        """Put what was kept in the place of the database; objects of the session are read anew."""
        self._leave(session)
        found = self.kept[what] = self.kept.pop(what)  # now it is the newest
        self.server.clone(self.database, self._name(found.number))
        return found

    def _name(self, number: int) -> str:
        return f"{self.database}_kept_{number}"

    def _leave(self, session: Session) -> None:
        session.rollback()
        session.expire_all()
        session.get_bind().dispose()  # type: ignore[union-attr]
        with self.app.app_context():
            db.engine.dispose()


@dataclass(frozen=True)
class Kept:
    """A copied database, what its maker gave back with rows named by their key, and what the desk had seen."""

    number: int
    told: Any
    seen: Mapping[str, Any]


@dataclass(frozen=True)
class _Row:
    kind: type[Model]
    key: Any


def _named(found: Any) -> Any:
    """The same with every row as its kind and key."""
    if isinstance(found, Model):
        return _Row(type(found), inspect(found).identity)
    if isinstance(found, tuple | list):
        return type(found)(map(_named, found))
    if isinstance(found, dict):
        return {key: _named(value) for key, value in found.items()}
    if is_dataclass(found) and not isinstance(found, type):
        return replace(found, **{one.name: _named(getattr(found, one.name)) for one in fields(found)})
    assert found is None or isinstance(found, str | int | date | Decimal), (
        f"{found!r} cannot be kept on the shelf"
    )
    return found


def _read(told: Any, session: Session) -> Any:
    if isinstance(told, _Row):
        return session.get_one(told.kind, told.key)
    if isinstance(told, tuple | list):
        return type(told)(_read(one, session) for one in told)
    if isinstance(told, dict):
        return {key: _read(value, session) for key, value in told.items()}
    if is_dataclass(told) and not isinstance(told, type):
        return replace(told, **{one.name: _read(getattr(told, one.name), session) for one in fields(told)})
    return told


def kept(make: Callable[..., T]) -> Callable[..., T]:
    """A way to a state that tests start from, `make(desk, ...)`: walked once, and copied where nothing happened yet.

    In a company where somebody was at work already it is walked as it stands. What it gives back has to be rows, texts
    and whole numbers, or tuples, lists, mappings and records of them.
    """

    @wraps(make)
    def made(desk: Any, *given: Hashable, **named: Hashable) -> T:
        if desk.shelf is None or desk.browsers or not desk.untouched:
            return make(desk, *given, **named)
        what = (
            make.__module__,
            make.__qualname__,
            clock.now(),
            _named(given),
            tuple(sorted(_named(named).items())),
        )
        if what in desk.shelf.kept:
            found = desk.shelf.take(what, desk.session)
            desk.read_mails, desk.read_events = found.seen["mails"], dict(found.seen["events"])
            result: T = _read(found.told, desk.session)
        else:
            result = make(desk, *given, **named)
            seen = {"mails": desk.read_mails, "events": dict(desk.read_events)}
            desk.shelf.keep(what, desk.session, result, seen)
        desk.untouched.still = False
        return result

    return made


class Untouched:
    """True while a session has written nothing and is not about to."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.still = True
        event.listen(session, "after_flush", self._written)
        event.listen(session, "do_orm_execute", self._executed)

    def __bool__(self) -> bool:
        waiting = (*self.session.new, *self.session.dirty, *self.session.deleted)
        return self.still and not waiting

    def _written(self, *_: object) -> None:
        self.still = False

    def _executed(self, state: object) -> None:
        if not getattr(state, "is_select", False):
            self.still = False
