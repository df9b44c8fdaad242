"""The ratios of the field: which lines stand above and below the line, in which unit, and which way is better."""

from collections.abc import Mapping
from dataclasses import dataclass

from credit_app.domain.sentences import N_, Sentence
from credit_app.domain.statement_lines import Terms

HIGHER, LOWER = "higher", "lower"
SHARE, TIMES, DAYS, MONEY = "share", "times", "days", "money"
GROUPS = ("structure", "liquidity", "cover", "profit", "activity", "growth", "amounts")


@dataclass(frozen=True, slots=True)
class Ratio:
    """`top` ÷ `bottom`, times 365 with `per_days`; without a bottom an amount.

    `top_flow`, `bottom_flow`: that side is a year's figure and is brought to twelve months while the other is
    not. `owed`: the bottom is what is owed, so that a bottom of zero means that the ratio does not apply.
    """

    key: str
    label: str
    group: str
    unit: str
    better: str
    top: Terms
    bottom: Terms = ()
    per_days: bool = False
    top_flow: bool = False
    bottom_flow: bool = False
    owed: bool = False

    @property
    def name(self) -> Sentence:
        """The ratio's name, to stand inside of another sentence."""
        return Sentence(f"ratios.name.{self.key}", self.label)


def _terms(*keys: str) -> Terms:
    return tuple((key.lstrip("-"), -1 if key.startswith("-") else 1) for key in keys)


_NET_WORTH = _terms("equity", "-intangible_assets")
_WORKING_CAPITAL = _terms("current_assets", "-current_liabilities")

RATIOS: tuple[Ratio, ...] = (
    Ratio(
        "leverage",
        N_("Leverage: liabilities ÷ assets"),
        "structure",
        SHARE,
        LOWER,
        _terms("total_liabilities"),
        _terms("total_assets"),
    ),
    Ratio(
        "equity_ratio",
        N_("Equity ratio: equity ÷ assets"),
        "structure",
        SHARE,
        HIGHER,
        _terms("equity"),
        _terms("total_assets"),
    ),
    Ratio(
        "debt_to_equity",
        N_("Liabilities ÷ equity"),
        "structure",
        TIMES,
        LOWER,
        _terms("total_liabilities"),
        _terms("equity"),
    ),
    Ratio(
        "current_ratio",
        N_("Current ratio: current assets ÷ current liabilities"),
        "liquidity",
        TIMES,
        HIGHER,
        _terms("current_assets"),
        _terms("current_liabilities"),
        owed=True,
    ),
    Ratio(
        "quick_ratio",
        N_("Quick ratio: current assets without inventory ÷ current liabilities"),
        "liquidity",
        TIMES,
        HIGHER,
        _terms("current_assets", "-inventory"),
        _terms("current_liabilities"),
        owed=True,
    ),
    Ratio(
        "cash_ratio",
        N_("Cash ratio: cash ÷ current liabilities"),
        "liquidity",
        TIMES,
        HIGHER,
        _terms("cash"),
        _terms("current_liabilities"),
        owed=True,
    ),
    Ratio(
        "interest_cover",
        N_("Interest cover: operating profit ÷ interest"),
        "cover",
        TIMES,
        HIGHER,
        _terms("operating_profit"),
        _terms("interest_expense"),
        owed=True,
    ),
    Ratio(
        "cash_flow_to_debt",
        N_("Cash flow to debt: (net profit + depreciation) ÷ liabilities"),
        "cover",
        SHARE,
        HIGHER,
        _terms("net_profit", "depreciation"),
        _terms("total_liabilities"),
        top_flow=True,
        owed=True,
    ),
    Ratio(
        "operating_cash_flow_to_debt",
        N_("Cash flow from operations ÷ current liabilities"),
        "cover",
        SHARE,
        HIGHER,
        _terms("operating_cash_flow"),
        _terms("current_liabilities"),
        top_flow=True,
        owed=True,
    ),
    Ratio(
        "gross_margin",
        N_("Gross margin: gross profit ÷ sales"),
        "profit",
        SHARE,
        HIGHER,
        _terms("sales", "-cost_of_sales"),
        _terms("sales"),
    ),
    Ratio(
        "operating_margin",
        N_("Operating margin: operating profit ÷ sales"),
        "profit",
        SHARE,
        HIGHER,
        _terms("operating_profit"),
        _terms("sales"),
    ),
    Ratio(
        "net_margin",
        N_("Net margin: net profit ÷ sales"),
        "profit",
        SHARE,
        HIGHER,
        _terms("net_profit"),
        _terms("sales"),
    ),
    Ratio(
        "return_on_assets",
        N_("Return on assets: net profit ÷ assets"),
        "profit",
        SHARE,
        HIGHER,
        _terms("net_profit"),
        _terms("total_assets"),
        top_flow=True,
    ),
    Ratio(
        "return_on_equity",
        N_("Return on equity: net profit ÷ equity"),
        "profit",
        SHARE,
        HIGHER,
        _terms("net_profit"),
        _terms("equity"),
        top_flow=True,
    ),
    Ratio(
        "asset_turnover",
        N_("Asset turnover: sales ÷ assets"),
        "activity",
        TIMES,
        HIGHER,
        _terms("sales"),
        _terms("total_assets"),
        top_flow=True,
    ),
    Ratio(
        "receivable_days",
        N_("Receivable days: trade receivables ÷ sales × 365"),
        "activity",
        DAYS,
        LOWER,
        _terms("receivables"),
        _terms("sales"),
        per_days=True,
        bottom_flow=True,
    ),
    Ratio(
        "inventory_days",
        N_("Inventory days: inventory ÷ cost of sales × 365"),
        "activity",
        DAYS,
        LOWER,
        _terms("inventory"),
        _terms("cost_of_sales"),
        per_days=True,
        bottom_flow=True,
    ),
    Ratio(
        "payable_days",
        N_("Payable days: trade payables ÷ cost of sales × 365"),
        "activity",
        DAYS,
        LOWER,
        _terms("payables"),
        _terms("cost_of_sales"),
        per_days=True,
        bottom_flow=True,
    ),
    Ratio(
        "tangible_net_worth",
        N_("Tangible net worth: equity less intangible assets"),
        "amounts",
        MONEY,
        HIGHER,
        _NET_WORTH,
    ),
    Ratio(
        "working_capital",
        N_("Working capital: current assets less current liabilities"),
        "amounts",
        MONEY,
        HIGHER,
        _WORKING_CAPITAL,
    ),
)
RATIO: Mapping[str, Ratio] = {ratio.key: ratio for ratio in RATIOS}

# Growth compares two years: this year's figure against that of the year before.
GROWTH: Mapping[str, tuple[str, str]] = {
    "sales_growth": ("sales", N_("Sales growth on the year before")),
    "asset_growth": ("total_assets", N_("Growth of assets on the year before")),
    "equity_growth": ("equity", N_("Growth of equity on the year before")),
}


def label_of(key: str) -> str:
    """The English label of a ratio or of a growth, to be translated by the layer above."""
    return RATIO[key].label if key in RATIO else GROWTH[key][1]


def name_of(key: str) -> Sentence:
    """The name of a ratio, to stand inside of another sentence."""
    return Sentence(f"ratios.name.{key}", label_of(key))


def unit_of(key: str) -> str:
    """share, times, days or money; growth is a share."""
    return RATIO[key].unit if key in RATIO else SHARE


def better_of(key: str) -> str:
    """higher or lower."""
    return RATIO[key].better if key in RATIO else HIGHER
