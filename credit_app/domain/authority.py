"""Which level decides next, on the way from the first to the final level of the authority matrix."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from credit_app.domain.errors import DomainError, InvalidPolicy
from credit_app.domain.policy_values import Values, table_of, to_text
from credit_app.domain.sentences import N_

LEVELS = ("credit_analyst", "credit_manager", "finance_director", "cfo", "committee")
COMMITTEE = "committee"
PERSON_LEVELS = LEVELS[: LEVELS.index(COMMITTEE)]  # one person decides there; the committee votes
NONE = "none"  # the word of the process data for "no further level"


class UnknownLevel(DomainError):
    """A word that is no approval level."""

    code = "authority.unknown_level"
    template = N_("“%(level)s” is not an approval level.")


class LevelsReversed(DomainError):
    """The authority matrix names a first level above the final one."""

    code = "authority.levels_reversed"
    template = N_("The first approval level %(first)s lies above the final one, %(final)s.")


def stand_ins_from_policy(values: Values) -> dict[str, str]:
    """Levels that do not exist yet and the lower level deciding for each; raises InvalidPolicy."""
    stand_ins = table_of(values, "authority.stand_ins", to_text)
    for level, by in stand_ins.items():
        if level not in LEVELS or by not in LEVELS or by in stand_ins or by == level:
            raise InvalidPolicy(
                key="authority.stand_ins", problem="no stand-in: %(level)s by %(by)s", level=level, by=by
            )
    return stand_ins


def levels_between(first: str, final: str, stand_ins: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The levels from `first` to `final`, lowest first, stand-ins in place of theirs."""
    low, high = _rank(first, {}), _rank(final, {})
    if low > high:
        raise LevelsReversed(first=first, final=final)
    resolved = {_resolve(level, stand_ins or {}) for level in LEVELS[low : high + 1]}
    return tuple(level for level in LEVELS if level in resolved)


def next_level(
    first: str,
    final: str,
    asked: AbstractSet[str],
    approved: AbstractSet[str],
    stand_ins: Mapping[str, str] | None = None,
) -> str | None:
    """The level to ask now, or None when a level at or above the final one has approved.

    `asked` holds every level that had its turn this round: approved, skipped for want of an eligible person,
    or escalated; `approved` those that said yes. The lowest level above all asked ones comes next. A skipped
    level never counts as approval: with no level left and no sufficient approval the last level is asked
    again, and the caller raises the alarm. A stand-in that decided at its own turn is not asked twice.
    """
    substitutes = stand_ins or {}
    path = levels_between(first, final, substitutes)
    if any(_rank(level, substitutes) >= _rank(path[-1], {}) for level in approved):
        return None
    highest = max((_rank(level, substitutes) for level in {*asked, *approved}), default=-1)
    return next((level for level in path if _rank(level, {}) > highest), path[-1])


def is_exhausted(
    first: str, final: str, asked: AbstractSet[str], stand_ins: Mapping[str, str] | None = None
) -> bool:
    """Whether the last level had its turn: `next_level` can only ask it again, somebody has to step in."""
    last = levels_between(first, final, stand_ins)[-1]
    return any(_rank(level, stand_ins or {}) >= _rank(last, {}) for level in asked)


def _resolve(level: str, stand_ins: Mapping[str, Any]) -> str:
    return str(stand_ins.get(level, level))


def _rank(level: str, stand_ins: Mapping[str, str]) -> int:
    try:
        return LEVELS.index(_resolve(level, stand_ins))
    except ValueError:
        raise UnknownLevel(level=level) from None
