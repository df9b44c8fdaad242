"""Proposed limits, their validity, and what a grade allows."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_app.domain.credit_strategy import Allowed, exception_kind, exceptions
from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.limit_validity import ValidityPolicy, limit_validity, rating_valid_until
from credit_app.domain.limits import METHODS, LimitFacts, LimitPolicy, Proposal, propose_limits, round_limit
from tests.domain.policies import GRADES, LIMITS, STRATEGY, TABLE, VALIDITY, changed

ASKED = LimitFacts(requested=Decimal(250_000), terms_days=60, grade="A", yearly_purchases=Decimal(1_200_000))


def by_method(facts: LimitFacts, policy: LimitPolicy = LIMITS) -> dict[str, Proposal]:
    return {proposal.method: proposal for proposal in propose_limits(facts, policy).proposals}


def test_the_need_is_a_terms_worth_of_purchases_with_vat() -> None:
    # 1,200,000 / 365 x 60 x 1.20
    assert by_method(ASKED)["need"].amount == Decimal("236712.33")


def test_monthly_purchases_are_raised_by_the_season_up_to_a_cap() -> None:
    facts = replace(ASKED, average_month=Decimal(80_000), season_factor=Decimal("1.5"))
    assert by_method(facts)["monthly_purchases"].amount == 120_000
    facts = replace(facts, season_factor=Decimal(12))
    assert by_method(facts)["monthly_purchases"].amount == 160_000


@pytest.mark.parametrize(("late", "limit"), [("0", 120_000), ("5", 110_000), ("10", 100_000), ("31", 0)])
def test_good_payment_raises_the_present_limit_and_bad_payment_lowers_it(late: str, limit: int) -> None:
    facts = replace(ASKED, current_limit=Decimal(100_000), weighted_days_late=Decimal(late))
    assert by_method(facts)["payment_behaviour"].amount == limit


def test_one_customer_may_only_have_its_share_of_own_sales() -> None:
    facts = replace(ASKED, own_yearly_sales=Decimal(2_000_000))
    assert by_method(facts)["concentration"].amount == 200_000


def test_the_cap_of_the_grade_is_in_base_currency_and_converted() -> None:
    facts = replace(ASKED, grade="CCC", base_rate=Decimal("7.8"))
    assert by_method(facts)["grade_cap"].amount == 780_000


def test_a_method_without_its_inputs_says_what_is_missing() -> None:
    proposals = by_method(ASKED)
    assert tuple(proposals) == METHODS
    for method in ("tangible_net_worth", "working_capital", "insurer_limit", "concentration"):
        assert (proposals[method].applicable, proposals[method].amount) == (False, None)
    assert proposals["payment_behaviour"].note.text == (
        "Not applicable, missing: current_limit, weighted_days_late."
    )
    assert proposals["tangible_net_worth"].inputs["tangible_net_worth"] is None


def test_statements_and_insurance_count_as_soon_as_they_are_known() -> None:
    facts = replace(
        ASKED,
        tangible_net_worth=Decimal(900_000),
        working_capital=Decimal(-5),
        insurer_limit=Decimal(90_000),
        insurer_cover=Decimal("0.9"),
    )
    proposals = by_method(facts)
    assert proposals["tangible_net_worth"].amount == 90_000
    assert proposals["working_capital"].amount == 0
    assert proposals["insurer_limit"].amount == 100_000


def test_the_lowest_applicable_figure_is_proposed_rounded_down() -> None:
    proposed = propose_limits(ASKED, LIMITS)
    assert (proposed.amount, proposed.method) == (235_000, "need")
    assert [reason.code for reason in proposed.reasons] == ["limits.lowest", "limits.rounded"]
    assert "236,712.33" in proposed.reasons[1].text


def test_never_more_than_asked_for_is_proposed() -> None:
    proposed = propose_limits(replace(ASKED, requested=Decimal("12345.67")), LIMITS)
    assert (proposed.amount, proposed.method) == (Decimal("12345.67"), "requested")


def test_a_request_equal_to_the_lowest_figure_is_proposed_as_asked() -> None:
    proposed = propose_limits(replace(ASKED, requested=Decimal(235_000)), LIMITS)
    assert (proposed.amount, proposed.method) == (Decimal(235_000), "requested")
    assert [reason.code for reason in proposed.reasons] == ["limits.as_asked"]


def test_grade_d_is_proposed_nothing() -> None:
    assert propose_limits(replace(ASKED, grade="D"), LIMITS).amount == 0


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [
        ("9", 0),
        ("999", 990),
        ("1000", 1000),
        ("1099", 1000),
        ("45999.99", 45000),
        ("249999", 245000),
        ("100000", 100000),
    ],
)
def test_larger_limits_are_rounded_to_larger_steps(amount: str, rounded: int) -> None:
    assert round_limit(Decimal(amount), LIMITS) == rounded


money = st.none() | st.decimals(0, 10**8, places=2)


@given(
    st.builds(
        LimitFacts,
        requested=st.decimals(1, 10**8, places=2),
        terms_days=st.integers(0, 180),
        grade=st.sampled_from(GRADES.grades),
        yearly_purchases=money,
        average_month=money,
        current_limit=money,
        weighted_days_late=st.none() | st.decimals(0, 60, places=2),
        own_yearly_sales=money,
        base_rate=st.decimals("0.01", 200, places=2),
    )
)
def test_the_proposal_is_above_none_of_the_applicable_figures_nor_the_request(facts: LimitFacts) -> None:
    proposed = propose_limits(facts, LIMITS)
    assert 0 <= proposed.amount <= facts.requested
    assert all(p.amount is None or proposed.amount <= p.amount for p in proposed.proposals)
    assert all(p.applicable == (p.amount is not None) for p in proposed.proposals)


@pytest.mark.parametrize(
    "figures",
    [
        {"limit__cap_by_grade": {"AAA": "1"}},
        {"limit__rounding": []},
        {"limit__rounding": [["1000", "100"]]},
        {"limit__rounding": [["0", "0"]]},
        {"limit__vat_rate": "20 %"},
        {"limit__behaviour_factors": [["0", "1"]]},
    ],
)
def test_a_malformed_limit_policy_is_refused(figures: dict[str, object]) -> None:
    with pytest.raises(InvalidPolicy, match="limit"):
        LimitPolicy.from_policy(changed(**figures))


def test_a_better_grade_is_reviewed_less_often() -> None:
    granted = date(2026, 8, 31)
    best, worst = limit_validity("AAA", granted, VALIDITY), limit_validity("CCC", granted, VALIDITY)
    assert (best.valid_from, best.review_on, best.valid_to) == (granted, date(2027, 8, 31), date(2027, 9, 30))
    assert worst.review_on == date(2026, 11, 30)
    assert rating_valid_until("B", granted, VALIDITY) == date(2027, 2, 28)


@given(st.sampled_from(GRADES.grades), st.dates(date(2020, 1, 1), date(2090, 1, 1)))
def test_a_limit_is_reviewed_before_it_ends(grade: str, day: date) -> None:
    validity = limit_validity(grade, day, VALIDITY)
    assert validity.valid_from < validity.review_on <= validity.valid_to


def test_every_grade_has_a_review_of_at_least_a_month() -> None:
    with pytest.raises(InvalidPolicy, match="less than one month"):
        ValidityPolicy.from_policy(changed(limit__review_months=dict.fromkeys(GRADES.grades, 0)))
    with pytest.raises(InvalidPolicy, match="without the grades"):
        ValidityPolicy.from_policy(changed(limit__review_months={"AAA": 12}))


def test_within_what_the_grade_allows_there_is_no_exception() -> None:
    found = exceptions(Decimal(100_000), 30, "open_account", STRATEGY["CCC"])
    assert found == ()
    assert exception_kind(found) == "none"


@pytest.mark.parametrize(
    ("limit", "terms", "method", "grade", "kinds"),
    [
        ("100000.01", 30, "open_account", "CCC", ["over_policy_cap"]),
        ("1000", 31, "open_account", "CCC", ["over_longest_term"]),
        ("1000", 30, "instalments", "CCC", ["payment_method_not_allowed"]),
        ("1000000", 90, "open_account", "B", ["over_policy_cap", "over_longest_term"]),
        ("1", 1, "prepayment", "D", ["no_credit_grade"]),
    ],
)
def test_each_departure_from_the_grade_is_an_exception_the_gravest_first(
    limit: str, terms: int, method: str, grade: str, kinds: list[str]
) -> None:
    found = exceptions(Decimal(limit), terms, method, STRATEGY[grade])
    assert [exception.kind for exception in found] == kinds
    assert exception_kind(found[::-1]) == kinds[0]
    assert all(grade in exception.sentence.text for exception in found)


def test_a_discount_above_the_grades_is_an_exception() -> None:
    within = exceptions(Decimal(1000), 30, "open_account", STRATEGY["BBB"], Decimal(1))
    above = exceptions(Decimal(1000), 30, "open_account", STRATEGY["BBB"], Decimal("1.01"))
    assert within == ()
    assert [exception.kind for exception in above] == ["over_highest_discount"]


def test_the_strategy_speaks_of_every_grade_and_of_the_unknown() -> None:
    assert set(STRATEGY) == {*GRADES.grades, "unknown"}
    caps = [STRATEGY[grade].limit_cap for grade in GRADES.grades]
    assert caps == sorted(caps, reverse=True)
    assert STRATEGY["D"].limit_cap == 0


@pytest.mark.parametrize(
    "wrong", [{"security": "some"}, {"controls": 1}, {"review_months": 0}, {"payment_ways": 3}]
)
def test_a_row_of_the_strategy_that_says_nothing_usable_is_refused(wrong: dict[str, object]) -> None:
    row = dict(zip(TABLE.outputs, TABLE.rules[0].outputs, strict=True))
    with pytest.raises(InvalidPolicy, match="credit_strategy"):
        Allowed.from_row("AAA", row | wrong)
