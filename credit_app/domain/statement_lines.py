"""The lines of a financial statement: balance sheet, income statement and cash flow, with what adds up to what."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from credit_app.domain.sentences import N_, Sentence

BALANCE_SHEET, INCOME, CASH_FLOW = "balance_sheet", "income", "cash_flow"


@dataclass(frozen=True, slots=True)
class Line:
    """One line: `needed` ones have to be there, `signed` ones may be below zero; costs are written positive."""

    key: str
    part: str
    label: str
    needed: bool = False
    signed: bool = False

    @property
    def name(self) -> Sentence:
        """The line's name, to stand inside of another sentence."""
        return Sentence(f"statements.line.{self.key}", self.label)


LINES: tuple[Line, ...] = (
    Line("cash", BALANCE_SHEET, N_("Cash and equivalents"), needed=True),
    Line("receivables", BALANCE_SHEET, N_("Trade receivables"), needed=True),
    Line("inventory", BALANCE_SHEET, N_("Inventory"), needed=True),
    Line("other_current_assets", BALANCE_SHEET, N_("Other current assets")),
    Line("current_assets", BALANCE_SHEET, N_("Total current assets"), needed=True),
    Line("tangible_fixed_assets", BALANCE_SHEET, N_("Tangible fixed assets")),
    Line("intangible_assets", BALANCE_SHEET, N_("Intangible assets and goodwill")),
    Line("other_non_current_assets", BALANCE_SHEET, N_("Other non-current assets")),
    Line("non_current_assets", BALANCE_SHEET, N_("Total non-current assets")),
    Line("total_assets", BALANCE_SHEET, N_("Total assets"), needed=True),
    Line("payables", BALANCE_SHEET, N_("Trade payables")),
    Line("short_term_debt", BALANCE_SHEET, N_("Short-term financial debt")),
    Line("other_current_liabilities", BALANCE_SHEET, N_("Other current liabilities")),
    Line("current_liabilities", BALANCE_SHEET, N_("Total current liabilities"), needed=True),
    Line("long_term_debt", BALANCE_SHEET, N_("Long-term financial debt")),
    Line("other_non_current_liabilities", BALANCE_SHEET, N_("Other non-current liabilities")),
    Line("non_current_liabilities", BALANCE_SHEET, N_("Total non-current liabilities")),
    Line("total_liabilities", BALANCE_SHEET, N_("Total liabilities"), needed=True),
    Line("share_capital", BALANCE_SHEET, N_("Share capital")),
    Line("retained_earnings", BALANCE_SHEET, N_("Retained earnings"), signed=True),
    Line("other_equity", BALANCE_SHEET, N_("Other equity"), signed=True),
    Line("equity", BALANCE_SHEET, N_("Total equity"), needed=True, signed=True),
    Line("sales", INCOME, N_("Sales"), needed=True),
    Line("cost_of_sales", INCOME, N_("Cost of sales")),
    Line("gross_profit", INCOME, N_("Gross profit"), signed=True),
    Line("operating_expenses", INCOME, N_("Operating expenses less other operating income"), signed=True),
    Line("operating_profit", INCOME, N_("Operating profit (EBIT)"), needed=True, signed=True),
    Line("interest_expense", INCOME, N_("Interest expense"), needed=True),
    Line("other_result", INCOME, N_("Other financial and extraordinary result"), signed=True),
    Line("profit_before_tax", INCOME, N_("Profit before tax"), signed=True),
    Line("tax", INCOME, N_("Income tax"), signed=True),
    Line("net_profit", INCOME, N_("Net profit"), needed=True, signed=True),
    Line("depreciation", INCOME, N_("Depreciation and amortisation, part of the costs above")),
    Line("dividends", INCOME, N_("Dividends paid or declared")),
    Line("operating_cash_flow", CASH_FLOW, N_("Cash flow from operations"), signed=True),
    Line("investing_cash_flow", CASH_FLOW, N_("Cash flow from investing"), signed=True),
    Line("financing_cash_flow", CASH_FLOW, N_("Cash flow from financing"), signed=True),
    Line("change_in_cash", CASH_FLOW, N_("Change in cash"), signed=True),
)
LINE: Mapping[str, Line] = {line.key: line for line in LINES}
PARTS: Mapping[str, str] = {
    BALANCE_SHEET: N_("Balance sheet"),
    INCOME: N_("Income statement"),
    CASH_FLOW: N_("Cash flow statement"),
}

Terms = tuple[tuple[str, int], ...]
"""Lines with their sign, +1 or -1, that add up to a figure."""

SUMS: Mapping[str, Terms] = {
    "current_assets": (("cash", 1), ("receivables", 1), ("inventory", 1), ("other_current_assets", 1)),
    "non_current_assets": (
        ("tangible_fixed_assets", 1),
        ("intangible_assets", 1),
        ("other_non_current_assets", 1),
    ),
    "total_assets": (("current_assets", 1), ("non_current_assets", 1)),
    "current_liabilities": (("payables", 1), ("short_term_debt", 1), ("other_current_liabilities", 1)),
    "non_current_liabilities": (("long_term_debt", 1), ("other_non_current_liabilities", 1)),
    "total_liabilities": (("current_liabilities", 1), ("non_current_liabilities", 1)),
    "equity": (("share_capital", 1), ("retained_earnings", 1), ("other_equity", 1)),
    "gross_profit": (("sales", 1), ("cost_of_sales", -1)),
    "operating_profit": (("gross_profit", 1), ("operating_expenses", -1)),
    "profit_before_tax": (("operating_profit", 1), ("interest_expense", -1), ("other_result", 1)),
    "net_profit": (("profit_before_tax", 1), ("tax", -1)),
    "change_in_cash": (("operating_cash_flow", 1), ("investing_cash_flow", 1), ("financing_cash_flow", 1)),
}


@dataclass(frozen=True, slots=True)
class Statement:
    """One year's figures, line -> amount, all in one currency and unit; `source` names the row they are from."""

    year: int
    figures: Mapping[str, Decimal]
    source: str = ""
    months: int = 12
    audited: bool = False

    def total(self, *terms: tuple[str, int]) -> Decimal | None:
        """The sum of lines with their signs; None when one of them is missing."""
        amounts = [self.figures.get(key) for key, _ in terms]
        known = [amount for amount in amounts if amount is not None]
        if len(known) < len(terms):
            return None
        return sum((amount * sign for amount, (_, sign) in zip(known, terms, strict=True)), Decimal(0))

    def lacking(self, *terms: tuple[str, int]) -> str | None:
        """The first of these lines that is missing."""
        return next((key for key, _ in terms if key not in self.figures), None)


def read_figures(stored: Mapping[str, Any]) -> dict[str, Decimal]:
    """Line -> amount out of stored JSON (amounts as text); unknown lines and what is no number are left out."""
    found: dict[str, Decimal] = {}
    for key in LINE:
        value = stored.get(key)
        if value is None or value == "" or isinstance(value, bool | float):
            continue
        try:
            amount = Decimal(str(value))
        except InvalidOperation:
            continue
        if amount.is_finite():
            found[key] = amount
    return found
