"""An analyst's grade instead of the model's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_app.domain.errors import DomainError, InvalidPolicy
from credit_app.domain.rating_override import (
    NoCreditFixed,
    NoSuchGrade,
    OverrideAboveVeto,
    OverridePolicy,
    OverrideTooFar,
    OverrideWithoutReason,
    allowed_grades,
    check_override,
)
from tests.domain.policies import GRADES, VALUES, changed

POLICY = OverridePolicy.from_policy(VALUES)
REASON = "The order book for next year is full."
LADDER = GRADES.grades[:-1]


def test_one_step_up_or_down_with_a_reason_is_allowed_and_the_computed_grade_needs_none() -> None:
    assert check_override("BBB", "A", REASON, None, POLICY) == "A"
    assert check_override("BBB", "BB", REASON, None, POLICY) == "BB"
    assert check_override("BBB", "BBB", "", None, POLICY) == "BBB"
    assert allowed_grades("BBB", None, POLICY) == ("A", "BBB", "BB")


def test_more_than_the_steps_of_policy_is_refused_and_names_what_is_possible() -> None:
    with pytest.raises(OverrideTooFar) as refused:
        check_override("BBB", "AA", REASON, None, POLICY)
    assert str(refused.value) == (
        "From BBB to AA are 2 steps; the policy allows 1. Choose one of A, BBB, BB."
    )
    wide = OverridePolicy.from_policy(changed(rating__override_steps=2))
    assert check_override("BBB", "AA", REASON, None, wide) == "AA"


@pytest.mark.parametrize("reason", [None, "", "   ", "too short", " " * 30 + "short"])
def test_an_override_without_a_reason_of_some_length_is_refused(reason: str | None) -> None:
    with pytest.raises(OverrideWithoutReason, match="at least 20 characters"):
        check_override("BBB", "A", reason, None, POLICY)


def test_a_grade_is_never_raised_above_a_veto_but_may_be_lowered_below_it() -> None:
    with pytest.raises(OverrideAboveVeto, match="capped at CCC and cannot be raised to B"):
        check_override("CCC", "B", REASON, "CCC", POLICY)
    assert check_override("CCC", "CC", REASON, "CCC", POLICY) == "CC"
    assert allowed_grades("CCC", "CCC", POLICY) == ("CCC", "CC")
    assert check_override("CC", "CCC", REASON, "CCC", POLICY) == "CCC"


def test_grade_d_is_neither_set_nor_lifted_by_judgement() -> None:
    for computed, grade in (("D", "C"), ("C", "D")):
        with pytest.raises(NoCreditFixed):
            check_override(computed, grade, REASON, None, POLICY)
    assert allowed_grades("D", "D", POLICY) == ("D",)


def test_what_is_no_grade_is_refused() -> None:
    with pytest.raises(NoSuchGrade, match="“E” is no grade"):
        check_override("BBB", "E", REASON, None, POLICY)


def test_steps_below_zero_are_no_policy() -> None:
    with pytest.raises(InvalidPolicy, match="override_steps"):
        OverridePolicy.from_policy(changed(rating__override_steps=-1))


@given(st.sampled_from(LADDER), st.sampled_from(LADDER), st.sampled_from([None, *LADDER]))
def test_the_grades_offered_are_exactly_those_accepted(computed: str, grade: str, cap: str | None) -> None:
    if cap is not None and LADDER.index(computed) < LADDER.index(cap):
        computed = cap  # the computed grade is capped itself
    try:
        check_override(computed, grade, REASON, cap, POLICY)
        accepted = True
    except DomainError:
        accepted = False
    assert (grade in allowed_grades(computed, cap, POLICY)) == accepted
