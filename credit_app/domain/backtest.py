"""Tries the shipped scorecard on companies whose fate is known: who would have had which grade, and who failed.

The set is that of Zięba, Tomczak, Tomczak (2016), UCI Machine Learning Repository: 64 ratios of Polish companies
and whether they failed. Only the part of the model that reads one year's statements can be tried on it. Three of ten
rows are held out by the hash of their text: weights were set on the others, and figures are given for these only.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, DivisionByZero, InvalidOperation
from itertools import pairwise

from credit_app.domain.altman import Weights
from credit_app.domain.discrimination import Auc, auc, difference
from credit_app.domain.errors import DomainError
from credit_app.domain.grades import NO_CREDIT, GradePolicy
from credit_app.domain.scorecard import Reading, score_card
from credit_app.domain.scorecard_models import ScorecardModel
from credit_app.domain.sentences import N_, Sentence

Ratios = Mapping[str, Decimal]

# Indicator -> what it is in the set: our own definition, put together from the set's ratios where it has another.
#   X1 net profit / assets · X2 liabilities / assets · X4 current ratio · X7 EBIT / assets · X9 sales / assets
#   X10 equity / assets · X21 sales / sales of the year before · X22 profit on operating activities / assets
#   X23 net profit / sales · X26 (net profit + depreciation) / liabilities
#   X27 profit on operating activities / financial expenses · X40 cash and securities / short-term liabilities
#   X44 receivables × 365 / sales · X46 quick ratio · X47 inventory × 365 / cost of products sold
#   X56 (sales - cost of products sold) / sales
# Payable days are left out: the set has all short-term liabilities in their place. So are what is not financial and
# the trends, for a row is one year.
INDICATORS: Mapping[str, Callable[[Ratios], Decimal]] = {
    "leverage": lambda x: x["Attr2"],
    "equity_ratio": lambda x: x["Attr10"],
    "current_ratio": lambda x: x["Attr4"],
    "quick_ratio": lambda x: x["Attr46"],
    "cash_ratio": lambda x: x["Attr40"],
    # EBIT / assets over financial expenses / assets; nothing where X22 or X27 is 0, which the set writes for unknown
    "interest_cover": lambda x: x["Attr7"] / (x["Attr22"] / x["Attr27"]),
    "cash_flow_to_debt": lambda x: x["Attr26"],
    "gross_margin": lambda x: x["Attr56"],
    "operating_margin": lambda x: x["Attr7"] / x["Attr9"],
    "net_margin": lambda x: x["Attr23"],
    "return_on_assets": lambda x: x["Attr1"],
    "receivable_days": lambda x: x["Attr44"],
    "inventory_days": lambda x: x["Attr47"],
    "sales_growth": lambda x: x["Attr21"] - 1,
}
ALTMAN_COLUMNS: Mapping[str, str] = {"x1": "Attr3", "x2": "Attr6", "x3": "Attr7", "x4": "Attr8"}
HELD_OUT_PERCENT = 30


class UnreadableSet(DomainError):
    """The file is not the set that it should be."""

    code = "backtest.unreadable"
    template = N_("Line %(line)s cannot be read: %(problem)s.")


@dataclass(frozen=True, slots=True)
class Company:
    """One row: its ratios by attribute (those that are missing are not there) and whether it failed."""

    ratios: Mapping[str, Decimal]
    failed: bool
    held_out: bool


@dataclass(frozen=True, slots=True)
class GradeLine:
    """How many companies had this grade (or risk class, or zone), and how many of them failed."""

    grade: str
    companies: int
    failures: int

    @property
    def rate(self) -> float:
        """Share that failed."""
        return self.failures / self.companies if self.companies else 0.0


@dataclass(frozen=True, slots=True)
class Scored:
    """How one score did: its area, and failures by grade and by risk class, the best first."""

    area: Auc
    by_grade: tuple[GradeLine, ...]
    by_risk: tuple[GradeLine, ...]


@dataclass(frozen=True, slots=True)
class Backtest:
    """Both scores on the same rows; `without` rows had no Z″ or no score and are left out of both."""

    companies: int
    failures: int
    without: int
    scorecard: Scored
    altman: Auc
    altman_zones: tuple[GradeLine, ...]
    apart: tuple[float, float, float]


def read_companies(lines: Iterable[str]) -> Iterator[Company]:
    """The rows of an ARFF file; raises UnreadableSet naming the line.

    A row is held out by the hash of its text, so that rows that are there twice stay on one side.
    """
    names: list[str] = []
    in_data = False
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if not text or text.startswith("%"):
            continue
        if not in_data:
            if text.lower().startswith("@attribute"):
                names.append(text.split()[1].strip("'\""))
            in_data = text.lower() == "@data"
            continue
        cells = [cell.strip() for cell in text.split(",")]
        if len(cells) != len(names):
            raise UnreadableSet(line=number, problem=f"{len(cells)} values for {len(names)} attributes")
        yield _company(dict(zip(names, cells, strict=True)), text, number)
    if not in_data:
        raise UnreadableSet(line=1, problem="there is no @data")


def _company(cells: Mapping[str, str], text: str, number: int) -> Company:
    if cells.get("class") not in ("0", "1"):
        raise UnreadableSet(line=number, problem="the class is neither 0 nor 1")
    try:
        ratios = {name: Decimal(cell) for name, cell in cells.items() if cell != "?" and name != "class"}
    except InvalidOperation:
        raise UnreadableSet(line=number, problem="a value is no number") from None
    digest = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")
    return Company(ratios, cells["class"] == "1", digest % 100 < HELD_OUT_PERCENT)


def score_of(company: Company, model: ScorecardModel) -> Decimal | None:
    """The score that the model gives to a company of which nothing but these ratios is known."""
    readings = {}
    for indicator, formula in INDICATORS.items():
        try:
            readings[indicator] = Reading(formula(company.ratios), _FROM_SET)
        except (KeyError, DivisionByZero, InvalidOperation):
            continue  # a ratio is missing, or divides by zero
    return score_card(model, readings).score


def altman_of(company: Company, weights: Weights) -> Decimal | None:
    """Altman's Z″; None when a term is missing."""
    terms = {
        name: company.ratios[column] for name, column in ALTMAN_COLUMNS.items() if column in company.ratios
    }
    return weights.score(terms) if len(terms) == len(ALTMAN_COLUMNS) else None


