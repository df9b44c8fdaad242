"""Scorecard models: what makes one wrong, and which one rates whom."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.scorecard_models import DIMENSIONS, Segment
from credit_app.domain.scorecard_policy import Models
from tests.domain.policies import VALUES, changed

MODELS = Models.from_policy(VALUES)


def general() -> dict[str, Any]:
    """A copy of the shipped model for everybody else, to be spoilt."""
    return deepcopy(VALUES["rating.models"][-1])


def indicator(model: dict[str, Any], key: str) -> dict[str, Any]:
    return next(one for one in model["indicators"] if one["key"] == key)


def refusal(*models: dict[str, Any]) -> str:
    with pytest.raises(InvalidPolicy) as refused:
        Models.from_policy(changed(rating__models=list(models)))
    return str(refused.value)


def test_the_shipped_models_weigh_the_five_dimensions_and_the_judgement_to_a_hundred() -> None:
    for model in MODELS.models:
        assert sum(model.dimensions.values()) + model.judgement == 100
        assert sum(model.of(one) for one in model.indicators) == sum(model.dimensions.values())
    assert [int(MODELS.models[-1].dimensions[name]) for name in DIMENSIONS] == [15, 20, 25, 20, 10]


def test_new_customers_weigh_kind_and_operations_more_existing_ones_finances_and_repayment() -> None:
    new, existing = MODELS.choose(Segment(is_new=True)), MODELS.choose(Segment())
    for more in ("basic_quality", "operating_ability"):
        assert new.dimensions[more] > existing.dimensions[more]
    for less in ("financial_structure", "repayment_ability"):
        assert new.dimensions[less] < existing.dimensions[less]


@pytest.mark.parametrize(
    ("segment", "key"),
    [
        (Segment(), "general"),
        (Segment(industry="Machinery", region="North", size="large", enterprise_kind="listed"), "general"),
        (Segment(is_new=True), "new"),
        (Segment(industry=" Wholesale ", is_new=True), "new_trade"),
        (Segment(industry="retail"), "trade"),
        (Segment(size="micro"), "small"),
        (Segment(size="micro", industry="Retail"), "small"),  # it names two things, trade one
        (Segment(size="micro", is_new=True), "new"),
    ],
)
def test_the_model_that_says_most_about_a_customer_rates_it(segment: Segment, key: str) -> None:
    assert MODELS.choose(segment).key == key
    assert MODELS.choose(segment).identity == f"{key}@1"


@given(st.builds(Segment, *[st.none() | st.text(max_size=20)] * 4, is_new=st.booleans()))
def test_every_customer_finds_a_model(segment: Segment) -> None:
    assert MODELS.choose(segment).fits(segment)


def test_region_and_kind_of_enterprise_choose_too() -> None:
    special = general() | {"key": "north", "applies_to": {"region": ["North"], "enterprise_kind": "listed"}}
    models = Models.from_policy(changed(rating__models=[special, general()]))
    assert models.choose(Segment(region="north", enterprise_kind="listed")).key == "north"
    assert models.choose(Segment(region="north", enterprise_kind="private")).key == "general"


def test_weights_of_dimensions_that_do_not_add_up_are_refused_with_model_and_sum() -> None:
    model = general()
    model["dimensions"]["prospects"] = "11"
    assert refusal(model) == (
        "The policy figure “rating.models” is wrong in model “general”: the weights of the dimensions and the"
        " judgement make 101, not 100."
    )


def test_weights_of_indicators_that_do_not_add_up_are_refused_with_the_dimension() -> None:
    model = general()
    indicator(model, "leverage")["weight"] = "19"
    assert "“Financial structure”: the weights of its indicators make 99, not 100" in refusal(model)


def test_a_gap_between_bands_is_refused_with_its_place() -> None:
    model = general()
    indicator(model, "current_ratio")["bands"][2][0] = "1.1"
    text = refusal(model)
    assert "“Current ratio: current assets ÷ current liabilities”: there is no band from 1.0 to 1.1" in text


@pytest.mark.parametrize(("row", "bound", "said"), [(0, 0, "from … to 0.5"), (-1, 1, "from 3 to …")])
def test_bands_that_leave_an_end_open_are_refused(row: int, bound: int, said: str) -> None:
    model = general()
    indicator(model, "current_ratio")["bands"][row][bound] = "0.5" if bound == 0 else "3"
    assert f"there is no band {said}" in refusal(model)


def test_bands_that_overlap_are_refused_with_their_place() -> None:
    model = general()
    indicator(model, "quick_ratio")["bands"][1][1] = "0.7"
    assert "two bands hold what is from 0.6 to 0.7" in refusal(model)


def test_a_band_that_holds_nothing_is_refused() -> None:
    model = general()
    bands = indicator(model, "quick_ratio")["bands"]
    bands.insert(1, ["0.4", "0.4", "0.1"])
    assert "the band from 0.4 to 0.4 holds nothing" in refusal(model)


def test_a_level_without_a_score_is_refused_by_name() -> None:
    model = general()
    judged = indicator(model, "management")
    judged["levels"] = {level: share for level, share in judged["levels"].items() if level != "weak"}
    assert "“Management”: no score for the levels weak" in refusal(model)


@pytest.mark.parametrize(
    ("key", "change", "said"),
    [
        ("leverage", {"direction": "higher"}, "do not follow its direction"),
        ("leverage", {"direction": "sideways"}, "do not follow its direction"),
        ("leverage", {"kind": "guessed"}, "kind, dimension or direction is unknown"),
        ("leverage", {"dimension": "charm"}, "kind, dimension or direction is unknown"),
        ("leverage", {"key": "charm"}, "there is no indicator “charm”"),
        ("leverage", {"key": "equity_ratio"}, "“equity_ratio” is there twice"),
        ("leverage", {"weight": "0"}, "weight is not above zero"),
        ("leverage", {"bands": []}, "no bands"),
        ("leverage", {"bands": [[None, "1"]]}, "no bands"),
        ("leverage", {"bands": [[None, None, "1.5"]]}, "the share 1.5 is not from 0 to 1"),
        ("management", {"levels": {}}, "no score for the levels excellent, good, fair, weak, poor"),
        ("management", {"direction": "higher"}, "kind, dimension or direction is unknown"),
        (
            "management",
            {"levels": {"excellent": "0", "good": "1", "fair": "0", "weak": "0", "poor": "0"}},
            "do not follow its direction",
        ),
    ],
)
def test_a_malformed_indicator_is_refused_with_its_place(key: str, change: dict[str, Any], said: str) -> None:
    model = general()
    indicator(model, key).update(change)
    text = refusal(model)
    assert said in text
    assert "in model “general”" in text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"applies_to": {"colour": ["red"]}}, "“colour” is no list for one of industry, region"),
        ({"applies_to": {"region": []}}, "“region” is no list"),
        ({"dimensions": {"basic_quality": "90"}}, "it needs a weight for each of basic_quality"),
        ({"altman": "z9"}, "there is no Altman score “z9”"),
        ({"indicators": []}, "it has no indicators"),
        ({"key": "no key!"}, "is no model with a key"),
        ({"version": "1"}, "no whole number"),
        ({"judgement": 1.5}, "no exact number"),
    ],
)
def test_a_malformed_model_is_refused_with_its_place(change: dict[str, Any], said: str) -> None:
    assert said in refusal(general() | change, general() | {"key": "other"})


def test_there_must_be_one_model_for_everybody_else_and_none_twice() -> None:
    special = general() | {"key": "north", "applies_to": {"region": ["North"]}}
    assert "the last model has to be one without conditions" in refusal(special)
    assert "the last model has to be one without conditions" in refusal(general(), special)
    assert "the model “general” is there twice" in refusal(general(), general())
