"""Ratings out of payment records."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.grades import GradePolicy
from credit_app.domain.payment_behaviour import OpenItem, PaidItem, PaymentRecord, payment_record
from credit_app.domain.rating import PaymentRating, RatingPolicy, rate_by_payment_record
from tests.domain.policies import GRADES, RATING, VALUES, changed

TODAY = date(2026, 6, 30)


def record_of(*late: int, overdue: int = 0) -> PaymentRecord:
    due = [TODAY - timedelta(days=150 - n) for n in range(len(late))]
    items = [
        PaidItem(str(n), day - timedelta(days=30), day, day + timedelta(days=days), Decimal(100))
        for n, (day, days) in enumerate(zip(due, late, strict=True))
    ]
    day = TODAY - timedelta(days=overdue)
    still_open = [OpenItem("open", day - timedelta(days=30), day, Decimal(50))] if overdue else []
    return payment_record(items, still_open, TODAY, RATING.trend_from)


def codes(rating: PaymentRating) -> list[str]:
    return [sentence.code for sentence in rating.confidence_reasons]


@pytest.mark.parametrize(
    ("score", "grade", "risk"),
    [
        ("100", "AAA", "low"),
        ("90", "AAA", "low"),
        ("89.99", "AA", "low"),
        ("80", "AA", "low"),
        ("70", "A", "low"),
        ("69.99", "BBB", "medium"),
        ("65", "BBB", "medium"),
        ("60", "BB", "medium"),
        ("55", "B", "medium"),
        ("54.99", "CCC", "high"),
        ("50", "CCC", "high"),
        ("45", "CC", "high"),
        ("44.99", "C", "high"),
        ("0", "C", "high"),
    ],
)
def test_each_score_has_its_grade_and_risk_class(score: str, grade: str, risk: str) -> None:
    assert GRADES.grade_of(Decimal(score)) == grade
    assert GRADES.risk_of(grade) == risk


def test_grade_d_has_no_credit() -> None:
    assert GRADES.risk_of("D") == "none"
    assert GRADES.grades[-1] == "D"


@given(st.decimals(0, 100, places=2))
def test_the_highest_score_of_a_grade_still_has_that_grade(score: Decimal) -> None:
    grade = GRADES.grade_of(score)
    assert score <= GRADES.highest_score(grade)
    assert GRADES.grade_of(GRADES.highest_score(grade)) == grade


def test_a_customer_that_always_paid_in_time_is_rated_best() -> None:
    rating = rate_by_payment_record(record_of(*[0] * 12), RATING)
    assert (rating.grade, rating.risk) == ("AAA", "low")
    assert rating.vetoes == ()


def test_a_customer_that_always_paid_very_late_is_rated_worst() -> None:
    rating = rate_by_payment_record(record_of(*[65] * 12), RATING)
    assert (rating.grade, rating.risk) == ("C", "high")


def test_every_point_is_traced_to_its_figure_and_the_points_make_the_score() -> None:
    rating = rate_by_payment_record(record_of(*[0, 5, 12, 0, 30, 8] * 2), RATING)
    assert [point.indicator for point in rating.points] == [i.name for i in RATING.indicators]
    assert all(point.source.text and 0 <= point.points <= point.of for point in rating.points)
    assert rating.earned == sum(point.points for point in rating.points)
    assert sum(point.of for point in rating.points) == 100
    assert "8 of 12 settled invoices were late" in [point.source.text for point in rating.points]


def test_a_payment_record_alone_lowers_the_confidence_and_few_invoices_lower_it_more() -> None:
    full, few, two = (rate_by_payment_record(record_of(*[0] * n), RATING) for n in (12, 11, 2))
    assert (full.confidence, codes(full)) == (Decimal("0.60"), ["rating.record_only"])
    assert (few.confidence, codes(few)) == (Decimal("0.45"), ["rating.record_only", "rating.few_invoices"])
    assert two.confidence == Decimal("0.25")
    assert codes(two)[-1] == "rating.missing_indicator"
    assert "12 or more" in few.confidence_reasons[1].text


def test_a_missing_trend_is_left_out_of_the_score_and_shown_instead_of_averaged_away() -> None:
    rating = rate_by_payment_record(record_of(0, 0, 0), RATING)
    trend = next(point for point in rating.points if point.indicator == "trend_days")
    assert trend.value is None
    assert rating.score == 100


def test_an_old_record_is_trusted_less_and_says_since_when() -> None:
    old = replace(record_of(*[0] * 12), as_of=TODAY + timedelta(days=400))
    rating = rate_by_payment_record(old, RATING)
    assert rating.confidence == Decimal("0.50")
    assert codes(rating) == ["rating.record_only", "rating.stale"]


def test_a_record_is_stale_only_after_the_days_of_policy() -> None:
    record = record_of(*[0] * 12)
    assert record.last_settled is not None
    at_the_line = replace(record, as_of=record.last_settled + timedelta(days=RATING.stale_after_days))
    beyond = replace(record, as_of=at_the_line.as_of + timedelta(days=1))
    assert "rating.stale" not in codes(rate_by_payment_record(at_the_line, RATING))
    assert "rating.stale" in codes(rate_by_payment_record(beyond, RATING))


def test_an_unknown_customer_has_the_grade_of_policy_with_low_confidence() -> None:
    rating = rate_by_payment_record(record_of(), RATING)
    assert (rating.score, rating.grade, rating.confidence) == (50, "CCC", Decimal("0.20"))
    assert codes(rating) == ["rating.unknown"]
    assert {point.value for point in rating.points} == {None}


def test_a_customer_with_open_invoices_only_is_unknown_too_but_its_overdue_items_count() -> None:
    assert codes(rate_by_payment_record(record_of(overdue=10), RATING)) == ["rating.unknown_open"]
    generous = replace(RATING, unknown_score=Decimal(85))
    assert rate_by_payment_record(record_of(overdue=61), generous).grade == "CCC"


def test_an_item_overdue_for_too_long_caps_the_grade_and_its_score() -> None:
    at_the_line = rate_by_payment_record(record_of(*[0] * 12, overdue=60), RATING)
    beyond = rate_by_payment_record(record_of(*[0] * 12, overdue=61), RATING)
    assert at_the_line.grade == "AA"
    assert (beyond.grade, beyond.score) == ("CCC", Decimal("54.99"))
    assert beyond.earned > 80
    assert "61 days" in beyond.vetoes[0].text


@pytest.mark.parametrize("fact", ["in_default", "blacklisted"])
def test_default_and_blacklist_mean_grade_d_however_well_the_customer_pays(fact: str) -> None:
    rating = rate_by_payment_record(
        record_of(*[0] * 12), RATING, in_default=fact == "in_default", blacklisted=fact == "blacklisted"
    )
    assert (rating.grade, rating.risk, rating.score) == ("D", "none", 0)
    assert [veto.code for veto in rating.vetoes] == [f"rating.{fact}"]


@given(st.lists(st.integers(0, 60), min_size=6, max_size=20), st.integers(0, 90))
def test_ratings_stay_within_their_scales(late: list[int], overdue: int) -> None:
    rating = rate_by_payment_record(record_of(*late, overdue=overdue), RATING)
    assert 0 <= rating.score <= rating.earned <= 100
    assert RATING.unknown_confidence <= rating.confidence <= RATING.confidence
    assert rating.grade == GRADES.grade_of(rating.score)


@given(st.lists(st.integers(0, 40), min_size=6, max_size=15), st.integers(1, 30))
def test_paying_everything_later_never_gives_a_better_score(late: list[int], more: int) -> None:
    sooner = rate_by_payment_record(record_of(*late), RATING)
    later = rate_by_payment_record(record_of(*[days + more for days in late]), RATING)
    assert later.score <= sooner.score


@pytest.mark.parametrize(
    "figures",
    [
        {"rating__bands": [["A", "70", "low"]]},
        {"rating__bands": [["A", "70", "low"], ["B", "70", "high"], ["C", "0", "high"]]},
        {"rating__bands": [["A", "70", "lowest"], ["C", "0", "high"]]},
        {"rating__overdue_cap_grade": "E"},
        {"rating__indicators": [{"name": "__class__", "weight": "1", "ladder": [[None, "1"]]}]},
        {"rating__indicators": [{"name": "share_late", "weight": "0", "ladder": [[None, "1"]]}]},
        {"rating__indicators": [{"name": "share_late", "weight": "1", "ladder": [["1", "1"]]}]},
        {
            "rating__indicators": [
                {"name": "share_late", "weight": "1", "ladder": [["2", "1"], ["1", "0"], [None, "0"]]}
            ]
        },
        {"rating__confidence": 0.6},
        {"rating__confidence": "high"},
        {"rating__confidence": None},
        {"rating__trend_from": "6"},
        {"rating__few_invoices": [[3]]},
    ],
)
def test_a_malformed_policy_is_refused_by_the_name_of_its_figure(figures: dict[str, object]) -> None:
    key = next(iter(figures)).replace("__", ".", 1)
    with pytest.raises(InvalidPolicy, match=key.split(".")[0]):
        RatingPolicy.from_policy(changed(**figures))


def test_a_missing_figure_is_named() -> None:
    values = {key: value for key, value in VALUES.items() if key != "rating.bands"}
    with pytest.raises(InvalidPolicy, match=r"“rating\.bands” is missing"):
        GradePolicy.from_policy(values)
