"""Where the state that most tests of the screens start from is kept, so that it is made once and copied after that."""

from collections.abc import Hashable
from dataclasses import dataclass, field

from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from credit_app.db import db
from tests.database import Server


@dataclass
class Shelf:
    """Copies of one database, by what they hold; of a test process."""

    server: Server
    database: str
    app: Flask
    kept: dict[Hashable, str] = field(default_factory=dict)

    def keep(self, what: Hashable, session: Session) -> None:
        """Keep the database as it is now."""
        self._leave(session)
        copy = f"{self.database}_kept_{len(self.kept)}"
        self.server.clone(copy, self.database)
        self.kept[what] = copy

    def take(self, what: Hashable, session: Session) -> None:
        """Put what was kept in the place of the database; objects of the session are read anew."""
        self._leave(session)
        self.server.clone(self.database, self.kept[what])

    def _leave(self, session: Session) -> None:
        session.rollback()
        session.expire_all()
        session.get_bind().dispose()  # type: ignore[union-attr]
        with self.app.app_context():
            db.engine.dispose()


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
