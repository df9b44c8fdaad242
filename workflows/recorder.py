"""Collects what an action changes in the caller's tables, before and after, for the event's history."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event, inspect
from sqlalchemy.orm import Session

from workflows.tables import Base

_KEY = "workflows.recorder"
_WHOLE = "workflows.undone as a whole"


@contextmanager
def undone_as_a_whole(session: Session) -> Iterator[None]:
    """Whoever opens the block undoes all of it when it raises: within it code behind nodes needs no savepoint of its
    own, and what such code raises is raised."""
    before = session.info.get(_WHOLE, False)
    session.info[_WHOLE] = True
    try:
        yield
    finally:
        session.info[_WHOLE] = before


def note_insert(session: Session, row: Any) -> None:
    """Put a row into the history of the action under way that is written later, by a statement for many."""
    recorder = session.info.get(_KEY)
    if recorder is not None:
        recorder.note_insert(row)


def is_undone_as_a_whole(session: Session) -> bool:
    """Whether an exception undoes more than the code that raises it."""
    return bool(session.info.get(_WHOLE, False))


class Recorder:
    """The changes flushed since the last `take()`; installed on a session for the length of one action."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._changes: list[dict[str, Any]] = []
        self._outer: Recorder | None = None

    def __enter__(self) -> Recorder:
        self._outer = self._session.info.get(_KEY)
        if self._outer is not None:
            self._session.flush()  # an action within an action: what came before belongs to the outer one
        self._session.info[_KEY] = self
        return self

    def __exit__(self, *exc: object) -> None:
        self._session.info[_KEY] = self._outer

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo what the block changed, here and in the database, when it raises."""
        with self._session.begin_nested():  # flushes what came before
            known = len(self._changes)
            try:
                yield
            except BaseException:
                del self._changes[known:]
                raise

    def flushed(self) -> int:
        """Flush, then how many changes are collected."""
        self._session.flush()
        return len(self._changes)

    def take(self) -> list[dict[str, Any]]:
        """Flush, then hand over and forget what was collected."""
        self._session.flush()
        changes, self._changes = self._changes, []
        return changes

    def collect(self, session: Session) -> None:
        """Note the pending state of a flush."""
        for row in session.new:
            self._note(row, "insert")
        for row in session.dirty:
            self._note(row, "update")
        for row in session.deleted:
            self._note(row, "delete")

    def note_insert(self, row: Any) -> None:
        """Note a row that no flush will show; what is pending is flushed, and noted, after it."""
        self._note(row, "insert")

    def _note(self, row: Any, operation: str) -> None:
        state = inspect(row)
        if isinstance(row, Base):
            return  # the platform's own tables
        hidden: frozenset[str] = getattr(type(row), "__history_exclude__", frozenset())
        before: dict[str, Any] = {}
        after: dict[str, Any] = {}
        for attribute in state.mapper.column_attrs:
            name = attribute.key
            if name in hidden or name not in state.dict:
                continue
            history = state.attrs[name].history
            if operation == "update":
                if not history.has_changes():
                    continue
                before[name] = history.deleted[0] if history.deleted else None
            value = state.dict[name]
            if operation == "delete":
                before[name] = value
            elif value is not None:
                after[name] = value
            elif operation == "update":
                after[name] = None
        if operation == "update" and not after:
            return
        identity = state.identity[0] if state.identity else state.dict.get("id")
        change = {"table": state.mapper.local_table.name, "id": identity, "op": operation}
        if before:
            change["before"] = before
        if after:
            change["after"] = after
        self._changes.append(change)


@event.listens_for(Session, "after_flush")
def _after_flush(session: Session, _context: Any) -> None:
    recorder = session.info.get(_KEY)
    if recorder is not None:
        recorder.collect(session)
