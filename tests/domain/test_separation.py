"""Who may decide and who may not."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_app.domain.separation import (
    DecisionFacts,
    Person,
    Substitution,
    eligible_persons,
    excluded_persons,
    may_decide,
    stands_in_for,
)

NORTH, SOUTH = 1, 2
REP, ANALYST, MANAGER, DIRECTOR, OTHER = 10, 20, 30, 40, 50
FACTS = DecisionFacts(
    level="credit_manager",
    branch_id=NORTH,
    requesters=frozenset({REP}),
    raters=frozenset({ANALYST}),
    deciders=frozenset({DIRECTOR}),
)


def holding(person_id: int, *roles: str, branch: int | None = NORTH, active: bool = True) -> Person:
    return Person(person_id, frozenset((role, branch) for role in roles), active)


def codes(person: Person, acting_for: Person | None = None, facts: DecisionFacts = FACTS) -> list[str]:
    return [sentence.code.removeprefix("separation.") for sentence in may_decide(person, facts, acting_for)]


def test_a_manager_of_the_branch_or_of_all_branches_may_decide() -> None:
    assert codes(holding(MANAGER, "credit_manager")) == []
    assert codes(holding(MANAGER, "credit_manager", branch=None)) == []


def test_nobody_decides_on_what_they_asked_for() -> None:
    assert codes(holding(REP, "credit_manager")) == ["requester"]


def test_nobody_decides_on_a_customer_they_rated() -> None:
    assert codes(holding(ANALYST, "credit_manager")) == ["rater"]


def test_nobody_decides_at_two_levels_of_a_round() -> None:
    assert codes(holding(DIRECTOR, "credit_manager")) == ["decider"]


@pytest.mark.parametrize(
    ("barred", "code"), [(REP, "for_requester"), (ANALYST, "for_rater"), (DIRECTOR, "for_decider")]
)
def test_nobody_decides_through_a_delegate_or_substitute(barred: int, code: str) -> None:
    principal = holding(barred, "credit_manager")
    assert codes(holding(OTHER), principal) == [code]
    assert codes(holding(OTHER, "credit_manager"), principal) == [code]


def test_the_requester_does_not_decide_for_somebody_else_either() -> None:
    assert codes(holding(REP), holding(MANAGER, "credit_manager")) == ["requester"]


def test_a_substitute_decides_with_the_role_of_the_one_it_acts_for() -> None:
    assert codes(holding(OTHER), holding(MANAGER, "credit_manager")) == []
    assert codes(holding(OTHER, "credit_manager"), holding(MANAGER, "collector")) == ["role"]


@pytest.mark.parametrize("sales", ["sales_rep", "sales_manager"])
def test_sales_never_approves_credit_whatever_other_role_it_holds(sales: str) -> None:
    assert codes(holding(OTHER, sales, "credit_manager")) == ["sales"]
    assert codes(holding(OTHER, sales), holding(MANAGER, "credit_manager")) == ["sales"]
    elsewhere = Person(OTHER, frozenset({("credit_manager", NORTH), (sales, SOUTH)}))
    assert codes(elsewhere) == ["sales"]


def test_another_level_or_no_role_is_not_enough() -> None:
    assert codes(holding(OTHER, "finance_director")) == ["role"]
    assert codes(holding(OTHER)) == ["role"]


def test_a_manager_of_another_branch_may_not_decide() -> None:
    assert codes(holding(MANAGER, "credit_manager", branch=SOUTH)) == ["branch"]
    assert codes(holding(MANAGER, "credit_manager"), facts=replace(FACTS, branch_id=None)) == ["branch"]


def test_an_account_that_is_closed_decides_nothing_itself_nor_through_others() -> None:
    gone = holding(MANAGER, "credit_manager", active=False)
    assert codes(gone) == ["inactive"]
    assert codes(holding(OTHER), gone) == ["inactive"]


def test_every_reason_is_told_at_once_in_a_sentence() -> None:
    reasons = may_decide(holding(REP, "sales_rep", branch=SOUTH), FACTS)
    assert [reason.text for reason in reasons] == [
        "Nobody decides on what they asked for.",
        "Sales never approves credit.",
        "This decision belongs to the role “credit_manager”.",
    ]


def test_acting_for_oneself_is_acting_in_ones_own_right() -> None:
    person = holding(REP, "credit_manager")
    assert codes(person, person) == ["requester"]


def test_requesters_raters_and_deciders_are_excluded_whatever_their_role() -> None:
    assert excluded_persons(FACTS) == {REP, ANALYST, DIRECTOR}


def test_nobody_eligible_is_an_empty_answer() -> None:
    people = [holding(REP, "credit_manager"), holding(MANAGER, "credit_manager", branch=SOUTH)]
    assert eligible_persons(people, FACTS) == frozenset()
    assert eligible_persons([*people, holding(OTHER, "credit_manager")], FACTS) == {OTHER}


def test_a_substitute_acts_only_between_its_dates_and_only_for_the_person_itself() -> None:
    day = date(2026, 6, 30)
    substitutions = [Substitution(1, 2, day, day), Substitution(2, 3, day, day), Substitution(4, 4, day, day)]
    assert stands_in_for(substitutions, 2, day) == {1}
    assert stands_in_for(substitutions, 3, day) == {2}
    assert stands_in_for(substitutions, 4, day) == frozenset()
    assert stands_in_for(substitutions, 2, date(2026, 7, 1)) == frozenset()
    assert stands_in_for(substitutions, 2, date(2026, 6, 29)) == frozenset()


ids = st.integers(1, 6)
people = st.builds(
    Person,
    ids,
    st.frozensets(
        st.tuples(
            st.sampled_from(["credit_manager", "sales_rep", "cfo"]), st.sampled_from([None, NORTH, SOUTH])
        )
    ),
    st.booleans(),
)
groups = st.frozensets(ids, max_size=3)
decisions = st.builds(
    DecisionFacts,
    st.sampled_from(["credit_manager", "cfo"]),
    st.sampled_from([NORTH, SOUTH]),
    groups,
    groups,
    groups,
)


@given(people, decisions, st.none() | people)
def test_whoever_may_decide_is_tied_to_it_in_no_way(
    person: Person, facts: DecisionFacts, acting_for: Person | None
) -> None:
    if not may_decide(person, facts, acting_for):
        holder = acting_for or person
        if acting_for is not None and acting_for.person_id == person.person_id:
            holder = person
        assert not {person.person_id, holder.person_id} & excluded_persons(facts)
        assert holder.has_role(facts.level, facts.branch_id)
        assert person.active
        assert holder.active
        assert "sales_rep" not in {role for role, _ in person.roles | holder.roles}
