"""Which level signs a contract next, and how many of its clauses depart from policy."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from credit_app.domain.authority import NONE, LevelsReversed, UnknownLevel

LEVELS = ("sales_manager", "finance_director", "cfo")
DEPARTING = ("deviating", "missing")


def levels_between(first: str, final: str) -> tuple[str, ...]:
    """The levels from `first` to `final`, lowest first. Raises UnknownLevel, LevelsReversed."""
    for level in (first, final):
        if level not in LEVELS:
            raise UnknownLevel(level=level)
    low, high = LEVELS.index(first), LEVELS.index(final)
    if low > high:
        raise LevelsReversed(first=first, final=final)
    return LEVELS[low : high + 1]


def next_to_sign(first: str, final: str, signed: AbstractSet[str], somebody: AbstractSet[str]) -> str:
    """The lowest level above those that signed in which somebody may sign; NONE when the last one has signed.

    A level without anybody is passed over to the next higher one, also above the last that was asked for; with nobody
    anywhere the last level is asked all the same, so that it is seen waiting.
    """
    path = levels_between(first, final)
    highest = max((LEVELS.index(level) for level in signed), default=-1)
    if highest >= LEVELS.index(path[-1]):
        return NONE
    rest = [level for level in LEVELS[LEVELS.index(first) :] if LEVELS.index(level) > highest]
    return next((level for level in rest if level in somebody), path[-1])


def departures(states: Iterable[str]) -> int:
    """How many clauses of a checklist depart from policy."""
    return sum(1 for state in states if state in DEPARTING)
