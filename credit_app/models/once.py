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
    before = session.info.get(_STEADY)
    session.info[_STEADY] = {question.__wrapped__: {} for question in questions}  # type: ignore[attr-defined]
    session.info[_FORESEEN] = {}
    try:
        yield
    finally:
        session.info[_STEADY], session.info[_FORESEEN] = before, {}


def foresee(
    session: Session, question: Callable[Concatenate[Session, P], R], answers: Mapping[tuple[Any, ...], R]
) -> None:
    """Within a `steady` block: the next time that `question` is put with these arguments, it has this answer.

    An answer is handed out once: who asks again may have changed what it was about.
    """
    if session.info.get(_STEADY) is None:
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
