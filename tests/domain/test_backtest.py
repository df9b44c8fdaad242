"""The back-test: the area under the curve, its interval, reading the set, and the figures on the real one."""

import gzip
import random
from collections.abc import Iterator
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_app.cli.rating import SET
from credit_app.domain.altman import AltmanPolicy
from credit_app.domain.backtest import (
    GradeLine,
    UnreadableSet,
    altman_of,
    backtest,
    is_monotone,
    read_companies,
    score_of,
)
from credit_app.domain.discrimination import auc, difference, midranks
from credit_app.domain.scorecard_models import Segment
from credit_app.domain.scorecard_policy import Models
from tests.domain.policies import GRADES, VALUES

MODEL = Models.from_policy(VALUES).choose(Segment())
Z = AltmanPolicy.from_policy(VALUES).variants["z_others"]

SOUND = {
    1: "0.13", 2: "0.25", 3: "0.5", 4: "2.2", 6: "0.4", 7: "0.15", 8: "3", 9: "1", 10: "0.7", 21: "1.2",
    22: "0.15", 23: "0.13", 26: "0.5", 27: "10", 40: "0.6", 44: "20", 46: "1.3", 47: "20", 56: "0.5",
}  # fmt: skip
SICK = {
    1: "-0.1", 2: "0.95", 3: "-0.2", 4: "0.6", 6: "-0.1", 7: "-0.1", 8: "0.05", 9: "1", 10: "0.04", 21: "0.7",
    22: "-0.1", 23: "-0.1", 26: "-0.05", 27: "-2", 40: "0.01", 44: "200", 46: "0.3", 47: "300", 56: "-0.1",
}  # fmt: skip


def arff(*rows: tuple[dict[int, str], str]) -> Iterator[str]:
    yield "@relation 'test'"
    yield from (f"@attribute Attr{number} numeric" for number in range(1, 65))
    yield from ("@attribute class {0,1}", "", "@data")
    for ratios, failed in rows:
        yield ",".join([*(ratios.get(number, "?") for number in range(1, 65)), failed])


def test_the_area_is_the_share_of_pairs_in_order_with_ties_counted_half() -> None:
    found = auc([1, 2, 2, 3, 4], [True, True, False, False, False])
    assert found.value == pytest.approx((3 + 2.5) / 6)
    assert (found.failures, found.survivors) == (2, 3)


def test_the_interval_is_that_of_delong() -> None:
    # Shares of survivors above each failure: 1, 3/4, 1/2; of failures below each survivor: 1, 1, 1, 0 1/3 (by hand).
    found = auc([1, 3, 5, 2, 4, 6, 7], [True, True, True, False, False, False, False])
    assert found.by_failure == (1.0, 0.75, 0.5)
    assert found.by_survivor == pytest.approx((1 / 3, 2 / 3, 1, 1))
    # variances 1/16 and 11/108: the standard error is sqrt(1/48 + 11/432) = 0.21517
    assert found.value == pytest.approx(0.75)
    assert found.low == pytest.approx(0.75 - 1.959964 * 0.215166, abs=1e-5)
    assert found.high == 1.0


@given(
    st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=4).filter(
        lambda rows: 2 <= sum(failed for _, failed in rows) <= len(rows) - 2
    )
)
def test_the_area_agrees_with_counting_pairs(rows: list[tuple[int, bool]]) -> None:
    bad = [score for score, failed in rows if failed]
    good = [score for score, failed in rows if not failed]
    pairs = sum((a < b) + (a == b) / 2 for a in bad for b in good)
    found = auc([score for score, _ in rows], [failed for _, failed in rows])
    assert found.value == pytest.approx(pairs / len(bad) / len(good))
    assert found.low <= found.value <= found.high
    turned = auc([-score for score, _ in rows], [failed for _, failed in rows])
    assert turned.value == pytest.approx(1 - found.value)


def test_two_scores_of_the_same_companies_are_compared_pair_by_pair() -> None:
    failed = [True, True, True, False, False, False]
    good, bad = auc([1, 2, 3, 4, 5, 6], failed), auc([6, 1, 5, 2, 4, 3], failed)
    apart, low, high = difference(good, bad)
    assert apart == pytest.approx(1 - bad.value)
    assert low < apart < high
    assert difference(good, good) == (0, 0, 0)


def test_equal_values_share_their_rank() -> None:
    assert midranks([10, 20, 20, 5]) == [2, 3.5, 3.5, 1]


def test_an_area_needs_two_of_both() -> None:
    with pytest.raises(ValueError, match="at least two"):
        auc([1, 2, 3], [True, False, False])


