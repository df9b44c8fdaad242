"""Questions that a page asks once: while a page is shown nothing changes, so the same question has the same answer.

Bulk work asks once, too: what rules all its parts it asks `steady`, and what each part will ask it can `foresee` in one
query for all.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from sqlalchemy.orm import Session

P = ParamSpec("P")
R = TypeVar("R")
_KNOWN = "answers of this page"
_STEADY, _FORESEEN = "answers of this bulk work", "answers that this bulk work has read before"
_LATER, _SCRATCH = "rows that this bulk work writes at its end", "what this bulk work keeps until then"


def show_only(session: Session) -> None:
    """From now on nothing is written in the session that an `once` question reads; each is put once.

    Without it every question is put anew: an action must see what it has just changed.
    """
    session.info.setdefault(_KNOWN, {})


def is_shown_only(session: Session) -> bool:
    """Whether a page is being shown that changes nothing."""
    return _KNOWN in session.info


@contextmanager
def steady(session: Session, *questions: Callable[..., Any]) -> Iterator[None]:
    """Put these `once` questions once within the block: whoever opens it vouches that it writes nothing they read."""
    before, later, kept = session.info.get(_STEADY), session.info.get(_LATER), session.info.get(_SCRATCH)
    session.info[_STEADY] = {question.__wrapped__: {} for question in questions}  # type: ignore[attr-defined]
    session.info[_FORESEEN], session.info[_LATER], session.info[_SCRATCH] = {}, {}, {}
    try:
        yield
        for write, rows in session.info[_LATER].items():
            write(session, rows)
    finally:
        session.info[_STEADY], session.info[_FORESEEN] = before, {}
        session.info[_LATER], session.info[_SCRATCH] = later, kept


def scratch(session: Session) -> dict[Any, Any]:
    """What the open `steady` block may keep until its end."""
    found: dict[Any, Any] = session.info[_SCRATCH]
    return found


def at_the_end(
    session: Session, write: Callable[[Session, list[dict[str, Any]]], None], rows: list[dict[str, Any]]
) -> None:
    """Within a `steady` block: write these rows when it ends, with all others of its parts; else now.

    For rows that nothing in the block reads.
    """
    later = session.info.get(_LATER)
    if later is None:
        write(session, rows)
    else:
        later.setdefault(write, []).extend(rows)


def is_bulk(session: Session) -> bool:
    """Whether a `steady` block is open."""
    return session.info.get(_STEADY) is not None


def foresee(
    session: Session, question: Callable[Concatenate[Session, P], R], answers: Mapping[tuple[Any, ...], R]
) -> None:
    """Within a `steady` block: the next time that `question` is put with these arguments, it has this answer.

    An answer is handed out once: who asks again may have changed what it was about.
    """
    if not is_bulk(session):
        return
    asked = question.__wrapped__  # type: ignore[attr-defined]
    session.info[_FORESEEN].update({(asked, *key): answer for key, answer in answers.items()})


def once(question: Callable[Concatenate[Session, P], R]) -> Callable[Concatenate[Session, P], R]:
    """Keep the answer for the page that is being shown; a list or dict is handed out as a copy of its own."""

    @wraps(question)
    def kept(session: Session, *args: P.args, **kwargs: P.kwargs) -> R:
        known: dict[Any, Any] | None = session.info.get(_KNOWN)
        bulk: dict[Any, dict[Any, Any]] | None = session.info.get(_STEADY)
        if known is None and bulk is None:
            return question(session, *args, **kwargs)
        key = (question, *map(_hashable, args), *((name, _hashable(kwargs[name])) for name in sorted(kwargs)))
        if known is None:
            if key in session.info[_FORESEEN]:
                return cast("R", session.info[_FORESEEN].pop(key))
            known = bulk.get(question) if bulk is not None else None
        if known is None:
            return question(session, *args, **kwargs)
        if key not in known:
            known[key] = question(session, *args, **kwargs)
        answer = known[key]
        return answer.copy() if isinstance(answer, list | dict) else answer  # type: ignore[return-value]

    return cast("Callable[Concatenate[Session, P], R]", kept)


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list | tuple | set | frozenset | dict) else value
