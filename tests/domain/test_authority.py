"""The way up the approval levels."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_app.domain.authority import (
    LEVELS,
    LevelsReversed,
    UnknownLevel,
    is_exhausted,
    levels_between,
    next_level,
    stand_ins_from_policy,
)
from credit_app.domain.errors import InvalidPolicy
from tests.domain.policies import VALUES, changed

ANALYST, MANAGER, DIRECTOR, CFO, COMMITTEE = LEVELS
STAND_INS = stand_ins_from_policy(changed(authority__stand_ins={"committee": "cfo"}))
NOBODY: frozenset[str] = frozenset()


def after(*levels: str) -> frozenset[str]:
    return frozenset(levels)


def test_the_first_level_is_asked_first() -> None:
    assert next_level(ANALYST, MANAGER, NOBODY, NOBODY) == ANALYST
    assert next_level(MANAGER, CFO, NOBODY, NOBODY) == MANAGER


def test_the_levels_are_asked_from_the_lowest_to_the_final_one() -> None:
    assert next_level(MANAGER, CFO, after(MANAGER), after(MANAGER)) == DIRECTOR
    assert next_level(MANAGER, CFO, after(MANAGER, DIRECTOR), after(MANAGER, DIRECTOR)) == CFO
    assert next_level(MANAGER, CFO, after(MANAGER, DIRECTOR, CFO), after(MANAGER, DIRECTOR, CFO)) is None


def test_a_raised_amount_adds_levels_above_those_that_approved() -> None:
    assert next_level(ANALYST, MANAGER, after(ANALYST, MANAGER), after(ANALYST, MANAGER)) is None
    assert next_level(MANAGER, DIRECTOR, after(ANALYST, MANAGER), after(ANALYST, MANAGER)) == DIRECTOR


def test_a_lowered_amount_needs_no_level_above_one_that_approved() -> None:
    assert next_level(ANALYST, ANALYST, after(ANALYST, MANAGER), after(ANALYST, MANAGER)) is None


def test_a_skipped_level_is_no_approval() -> None:
    assert next_level(ANALYST, MANAGER, after(ANALYST), NOBODY) == MANAGER
    assert next_level(ANALYST, MANAGER, after(ANALYST, MANAGER), after(ANALYST)) == MANAGER


def test_the_last_level_is_asked_again_when_it_was_skipped_and_the_caller_can_tell() -> None:
    assert next_level(ANALYST, ANALYST, after(ANALYST), NOBODY) == ANALYST
    assert is_exhausted(ANALYST, ANALYST, after(ANALYST))
    assert not is_exhausted(ANALYST, MANAGER, after(ANALYST))


def test_by_default_a_company_has_all_levels() -> None:
    assert stand_ins_from_policy(VALUES) == {}


def test_the_cfo_decides_for_a_committee_that_the_company_does_not_have() -> None:
    assert levels_between(MANAGER, COMMITTEE, STAND_INS) == (MANAGER, DIRECTOR, CFO)
    assert next_level(COMMITTEE, COMMITTEE, NOBODY, NOBODY, STAND_INS) == CFO


def test_a_stand_in_that_decided_at_its_own_turn_is_not_asked_twice() -> None:
    asked = after(MANAGER, DIRECTOR, CFO)
    assert next_level(MANAGER, COMMITTEE, asked, asked, STAND_INS) is None


def test_with_a_committee_it_is_asked_after_the_cfo() -> None:
    asked = after(MANAGER, DIRECTOR, CFO)
    assert next_level(MANAGER, COMMITTEE, asked, asked) == COMMITTEE


def test_words_that_are_no_level_and_reversed_levels_are_refused() -> None:
    with pytest.raises(UnknownLevel, match="sales_rep"):
        next_level("sales_rep", CFO, NOBODY, NOBODY)
    with pytest.raises(UnknownLevel, match="none"):
        next_level(ANALYST, CFO, after("none"), NOBODY)
    with pytest.raises(LevelsReversed):
        next_level(CFO, ANALYST, NOBODY, NOBODY)


@pytest.mark.parametrize(
    "stand_ins", [{"committee": "committee"}, {"board": "cfo"}, {"committee": "cfo", "cfo": "committee"}]
)
def test_a_stand_in_is_another_level_that_exists(stand_ins: dict[str, str]) -> None:
    with pytest.raises(InvalidPolicy, match=r"authority\.stand_ins"):
        stand_ins_from_policy(changed(authority__stand_ins=stand_ins))


levels = st.sampled_from(LEVELS)
ranges = st.tuples(levels, levels).map(lambda pair: tuple(sorted(pair, key=LEVELS.index)))
sets = st.frozensets(levels)
substitutes = st.sampled_from([{}, {COMMITTEE: CFO}])


def rank(level: str, stand_ins: dict[str, str]) -> int:
    return LEVELS.index(stand_ins.get(level, level))


@given(ranges, sets, sets, substitutes)
def test_it_is_never_done_without_an_approval_at_or_above_the_final_level(
    between: tuple[str, str], asked: frozenset[str], approved: frozenset[str], stand_ins: dict[str, str]
) -> None:
    first, final = between
    level = next_level(first, final, asked | approved, approved, stand_ins)
    sufficient = any(rank(yes, stand_ins) >= rank(final, stand_ins) for yes in approved)
    assert (level is None) == sufficient
    if level is not None:
        assert level in levels_between(first, final, stand_ins)


@given(ranges, substitutes, st.data())
def test_with_everybody_approving_each_level_is_asked_once_and_in_order(
    between: tuple[str, str], stand_ins: dict[str, str], data: st.DataObject
) -> None:
    first, final = between
    asked: list[str] = []
    approved: set[str] = set()
    while (level := next_level(first, final, set(asked), approved, stand_ins)) is not None:
        if level in asked:
            assert is_exhausted(first, final, set(asked), stand_ins)
            break
        assert not is_exhausted(first, final, set(asked), stand_ins)
        asked.append(level)
        if data.draw(st.booleans()):
            approved.add(level)
    assert tuple(asked) == levels_between(first, final, stand_ins)