def test_a_row_is_read_with_its_missing_values_and_its_fate() -> None:
    (company,) = read_companies(arff(({1: "0.5", 64: "-2"}, "1")))
    assert (company.ratios, company.failed) == ({"Attr1": Decimal("0.5"), "Attr64": Decimal(-2)}, True)


def test_a_row_that_is_there_twice_is_held_out_twice_or_not_at_all() -> None:
    rows = [({1: str(number)}, "0") for number in range(1000)]
    companies = list(read_companies(arff(*rows, *rows)))
    assert [one.held_out for one in companies[:1000]] == [one.held_out for one in companies[1000:]]
    assert 250 < sum(one.held_out for one in companies[:1000]) < 350


@pytest.mark.parametrize(
    ("line", "problem"),
    [("1,2,0", "3 values for 65 attributes"), (",".join(["1"] * 64 + ["2"]), "neither 0 nor 1"),
     (",".join(["x"] * 64 + ["0"]), "no number")],
)  # fmt: skip
def test_a_line_that_cannot_be_read_is_named(line: str, problem: str) -> None:
    with pytest.raises(UnreadableSet, match=f"Line 69 cannot be read: .*{problem}"):
        list(read_companies([*arff(), line]))


def test_what_is_no_set_at_all_is_refused() -> None:
    with pytest.raises(UnreadableSet, match="@data"):
        list(read_companies(["a,b,c"]))


def test_ratios_are_read_by_our_own_definitions() -> None:
    (sound,) = read_companies(arff((SOUND, "0")))
    assert score_of(sound, MODEL) == Decimal("100.00")
    assert altman_of(sound, Z) == Decimal("8.742")
    (unknown,) = read_companies(arff(({}, "0")))
    assert (score_of(unknown, MODEL), altman_of(unknown, Z)) == (None, None)


def test_an_unreported_operating_result_leaves_interest_cover_out() -> None:
    thin = SOUND | {7: "0.015", 27: "1", 22: "0.015", 9: "0.1"}
    counted, unreported = read_companies(arff((thin, "0"), (thin | {22: "0", 27: "0"}, "0")))
    assert score_of(counted, MODEL) < score_of(unreported, MODEL)


def test_a_set_of_sound_survivors_and_sick_failures_is_told_apart_and_a_shuffled_one_is_not() -> None:
    chance = random.Random(7)  # noqa: S311
    rows = [(SOUND | {1: f"0.13{number}"}, "0") for number in range(60)]
    rows += [(SICK | {1: f"-0.1{number}"}, "1") for number in range(20)]
    companies = list(read_companies(arff(*rows)))
    found = backtest(companies, MODEL, Z, GRADES)
    assert (found.companies, found.failures, found.without) == (80, 20, 0)
    assert (found.scorecard.area.value, found.altman.value) == (1, 1)
    assert [(one.grade, one.companies, one.failures) for one in found.scorecard.by_risk] == [
        ("low", 60, 0),
        ("medium", 0, 0),
        ("high", 20, 20),
    ]
    assert [one.failures for one in found.altman_zones] == [0, 0, 20]
    fates = [failed for _, failed in rows]
    chance.shuffle(fates)
    shuffled = list(
        read_companies(arff(*((ratios, fate) for (ratios, _), fate in zip(rows, fates, strict=True))))
    )
    assert 0.3 < backtest(shuffled, MODEL, Z, GRADES).scorecard.area.value < 0.7


def test_failures_that_fall_anywhere_are_said_and_empty_grades_do_not_count() -> None:
    rising = [GradeLine("AAA", 10, 0), GradeLine("AA", 0, 0), GradeLine("A", 10, 1), GradeLine("C", 10, 1)]
    assert is_monotone(rising)
    assert not is_monotone([*rising, GradeLine("D", 10, 0)])


@pytest.mark.skipif(not SET.is_file(), reason=f"the real set is not there: {SET}")
def test_on_the_real_set_the_scorecard_tells_failures_apart_and_they_rise_by_risk_class() -> None:
    with gzip.open(SET, "rt", encoding="utf-8") as lines:
        companies = list(read_companies(lines))
    assert (len(companies), sum(one.failed for one in companies)) == (7027, 271)
    found = backtest([one for one in companies if one.held_out], MODEL, Z, GRADES)
    assert found.scorecard.area.low > 0.6
    assert found.scorecard.area.value > found.altman.value
    assert is_monotone(found.scorecard.by_risk)
    assert is_monotone(found.altman_zones)
