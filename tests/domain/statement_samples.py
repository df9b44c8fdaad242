"""Statements of an invented company that balance and follow one another, for the tests of the rules."""

from decimal import Decimal

from credit_app.domain.statement_lines import Statement

FIGURES: dict[int, dict[str, int]] = {
    2024: {
        "cash": 200, "receivables": 500, "inventory": 300, "other_current_assets": 0, "current_assets": 1000,
        "tangible_fixed_assets": 800, "intangible_assets": 100, "other_non_current_assets": 100,
        "non_current_assets": 1000, "total_assets": 2000, "payables": 300, "short_term_debt": 200,
        "other_current_liabilities": 0, "current_liabilities": 500, "long_term_debt": 400,
        "other_non_current_liabilities": 100, "non_current_liabilities": 500, "total_liabilities": 1000,
        "share_capital": 600, "retained_earnings": 400, "other_equity": 0, "equity": 1000, "sales": 3650,
        "cost_of_sales": 2920, "gross_profit": 730, "operating_expenses": 430, "operating_profit": 300,
        "interest_expense": 60, "other_result": 0, "profit_before_tax": 240, "tax": 40, "net_profit": 200,
        "depreciation": 100, "dividends": 50, "operating_cash_flow": 250, "investing_cash_flow": -150,
        "financing_cash_flow": -50, "change_in_cash": 50,
    },
    2025: {
        "cash": 260, "receivables": 540, "inventory": 320, "other_current_assets": 0, "current_assets": 1120,
        "tangible_fixed_assets": 820, "intangible_assets": 90, "other_non_current_assets": 100,
        "non_current_assets": 1010, "total_assets": 2130, "payables": 290, "short_term_debt": 170,
        "other_current_liabilities": 0, "current_liabilities": 460, "long_term_debt": 400,
        "other_non_current_liabilities": 100, "non_current_liabilities": 500, "total_liabilities": 960,
        "share_capital": 600, "retained_earnings": 570, "other_equity": 0, "equity": 1170, "sales": 4015,
        "cost_of_sales": 3150, "gross_profit": 865, "operating_expenses": 505, "operating_profit": 360,
        "interest_expense": 60, "other_result": 0, "profit_before_tax": 300, "tax": 60, "net_profit": 240,
        "depreciation": 100, "dividends": 70, "operating_cash_flow": 260, "investing_cash_flow": -110,
        "financing_cash_flow": -90, "change_in_cash": 60,
    },
}  # fmt: skip


def statement(year: int = 2024, /, **changed: int | str | None) -> Statement:
    """The year's statement with some lines changed, or left out (None); 2023 and 2026 copy their neighbour."""
    figures = {key: Decimal(value) for key, value in FIGURES[min(max(year, 2024), 2025)].items()}
    for key, value in changed.items():
        if value is None:
            figures.pop(key)
        else:
            figures[key] = Decimal(value)
    return Statement(year, figures, source=f"financial_statement {year}", audited=True)
