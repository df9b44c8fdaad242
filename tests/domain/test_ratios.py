"""Ratios of financial statements, and Altman's scores."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_app.domain.altman import AltmanPolicy, altman, every_variant
from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.ratio_table import GROWTH, RATIO, RATIOS, label_of
from credit_app.domain.ratios import Figure, figure_of, figures, trend
from credit_app.domain.statement_lines import LINE
from tests.domain.policies import VALUES, changed
from tests.domain.statement_samples import statement

ALTMAN = AltmanPolicy.from_policy(VALUES)
YEAR = statement(2024)

EXPECTED = {
    "leverage": "0.5",
    "equity_ratio": "0.5",
    "debt_to_equity": "1",
    "current_ratio": "2",
    "quick_ratio": "1.4",
    "cash_ratio": "0.4",
    "interest_cover": "5",
    "cash_flow_to_debt": "0.3",
    "operating_cash_flow_to_debt": "0.5",
    "gross_margin": "0.2",
    "operating_margin": "0.0822",
    "net_margin": "0.0548",
    "return_on_assets": "0.1",
    "return_on_equity": "0.2",
    "asset_turnover": "1.825",
    "receivable_days": "50",
    "inventory_days": "37.5",
    "payable_days": "37.5",
    "tangible_net_worth": "900",
    "working_capital": "500",
}


def test_every_ratio_of_the_field_has_its_value() -> None:
    assert {ratio.key: figure_of(ratio.key, YEAR).value for ratio in RATIOS} == {
        key: Decimal(value) for key, value in EXPECTED.items()
    }


def test_growth_compares_with_the_year_before() -> None:
    grown = figures([statement(2025), YEAR])
    assert [figure.value for figure in grown["sales_growth"]] == [None, Decimal("0.1")]
    assert grown["asset_growth"][1].value == Decimal("0.065")
    assert grown["equity_growth"][1].value == Decimal("0.17")
    missing = grown["sales_growth"][0].missing
    assert missing is not None
    assert missing.text.endswith("has no value: the statement of 2023 is missing.")


@pytest.mark.parametrize("key", [ratio.key for ratio in RATIOS if ratio.bottom])
def test_a_denominator_of_zero_or_below_is_one_clear_sentence_and_never_a_number(key: str) -> None:
    line = RATIO[key].bottom[0][0]
    for amount in (0, -5):
        figure = figure_of(key, replace(YEAR, figures={**YEAR.figures, line: Decimal(amount)}))
        assert figure.value is None
        assert figure.missing is not None
        assert LINE[line].label in figure.missing.text
        assert "2024" in figure.missing.text
        assert figure.missing.text.count(".") >= 1
        assert figure.applies == (not (amount == 0 and RATIO[key].owed))


def test_interest_cover_of_a_company_without_interest_does_not_apply() -> None:
    figure = figure_of("interest_cover", statement(2024, interest_expense=0))
    assert not figure.applies
    assert figure.missing is not None
    assert "does not apply" in figure.missing.text


@pytest.mark.parametrize("amount", [0, -100])
def test_growth_from_nothing_or_from_less_than_nothing_has_no_value(amount: int) -> None:
    before = statement(2024, equity=amount)
    figure = figure_of("equity_growth", statement(2025), before)
    assert figure.value is None
    assert figure.missing is not None
    assert "of 2024 is" in figure.missing.text


@pytest.mark.parametrize("key", [*RATIO, *GROWTH])
def test_a_missing_line_is_named(key: str) -> None:
    line = RATIO[key].top[0][0] if key in RATIO else GROWTH[key][0]
    figure = figure_of(key, statement(2025, **{line: None}), YEAR)
    assert figure.value is None
    assert figure.missing is not None
    assert f"“{LINE[line].label}” of 2025 is missing" in figure.missing.text
    assert label_of(key) in figure.missing.text


def test_a_short_year_is_brought_to_twelve_months() -> None:
    half = replace(YEAR, months=6)
    assert figure_of("receivable_days", half).value == Decimal(25)
    assert figure_of("return_on_assets", half).value == Decimal("0.2")
    assert figure_of("net_margin", half).value == figure_of("net_margin", YEAR).value
    assert figure_of("current_ratio", half).value == Decimal(2)
    assert figure_of("sales_growth", replace(statement(2025), months=6), YEAR).value == Decimal("1.2")


def test_a_trend_tells_the_change_a_year_and_whether_it_is_better() -> None:
    found = figures([YEAR, statement(2025)])
    fell = trend(found["leverage"])
    assert fell is not None
    assert (fell.change, fell.better) == (Decimal("-0.0493"), True)
    assert trend(found["sales_growth"]) is None
    steady = trend([Figure("equity_ratio", year, Decimal("0.4")) for year in (2020, 2022)])
    assert steady is not None
    assert (steady.change, steady.better, steady.years) == (0, None, 2)


@given(st.dictionaries(st.sampled_from(list(LINE)), st.decimals(-(10**12), 10**12, places=2)))
def test_any_statement_gives_each_ratio_either_a_value_or_a_reason(lines: dict[str, Decimal]) -> None:
    for key, row in figures([replace(YEAR, figures=lines), statement(2025)]).items():
        for figure in row:
            assert (figure.value is None) == (figure.missing is not None), key


def test_altman_scores_and_zones_follow_the_published_weights() -> None:
    z, private, others = every_variant(YEAR, ALTMAN, market_value=Decimal(1500))
    # X1 .25, X2 .2, X3 .15, X4 1 (1.5 by market value), X5 1.825
    assert (z.score, z.zone) == (Decimal("3.80"), "safe")
    assert (private.score, private.zone) == (Decimal("3.06"), "safe")
    assert (others.score, others.zone) == (Decimal("4.35"), "safe")
    assert others.terms == {"x1": Decimal("0.25"), "x2": Decimal("0.2"), "x3": Decimal("0.15"), "x4": 1}


@pytest.mark.parametrize(
    ("variant", "score", "zone"),
    [
        ("z", "3.00", "safe"),
        ("z", "2.99", "grey"),
        ("z", "1.81", "grey"),
        ("z", "1.80", "distress"),
        ("z_private", "2.91", "safe"),
        ("z_private", "2.90", "grey"),
        ("z_private", "1.23", "grey"),
        ("z_private", "1.22", "distress"),
        ("z_others", "2.61", "safe"),
        ("z_others", "2.60", "grey"),
        ("z_others", "1.10", "grey"),
        ("z_others", "1.09", "distress"),
    ],
)
def test_zones_begin_beyond_their_bounds(variant: str, score: str, zone: str) -> None:
    assert ALTMAN.variants[variant].zone(Decimal(score)) == zone


def test_altman_without_a_figure_says_which_one_is_missing() -> None:
    assert _why(altman("z_others", statement(2024, retained_earnings=None), ALTMAN)) == (
        "No score: “Retained earnings” of 2024 is missing."
    )
    assert "market value" in _why(altman("z", YEAR, ALTMAN))
    assert _why(altman("z_private", statement(2024, total_liabilities=0), ALTMAN)) == (
        "No score: “Total liabilities” of 2024 is not above zero."
    )


def _why(found: object) -> str:
    missing = found.missing  # type: ignore[attr-defined]
    assert missing is not None
    assert found.score is None  # type: ignore[attr-defined]
    return str(missing.text)


@pytest.mark.parametrize(
    "figure",
    [
        {"z": {"terms": {"x1": "1"}, "safe_above": "2", "distress_below": "1"}},
        {
            name: {"terms": {"x9": "1"}, "safe_above": "2", "distress_below": "1"}
            for name in ("z", "z_private", "z_others")
        },
        {
            name: {"terms": {"x1": "1"}, "safe_above": "1", "distress_below": "1"}
            for name in ("z", "z_private", "z_others")
        },
        {"z": "1", "z_private": "1", "z_others": "1"},
    ],
)
def test_a_malformed_altman_policy_is_refused(figure: dict[str, object]) -> None:
    with pytest.raises(InvalidPolicy, match="altman"):
        AltmanPolicy.from_policy(changed(rating__altman=figure))
