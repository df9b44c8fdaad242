"""Questions that a page asks once: while a page is shown nothing changes, so the same question has the same answer."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from sqlalchemy.orm import Session

P = ParamSpec("P")
R = TypeVar("R")
_KNOWN = "answers of this page"


def show_only(session: Session) -> None:
    """From now on nothing is written in the session that an `once` question reads; each is put once.

    Without it every question is put anew: an action must see what it has just changed.
    """
    session.info.setdefault(_KNOWN, {})


def is_shown_only(session: Session) -> bool:
    """Whether a page is being shown that changes nothing."""
    return _KNOWN in session.info


def once(question: Callable[Concatenate[Session, P], R]) -> Callable[Concatenate[Session, P], R]:
    """Keep the answer for the page that is being shown; a list or dict is handed out as a copy of its own."""

    @wraps(question)
    def kept(session: Session, *args: P.args, **kwargs: P.kwargs) -> R:
        known: dict[Any, Any] | None = session.info.get(_KNOWN)
        if known is None:
            return question(session, *args, **kwargs)
        key = (question, *map(_hashable, args), *((name, _hashable(kwargs[name])) for name in sorted(kwargs)))
        if key not in known:
            known[key] = question(session, *args, **kwargs)
        answer = known[key]
        return answer.copy() if isinstance(answer, list | dict) else answer  # type: ignore[return-value]

    return cast("Callable[Concatenate[Session, P], R]", kept)


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list | tuple | set | frozenset | dict) else value
