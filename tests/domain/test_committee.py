"""The committee's quorum and majority, and when its result is settled."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_app.domain.committee import (
    APPROVED,
    NO_QUORUM,
    REFUSED,
    CommitteePolicy,
    Tally,
    is_settled,
    result_of,
)
from credit_app.domain.errors import InvalidPolicy
from tests.domain.policies import VALUES, changed

POLICY = CommitteePolicy.from_policy(VALUES)
HALF = Decimal("0.5")


def test_the_quorum_is_a_share_of_the_seats_rounded_up_and_at_least_some_members() -> None:
    assert [POLICY.quorum_of(seats) for seats in (1, 5, 7, 8, 100)] == [3, 3, 4, 4, 50]


def test_more_votes_for_than_against_approve() -> None:
    assert result_of(Tally(2, 1, 0), 3, HALF) == APPROVED
    assert result_of(Tally(1, 2, 0), 3, HALF) == REFUSED


def test_a_tie_approves_nothing() -> None:
    assert result_of(Tally(2, 2, 1), 3, HALF) == REFUSED


def test_who_abstains_counts_for_the_quorum_only() -> None:
    assert result_of(Tally(1, 0, 2), 3, HALF) == APPROVED
    assert result_of(Tally(0, 1, 2), 3, HALF) == REFUSED
    assert result_of(Tally(0, 0, 3), 3, HALF) == NO_QUORUM


def test_below_the_quorum_nothing_is_decided() -> None:
    assert result_of(Tally(2, 0, 0), 3, HALF) == NO_QUORUM


def test_a_qualified_majority_must_be_exceeded() -> None:
    two_thirds = Decimal("0.6667")
    assert result_of(Tally(2, 1, 0), 3, two_thirds) == REFUSED
    assert result_of(Tally(3, 1, 0), 3, two_thirds) == APPROVED


def test_three_of_five_for_settle_it_and_two_do_not() -> None:
    assert not is_settled(Tally(2, 0, 0), 5, 3, HALF)
    assert is_settled(Tally(3, 0, 0), 5, 3, HALF)
    assert not is_settled(Tally(2, 1, 0), 5, 3, HALF)
    assert is_settled(Tally(0, 3, 0), 5, 3, HALF)
    assert not is_settled(Tally(0, 0, 3), 5, 3, HALF)
    assert is_settled(Tally(0, 0, 5), 5, 3, HALF)


@given(
    st.integers(1, 12),
    st.integers(0, 12),
    st.integers(0, 12),
    st.integers(0, 12),
    st.integers(1, 12),
    st.sampled_from(["0.5", "0.6667", "0.75"]),
    st.data(),
)
def test_a_settled_result_stands_whatever_the_others_vote(
    members: int, yes: int, no: int, abstained: int, quorum: int, share: str, data: st.DataObject
) -> None:
    tally, majority = Tally(yes, no, abstained), Decimal(share)
    if tally.cast > members or not is_settled(tally, members, quorum, majority):
        return
    left = members - tally.cast
    more = data.draw(st.integers(0, left))
    against = data.draw(st.integers(0, left - more))
    final = Tally(yes + more, no + against, abstained + left - more - against)
    assert result_of(final, quorum, majority) == result_of(tally, quorum, majority)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("committee__majority", "1"),
        ("committee__majority", "0"),
        ("committee__quorum_share", "1.1"),
        ("committee__least_members", 0),
        ("committee__most_meetings", 0),
    ],
)
def test_a_policy_that_nobody_could_vote_under_is_refused(key: str, value: object) -> None:
    with pytest.raises(InvalidPolicy, match="committee"):
        CommitteePolicy.from_policy(changed(**{key: value}))
