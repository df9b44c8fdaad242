"""The three methods side by side, their one score, what caps it and how far it is trusted."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_app.domain.combined_rating import (
    CombinePolicy,
    FullRating,
    combine,
)
from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.expert_grid import ExpertPolicy, Ground, judge
from credit_app.domain.peer_comparison import (
    PeerPolicy,
    compare,
    percentile,
    percentile_by_quartiles,
)
from credit_app.domain.plain import to_json
from credit_app.domain.rating import rate_by_payment_record
from credit_app.domain.rating_confidence import StatementsState
from credit_app.domain.rating_grading import Judgement, JudgementRefused
from credit_app.domain.scorecard import Reading, score_card
from credit_app.domain.vetoes import Veto, VetoFacts, VetoPolicy, vetoes
from tests.domain.policies import GRADES, RATING, VALUES, changed
from tests.domain.test_rating import record_of
from tests.domain.test_scorecard import MODEL, best, reading

COMBINE = CombinePolicy.from_policy(VALUES)
EXPERTS = ExpertPolicy.from_policy(VALUES)
PEERS = PeerPolicy.from_policy(VALUES)
VETOES = VetoPolicy.from_policy(VALUES)
NO_STATEMENTS = StatementsState()
GOOD_STATEMENTS = StatementsState(date(2025, 12, 31), years=3, audited=True)
GROUNDS = tuple(
    Ground(dimension, "good", "Seen on site", row=f"finding {number}")
    for number, dimension in enumerate(("basic_quality", "repayment_ability", "operating_ability"))
)
MEDIAN = {ratio: row[1] for ratio, row in PEERS.quartiles["*"].items()}


def rated(
    readings: dict[str, Reading] | None = None,
    grounds: tuple[Ground, ...] = (),
    ratios: dict[str, Decimal] | None = None,
    late: tuple[int, ...] = (0,) * 12,
    statements: StatementsState = NO_STATEMENTS,
    fired: tuple[Veto, ...] = (),
    judgement: Judgement | None = None,
    **record: Any,
) -> FullRating:
    own = rate_by_payment_record(record_of(*late, overdue=record.pop("overdue", 0)), RATING, **record)
    return combine(
        MODEL,
        score_card(MODEL, readings or {}),
        judge(grounds, own if late else None, MODEL, EXPERTS),
        compare(ratios or {}, {}, None, PEERS),
        own,
        (),
        fired,
        statements,
        COMBINE,
        judgement,
    )


def scores(rating: FullRating) -> dict[str, Decimal | None]:
    return {one.method: one.score for one in rating.methods}


def codes(rating: FullRating) -> list[str]:
    return [sentence.code for sentence in rating.confidence_reasons]


# Combined


def test_all_three_methods_stand_side_by_side_and_make_one_score_by_the_weights_of_policy() -> None:
    rating = rated(best(), GROUNDS, MEDIAN, statements=GOOD_STATEMENTS)
    found = scores(rating)
    assert found["quantitative"] == 100
    assert found["industry"] == 67
    # basic quality and operations 82, repayment the mean of 82 and the record's 100, by 15, 25 and 20 points
    record = rate_by_payment_record(record_of(*[0] * 12), RATING).earned
    expected = (82 * 15 + (82 + record) / 2 * 25 + 82 * 20) / 60
    assert found["experience"] == expected.quantize(Decimal("0.01"))
    assert rating.method == "combined"
    combined = 100 * Decimal("0.6") + (found["experience"] + 67) * Decimal("0.2")
    assert rating.score == combined.quantize(Decimal("0.01"))
    assert (rating.grade, rating.risk, rating.model) == ("AAA", "low", "general@1")
    assert (rating.confidence, rating.confidence_reasons) == (1, ())


def test_a_customer_with_only_a_payment_record_is_rated_by_it_with_confidence_lowered_and_said() -> None:
    rating = rated({"own_payment_record": reading("100"), "years_registered": reading("9")})
    record = rate_by_payment_record(record_of(*[0] * 12), RATING)
    assert (rating.method, rating.score, rating.grade) == ("payment_record", record.score, record.grade)
    assert (rating.confidence, codes(rating)) == (Decimal("0.60"), ["rating.record_only"])
    assert set(scores(rating).values()) == {None}
    assert all(one.missing for one in rating.methods)
    assert rating.experience.by_record
    assert rating.experience.score == record.earned


def test_an_unknown_customer_has_the_grade_of_policy() -> None:
    rating = rated(late=())
    assert (rating.method, rating.grade, rating.confidence) == ("payment_record", "CCC", Decimal("0.20"))
    assert codes(rating) == ["rating.unknown"]


def test_missing_statements_lower_the_confidence_and_each_gap_is_said() -> None:
    without = {
        key: one for key, one in best().items() if key in ("own_payment_record", "management", "market")
        or next(i for i in MODEL.indicators if i.key == key).dimension in ("basic_quality", "prospects")
    }  # fmt: skip
    full, gap = rated(best(), GROUNDS, MEDIAN, statements=GOOD_STATEMENTS), rated(without, GROUNDS)
    assert gap.method == "combined"
    assert gap.confidence < full.confidence - Decimal("0.25")
    assert codes(gap)[0] == "rating.no_statements"
    texts = [sentence.text for sentence in gap.confidence_reasons]
    assert "“Financial structure”: nothing is known for 20 of 20 points." in texts
    assert "There is no ratio to compare with the industry." in texts


@pytest.mark.parametrize(
    ("state", "code", "less"),
    [
        (replace(GOOD_STATEMENTS, stale=True), "rating.stale_statements", "0.10"),
        (replace(GOOD_STATEMENTS, audited=False), "rating.unaudited", "0.05"),
        (replace(GOOD_STATEMENTS, wrong=2), "rating.implausible", "0.15"),
        (replace(GOOD_STATEMENTS, missing_years=(2023,)), "rating.missing_years", "0.05"),
        (replace(GOOD_STATEMENTS, years=1), "rating.missing_years", "0.05"),
        (StatementsState(), "rating.no_statements", "0.25"),
    ],
)
def test_each_doubt_about_the_statements_is_said_and_costs_what_policy_says(
    state: StatementsState, code: str, less: str
) -> None:
    rating = rated(best(), GROUNDS, MEDIAN, statements=state)
    assert codes(rating) == [code]
    assert rating.confidence == 1 - Decimal(less)


def test_a_scorecard_of_which_too_little_is_known_does_not_count_and_says_so() -> None:
    few = {key: reading("1000") for key in ("current_ratio", "quick_ratio")}
    rating = rated(few, GROUNDS)
    assert scores(rating)["quantitative"] is None
    assert rating.method == "combined"
    assert rating.earned == scores(rating)["experience"]
    assert "rating.thin_card" in codes(rating)
    text = next(one.text for one in rating.confidence_reasons if one.code == "rating.thin_card")
    assert "11 % of its weight is known, at least 40 % must be" in text


def test_what_does_not_apply_costs_no_confidence() -> None:
    idle = best() | {"interest_cover": Reading(None, MODEL_SOURCE, applies=False)}
    rating = rated(idle, GROUNDS, MEDIAN, statements=GOOD_STATEMENTS)
    assert (rating.confidence, rating.confidence_reasons) == (1, ())


MODEL_SOURCE = reading("1").source


def test_a_judgement_moves_the_score_within_the_points_of_the_model_and_its_reason_is_kept() -> None:
    said = Judgement(Decimal(-10), "The founder leaves and nobody follows.")
    before = rated(best(), GROUNDS, MEDIAN, statements=GOOD_STATEMENTS)
    after = rated(best(), GROUNDS, MEDIAN, statements=GOOD_STATEMENTS, judgement=said)
    assert after.score == before.score - 10
    assert after.judgement == said
    up = rated(best(), statements=GOOD_STATEMENTS, judgement=replace(said, points=Decimal(10)))
    assert up.score == 100


@pytest.mark.parametrize(("points", "reason"), [("10.5", "x" * 30), ("-11", "x" * 30), ("1", "because")])
def test_a_judgement_beyond_the_points_or_without_a_reason_is_refused(points: str, reason: str) -> None:
    with pytest.raises(JudgementRefused, match="at most 10 points up or down, with a reason of at least 20"):
        rated(best(), judgement=Judgement(Decimal(points), reason))


def test_a_customer_of_whom_little_is_known_is_not_rated_high_however_good_that_little_is() -> None:
    rating = rated({"management": reading("excellent")}, GROUNDS, late=())
    assert scores(rating)["experience"] == 82
    assert rating.confidence < Decimal("0.30")
    assert (rating.grade, rating.cap, rating.score) == ("B", "B", Decimal("59.99"))
    assert [one.code for one in rating.vetoes] == ["rating.unsure"]
    assert rating.vetoes[0].text == "The confidence is only 20 %: the grade is B at best."


def test_little_confidence_caps_nothing_that_is_low_anyway() -> None:
    assert rated(late=()).vetoes == ()


def test_findings_beside_a_payment_record_never_lower_the_confidence_in_it() -> None:
    alone, seen = rated(), rated(grounds=GROUNDS)
    assert (alone.method, seen.method) == ("payment_record", "combined")
    assert seen.confidence >= alone.confidence


def test_vetoes_of_statements_and_record_cap_the_grade_and_the_lowest_cap_counts() -> None:
    fired = vetoes(VetoFacts(equity=Decimal(-5), equity_year=2025), VETOES)
    capped = rated(best(), statements=GOOD_STATEMENTS, fired=fired)
    assert (capped.grade, capped.score, capped.cap) == ("CCC", Decimal("54.99"), "CCC")
    assert capped.earned > 90
    assert capped.vetoes[0].text == "Equity was negative in 2025 (-5.00): the grade is CCC at best."
    both = rated(
        best(), statements=GOOD_STATEMENTS, fired=vetoes(VetoFacts(insolvencies=["7"]), VETOES), overdue=61
    )
    assert (both.grade, both.cap, len(both.vetoes)) == ("C", "C", 2)


def test_a_cap_above_the_score_changes_nothing() -> None:
    fired = vetoes(VetoFacts(litigation=Decimal(100_001), cases=1), VETOES)
    rating = rated(fired=fired, late=(65,) * 12)
    assert (rating.cap, rating.grade) == ("B", "C")
    assert rating.score == rating.earned


@pytest.mark.parametrize("fact", ["in_default", "blacklisted"])
def test_default_and_blacklist_mean_grade_d(fact: str) -> None:
    rating = rated(best(), GROUNDS, MEDIAN, statements=GOOD_STATEMENTS, **{fact: True})
    assert (rating.grade, rating.risk, rating.score, rating.cap) == ("D", "none", 0, "D")


def test_the_whole_rating_can_be_kept_as_json() -> None:
    stored = to_json(rated(best(), GROUNDS, MEDIAN, statements=GOOD_STATEMENTS))
    assert isinstance(stored, dict)
    assert stored["points"][0]["source"]["text"] == "statement of 2025"


READINGS = st.fixed_dictionaries(
    {}, optional={one.key: st.integers(-100, 100).map(Decimal) for one in MODEL.indicators if one.bands}
)


@given(READINGS, st.lists(st.integers(0, 60), max_size=14), st.booleans())
def test_ratings_stay_within_their_scales(values: dict[str, Decimal], late: list[int], judged: bool) -> None:
    readings = {key: Reading(value, MODEL_SOURCE) for key, value in values.items()}
    rating = rated(readings, GROUNDS if judged else (), late=tuple(late))
    assert 0 <= rating.score <= rating.earned <= 100
    assert RATING.unknown_confidence <= rating.confidence <= 1
    assert rating.grade == GRADES.grade_of(rating.score)


# Experience


def test_the_expert_grid_weighs_dimensions_by_the_model_and_keeps_every_ground() -> None:
    grounds = (*GROUNDS, Ground("basic_quality", "poor", "Three directors in two years"))
    found = judge(grounds, None, MODEL, EXPERTS)
    assert found.score == (Decimal(56 * 15 + 82 * 25 + 82 * 20) / 60).quantize(Decimal("0.01"))
    assert [
        ground.ground
        for row in found.dimensions
        for ground in row.grounds
        if row.dimension == "basic_quality"
    ] == [
        "Seen on site",
        "Three directors in two years",
    ]


def test_too_few_judged_dimensions_leave_the_payment_record_to_speak() -> None:
    own = rate_by_payment_record(record_of(*[0] * 12), RATING)
    found = judge(GROUNDS[:2], own, MODEL, EXPERTS)
    assert (found.by_record, found.score) == (True, own.earned)
    assert found.missing is not None
    assert "Only 2 of at least 3 dimensions" in found.missing.text
    assert judge((), None, MODEL, EXPERTS).score is None


# Industry


def test_the_percentile_counts_the_peers_that_are_worse_and_half_of_the_equal_ones() -> None:
    peers = [Decimal(value) for value in (1, 2, 2, 3)]
    assert percentile(Decimal(2), peers, "higher") == Decimal("0.5")
    assert percentile(Decimal(4), peers, "higher") == 1
    assert percentile(Decimal(3), peers, "lower") == Decimal("0.12")


@pytest.mark.parametrize(
    ("value", "higher"),
    [("10", "0.25"), ("20", "0.50"), ("40", "0.75"), ("15", "0.38"), ("30", "0.62"), ("0", "0.01"),
     ("5", "0.12"), ("1000", "0.99"), ("50", "0.88")],
)  # fmt: skip
def test_quartiles_give_a_percentile_by_straight_lines(value: str, higher: str) -> None:
    quartiles = (Decimal(10), Decimal(20), Decimal(40))
    assert percentile_by_quartiles(Decimal(value), quartiles, "higher") == Decimal(higher)


def test_peers_of_our_own_are_used_when_there_are_enough_else_the_table_of_the_industry() -> None:
    peers = {"current_ratio": [Decimal(n) / 10 for n in range(10, 18)]}
    found = {one.ratio: one for one in compare(MEDIAN, peers, "Machinery", PEERS).points}
    assert (found["current_ratio"].basis, found["current_ratio"].peers) == ("peers", 8)
    assert found["current_ratio"].percentile == Decimal("0.56")
    assert (found["equity_ratio"].basis, found["equity_ratio"].peers) == ("table", 0)
    machinery = percentile_by_quartiles(
        MEDIAN["equity_ratio"], PEERS.quartiles["machinery"]["equity_ratio"], "higher"
    )
    assert found["equity_ratio"].percentile == machinery
    few = compare(MEDIAN, {"current_ratio": [Decimal(1)] * 7}, None, PEERS)
    assert {one.basis for one in few.points} == {"table"}


def test_too_few_ratios_to_compare_give_no_score_but_a_sentence() -> None:
    found = compare({"receivable_days": Decimal(40)}, {}, None, PEERS)
    assert found.score is None
    assert found.missing is not None
    assert found.missing.text == "Only 1 ratios can be compared with the industry."


@given(st.dictionaries(st.sampled_from(sorted(PEERS.weights)), st.decimals(-1000, 1000, places=3)))
def test_percentiles_and_scores_stay_on_their_scale(values: dict[str, Decimal]) -> None:
    found = compare(values, {}, "retail", PEERS)
    assert all(0 < one.percentile < 1 for one in found.points)
    assert found.score is None or 0 <= found.score <= 100


# Vetoes


def test_each_veto_fires_on_its_fact_and_only_then() -> None:
    assert vetoes(VetoFacts(equity=Decimal(0), equity_year=2025, litigation=Decimal(100_000)), VETOES) == ()
    found = vetoes(
        VetoFacts(Decimal(-1), 2025, ["1", "2"], ["3"], Decimal("100000.01"), 2),
        VETOES,
    )
    assert [(one.grade, one.sentence.code) for one in found] == [
        ("CCC", "rating.veto.negative_equity"),
        ("C", "rating.veto.dishonesty_list"),
        ("C", "rating.veto.insolvency"),
        ("B", "rating.veto.open_litigation"),
    ]
    assert found[3].sentence.text.startswith(
        "Open court cases come to 100,000.01 in base currency, above 100,000.00"
    )


@pytest.mark.parametrize(
    ("reader", "figures"),
    [
        (VetoPolicy, {"rating__vetoes": {"insolvency": {"grade": "C"}}}),
        (VetoPolicy, {"rating__vetoes": {**VALUES["rating.vetoes"], "insolvency": {"grade": "E"}}}),
        (VetoPolicy, {"rating__vetoes": {**VALUES["rating.vetoes"], "insolvency": "C"}}),
        (PeerPolicy, {"rating__peer_quartiles": {"retail": {}}}),
        (PeerPolicy, {"rating__peer_quartiles": {"*": {"leverage": ["1", "2"]}}}),
        (PeerPolicy, {"rating__peer_quartiles": {"*": {"leverage": ["3", "2", "1"]}}}),
        (PeerPolicy, {"rating__peer_weights": {"charm": "1"}}),
        (PeerPolicy, {"rating__percentile_scores": [["0.5", "50"]]}),
        (ExpertPolicy, {"rating__experience_scores": {"good": "1"}}),
        (ExpertPolicy, {"rating__experience_levels": {"positive": "splendid"}}),
        (ExpertPolicy, {"rating__experience_dimensions": {"market": "charm"}}),
        (CombinePolicy, {"rating__method_weights": {"quantitative": "1"}}),
        (
            CombinePolicy,
            {"rating__method_weights": {"quantitative": "0.5", "experience": "0.2", "industry": "0.2"}},
        ),
        (CombinePolicy, {"rating__less_confidence": {"unaudited": "0.1"}}),
        (CombinePolicy, {"rating__confidence_caps": [["0.3", "E"]]}),
        (CombinePolicy, {"rating__confidence_caps": [["0.3"]]}),
    ],
)
def test_a_malformed_policy_is_refused_by_the_name_of_its_figure(
    reader: Any, figures: dict[str, object]
) -> None:
    key = next(iter(figures)).replace("__", ".")
    with pytest.raises(InvalidPolicy, match=key):
        reader.from_policy(changed(**figures))
