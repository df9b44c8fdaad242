"""Plausibility of financial statements."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credit_app.domain.errors import InvalidPolicy
from credit_app.domain.statement_lines import LINE, LINES, PARTS, SUMS, read_figures
from credit_app.domain.statements import StatementPolicy, is_wrong, missing_years, remarks
from tests.domain.policies import VALUES, changed
from tests.domain.statement_samples import statement

POLICY = StatementPolicy.from_policy(VALUES)
THREE = (statement(2024), statement(2025))


def found(*statements: object) -> list[tuple[int, str | None, str]]:
    return [
        (one.year, one.line, one.sentence.code.removeprefix("statements."))
        for one in remarks(statements, POLICY)  # type: ignore[arg-type]
    ]


def test_statements_that_balance_and_follow_raise_no_remark_but_for_the_year_nobody_handed_in() -> None:
    assert found(*THREE) == [(2023, None, "missing_year")]


def test_a_balance_sheet_that_does_not_balance_is_told_with_its_year_and_its_difference() -> None:
    wrong = statement(2024, equity=900, share_capital=500)
    (remark,) = (one for one in remarks([wrong], POLICY) if one.severity == "wrong")
    assert (remark.year, remark.line) == (2024, "total_assets")
    assert remark.sentence.text == (
        "2024: the balance sheet does not balance: assets 2,000.00, liabilities and equity 1,900.00,"
        " difference 100.00."
    )


def test_rounded_statements_may_be_off_by_the_tolerance_of_policy_and_no_more() -> None:
    assert (2024, "total_assets", "unbalanced") not in found(statement(2024, equity=1010, share_capital=610))
    assert (2024, "total_assets", "unbalanced") in found(statement(2024, equity=1011, share_capital=611))


@pytest.mark.parametrize("line", [line.key for line in LINES if line.needed])
def test_each_needed_line_that_is_missing_is_named_with_its_year(line: str) -> None:
    assert (2024, line, "missing") in found(statement(2024, **{line: None}))
    text = next(one.sentence.text for one in remarks([statement(2024, **{line: None})], POLICY))
    assert text.startswith("2024")
    assert LINE[line].label in text


@pytest.mark.parametrize("line", [line.key for line in LINES if not line.needed])
def test_lines_that_are_not_needed_may_be_missing(line: str) -> None:
    assert not is_wrong(remarks([statement(2024, **{line: None})], POLICY))


@pytest.mark.parametrize("line", [line.key for line in LINES])
def test_only_results_and_equity_may_be_below_zero(line: str) -> None:
    assert ((2024, line, "negative") in found(statement(2024, **{line: -1}))) == (not LINE[line].signed)


@pytest.mark.parametrize("total", list(SUMS))
def test_each_total_is_its_parts(total: str) -> None:
    assert (2024, total, "not_its_parts") in found(statement(2024, **{total: 7000}))


def test_a_total_below_the_parts_that_are_given_is_wrong_even_when_others_are_missing() -> None:
    wrong = statement(2024, other_current_assets=None, inventory=900)
    assert (2024, "current_assets", "below_its_parts") in found(wrong)
    assert (2024, "current_assets", "below_its_parts") not in found(
        statement(2024, other_current_assets=None)
    )


def test_retained_earnings_move_by_net_profit_less_dividends() -> None:
    assert (2025, "retained_earnings", "retained") in found(statement(2024), statement(2025, dividends=0))


def test_cash_moves_by_the_cash_flow() -> None:
    moved = statement(2025, change_in_cash=200, operating_cash_flow=400)
    assert (2025, "cash", "cash_moved") in found(statement(2024), moved)


def test_years_that_do_not_follow_are_not_held_against_one_another() -> None:
    codes = [code for _, _, code in found(statement(2022), statement(2025, dividends=0))]
    assert codes == ["missing_year", "missing_year"]


def test_missing_years_are_shown_as_missing_within_the_span_and_between_those_handed_in() -> None:
    assert [one.year for one in missing_years([statement(2025)], POLICY)] == [2023, 2024]
    assert [one.year for one in missing_years([statement(2020), statement(2025)], POLICY)] == [
        2021,
        2022,
        2023,
        2024,
    ]
    assert missing_years([], POLICY) == ()


def test_sales_that_jump_are_asked_about_and_are_not_wrong() -> None:
    jumped = [statement(2024, sales=800, cost_of_sales=70), statement(2025)]
    assert (2025, "sales", "sales_jump") in found(*jumped)
    assert not is_wrong(remarks(jumped, POLICY))


def test_no_assets_no_sales_and_negative_equity_are_each_told() -> None:
    assert (2024, "total_assets", "no_assets") in found(statement(2024, total_assets=0))
    assert (2024, "sales", "no_sales") in found(statement(2024, sales=0))
    assert (2024, "equity", "negative_equity") in found(statement(2024, equity=-5))


def test_stored_figures_are_read_exactly_and_what_is_no_amount_is_left_out() -> None:
    stored = {"cash": "10.10", "sales": 5, "equity": "-3", "tax": "NaN", "dividends": "x", "inventory": 0.1}
    assert read_figures({**stored, "unknown": "1", "payables": ""}) == {
        "cash": Decimal("10.10"),
        "equity": Decimal(-3),
        "sales": Decimal(5),
    }


def test_every_line_belongs_to_a_part_and_every_sum_is_made_of_lines() -> None:
    assert {line.part for line in LINES} == set(PARTS)
    assert {key for terms in SUMS.values() for key, _ in terms} | set(SUMS) <= set(LINE)
    assert len(LINE) == len(LINES)


@given(st.dictionaries(st.sampled_from(list(LINE)), st.decimals(-(10**12), 10**12, places=2)))
def test_any_figures_at_all_get_remarks_that_can_be_read(figures: dict[str, Decimal]) -> None:
    for year in (2024, 2025):
        changed_lines = {key: str(value) for key, value in figures.items()}
        for remark in remarks([statement(2024), statement(year, **changed_lines)], POLICY):
            assert "%(" not in remark.sentence.text


@pytest.mark.parametrize(
    "figures", [{"statements__tolerance": "1"}, {"statements__jump": "1"}, {"statements__years": "3"}]
)
def test_a_malformed_policy_is_named(figures: dict[str, object]) -> None:
    with pytest.raises(InvalidPolicy, match="statements"):
        StatementPolicy.from_policy(changed(**figures))
