"""Scoring by a model: points, bands, what is missing and what does not apply."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from credit_app.domain.scorecard import Reading, score_card
from credit_app.domain.scorecard_models import LEVELS, ScorecardModel, Segment
from credit_app.domain.scorecard_policy import Models
from credit_app.domain.sentences import Sentence
from tests.domain.policies import VALUES

MODEL: ScorecardModel = Models.from_policy(VALUES).choose(Segment())
SOURCE = Sentence("test.source", "statement of 2025")


def reading(value: Decimal | str | None, **more: object) -> Reading:
    return Reading(Decimal(value) if _is_number(value) else value, SOURCE, **more)  # type: ignore[arg-type]


def _is_number(value: object) -> bool:
    return isinstance(value, str) and value.replace("-", "").replace(".", "").isdigit()


def best() -> dict[str, Reading]:
    """A company that is as good as can be in everything."""
    found = {}
    for one in MODEL.indicators:
        if one.levels is not None:
            found[one.key] = reading("excellent")
        elif one.kind == "payment_record":
            found[one.key] = reading("100")
        else:
            found[one.key] = reading("1000" if one.direction == "higher" else "0")
    return found


def test_the_best_company_earns_every_point_and_everything_is_known() -> None:
    card = score_card(MODEL, best())
    assert (card.score, card.coverage) == (100, 1)
    assert [(one.points, one.possible, one.of) for one in card.dimensions] == [
        (weight, weight, weight) for weight in MODEL.dimensions.values()
    ]


def test_every_point_is_traced_to_indicator_value_band_and_source_and_makes_the_score() -> None:
    readings = best() | {
        "current_ratio": reading("1.3", row="financial_statement 7", on=date(2025, 12, 31)),
        "management": reading("weak"),
        "own_payment_record": reading("75"),
    }
    card = score_card(MODEL, readings)
    current = next(one for one in card.points if one.indicator == "current_ratio")
    assert (current.value, current.points, current.of) == (Decimal("1.3"), Decimal("1.95"), Decimal(3))
    assert (current.row, current.on, current.source.text) == (
        "financial_statement 7",
        date(2025, 12, 31),
        "statement of 2025",
    )
    assert current.band is not None
    assert current.band.text == "from 1.2 to below 1.5"
    judged = next(one for one in card.points if one.indicator == "management")
    assert judged.band is not None
    assert (judged.points, judged.band.text) == (Decimal("0.56"), "weak")
    own = next(one for one in card.points if one.indicator == "own_payment_record")
    assert (own.points, own.of) == (Decimal("7.50"), Decimal(10))
    lost = sum(one.of - one.points for one in card.points)
    assert card.score == ((90 - lost) * 100 / 90).quantize(Decimal("0.01"))


def test_a_value_on_the_edge_of_two_bands_belongs_to_the_upper_one() -> None:
    for value, share in (("1.2", "0.65"), ("1.1999", "0.4")):
        card = score_card(MODEL, {"current_ratio": reading(value)})
        point = next(one for one in card.points if one.indicator == "current_ratio")
        assert point.points == (point.of * Decimal(share)).quantize(Decimal("0.01"))


def test_what_is_missing_lowers_the_coverage_and_earns_nothing_but_is_not_held_against_the_customer() -> None:
    why = Sentence("test.why", "the statement of 2025 is missing")
    readings = {key: one for key, one in best().items() if key != "current_ratio"}
    card = score_card(MODEL, readings | {"current_ratio": reading(None, missing=why)})
    point = next(one for one in card.points if one.indicator == "current_ratio")
    assert (point.value, point.points, point.missing) == (None, 0, why)
    assert card.score == 100
    assert card.coverage == Decimal("0.97")
    structure = next(one for one in card.dimensions if one.dimension == "financial_structure")
    assert (structure.possible, structure.of) == (17, 20)


def test_what_does_not_apply_is_neither_missing_nor_earned() -> None:
    readings = best() | {"interest_cover": reading(None, applies=False, missing=SOURCE)}
    assert score_card(MODEL, readings).coverage == 1


def test_nothing_known_has_no_score_rather_than_a_bad_one() -> None:
    card = score_card(MODEL, {})
    assert (card.score, card.coverage) == (None, 0)
    assert {one.missing.text for one in card.points if one.missing} == {"Nobody has recorded it."}


def test_a_level_that_does_not_exist_is_said_and_earns_nothing() -> None:
    card = score_card(MODEL, {"management": reading("splendid")})
    point = next(one for one in card.points if one.indicator == "management")
    assert point.missing is not None
    assert "“splendid” is none of the levels excellent" in point.missing.text
    assert card.score is None


NUMBERS = st.decimals(-(10**6), 10**6, places=4)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            one.key: (st.sampled_from(list(LEVELS)) if one.levels is not None else NUMBERS)
            for one in MODEL.indicators
        },
    )
)
def test_every_value_finds_one_band_and_scores_stay_on_their_scale(values: dict[str, Decimal | str]) -> None:
    card = score_card(MODEL, {key: Reading(value, SOURCE) for key, value in values.items()})
    assert 0 <= card.coverage <= 1
    assert card.score is None or 0 <= card.score <= 100
    assert all(0 <= one.points <= one.of for one in card.points)
    assert {one.indicator for one in card.points if one.value is not None} == set(values)


@given(st.sampled_from([one for one in MODEL.indicators if one.bands]), NUMBERS, NUMBERS)
def test_a_better_figure_never_earns_less(one: object, first: Decimal, second: Decimal) -> None:
    worse, better = sorted((first, second), reverse=one.direction == "lower")  # type: ignore[attr-defined]
    key = one.key  # type: ignore[attr-defined]
    points = [
        next(p.points for p in score_card(MODEL, {key: Reading(v, SOURCE)}).points if p.indicator == key)
        for v in (worse, better)
    ]
    assert points[0] <= points[1]