def backtest(
    companies: Sequence[Company], model: ScorecardModel, weights: Weights, grades: GradePolicy
) -> Backtest:
    """Both scores on every company that has both. Raises ValueError when fewer than two failed or survived."""
    rows = [(company, score_of(company, model), altman_of(company, weights)) for company in companies]
    both = [(company, s, z) for company, s, z in rows if s is not None and z is not None]
    failed = [company.failed for company, _, _ in both]
    scorecard = auc([float(score) for _, score, _ in both], failed)
    altman = auc([float(z) for _, _, z in both], failed)
    graded = [grades.grade_of(score) for _, score, _ in both]
    by_grade = _lines([grade for grade in grades.grades if grade != NO_CREDIT], graded, failed)
    risks = list(dict.fromkeys(band.risk for band in grades.bands))
    return Backtest(
        companies=len(companies),
        failures=sum(company.failed for company in companies),
        without=len(companies) - len(both),
        scorecard=Scored(
            scorecard,
            by_grade,
            _lines(risks, [grades.risk_of(grade) for grade in graded], failed),
        ),
        altman=altman,
        altman_zones=_lines(["safe", "grey", "distress"], [weights.zone(z) for _, _, z in both], failed),
        apart=difference(scorecard, altman),
    )


def is_monotone(lines: Sequence[GradeLine]) -> bool:
    """Does the share of failures never fall from a better grade to a worse one? Empty grades do not count."""
    rates = [line.rate for line in lines if line.companies]
    return all(better <= worse for better, worse in pairwise(rates))


def _lines(names: Sequence[str], given: Sequence[str], failed: Sequence[bool]) -> tuple[GradeLine, ...]:
    return tuple(
        GradeLine(
            name,
            sum(one == name for one in given),
            sum(one == name and bad for one, bad in zip(given, failed, strict=True)),
        )
        for name in names
    )


_FROM_SET = Sentence("backtest.set", N_("ratio of the set"))
