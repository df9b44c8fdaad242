"""The company's own credit envelope, and the exception that going over it is."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_app.domain.credit_strategy import exception_kind, exceptions
from credit_app.domain.envelope import CLASSES, Envelope, EnvelopePolicy, envelope, part_name
from credit_app.domain.errors import InvalidPolicy
from tests.domain.policies import STRATEGY, VALUES, changed

POLICY = EnvelopePolicy.from_policy(
    changed(
        envelope__own_equity="1000",
        envelope__shares={"total": "1", "low": "0.8", "medium": "0.4", "high": "0.1"},
    )
)


def room(risk: str, **used: int) -> Envelope:
    found = envelope(POLICY, None, {name: Decimal(amount) for name, amount in used.items()}, risk)
    assert found is not None
    return found


def test_the_room_is_the_smaller_one_of_the_risk_class_and_the_total() -> None:
    assert room("high", low=500, high=40).room == 60
    assert room("high", low=500, high=40).bound.name == "high"
    assert room("high", low=800, medium=150, high=40).room == 10
    assert room("high", low=800, medium=150, high=40).bound.name == "total"


def test_an_envelope_that_is_used_up_has_no_room_rather_than_a_negative_one() -> None:
    used_up = room("high", high=150)
    assert (used_up.room, used_up.own_class.room) == (0, -50)


def test_own_credit_sales_may_be_the_basis_and_without_any_there_is_no_envelope() -> None:
    policy = EnvelopePolicy.from_policy(changed(envelope__basis="credit_sales"))
    found = envelope(policy, Decimal(2000), {}, "low")
    assert found is not None
    assert found.basis == 2000
    assert envelope(policy, None, {}, "low") is None


def test_grade_d_has_no_part_of_the_envelope() -> None:
    assert envelope(POLICY, None, {}, "none") is None


def test_each_part_has_a_name() -> None:
    assert part_name("total").text == "all customers"
    assert all(part_name(risk).text.endswith("risk") for risk in CLASSES)


@given(st.sampled_from(CLASSES), st.dictionaries(st.sampled_from(CLASSES), st.integers(0, 2000)))
def test_the_room_is_never_more_than_either_envelope_leaves(risk: str, used: dict[str, int]) -> None:
    found = room(risk, **used)
    assert 0 <= found.room <= max(Decimal(0), found.own_class.room)
    assert found.room <= max(Decimal(0), found.total.room)


def test_a_limit_over_the_room_is_an_exception_and_one_that_fits_is_none() -> None:
    within = room("low", low=300)
    assert exceptions(Decimal(500), 30, "open_account", STRATEGY["AAA"], envelope=within) == ()
    (over,) = exceptions(Decimal(501), 30, "open_account", STRATEGY["AAA"], envelope=within)
    assert over.kind == "over_envelope"
    assert over.sentence.text == (
        "The limit is above the room of 500.00 in base currency that is left for customers of low risk."
    )
    assert exception_kind([over]) == "over_envelope"


def test_going_over_the_envelope_is_graver_than_a_term_that_is_too_long() -> None:
    found = exceptions(Decimal(501), 999, "open_account", STRATEGY["AAA"], envelope=room("low", low=300))
    assert [one.kind for one in found] == ["over_envelope", "over_longest_term"]
    assert exception_kind(found) == "over_envelope"


@pytest.mark.parametrize(
    "figures",
    [
        {"envelope__basis": "wishes"},
        {"envelope__shares": {"total": "1"}},
        {"envelope__shares": {"total": "1", "low": "2", "medium": "0", "high": "0"}},
        {"envelope__shares": {"total": "1", "low": "-1", "medium": "0", "high": "0"}},
        {"envelope__own_equity": 1.5},
    ],
)
def test_a_malformed_policy_is_named(figures: dict[str, object]) -> None:
    with pytest.raises(InvalidPolicy, match=next(iter(figures)).replace("__", ".")):
        EnvelopePolicy.from_policy(VALUES | changed(**figures))
