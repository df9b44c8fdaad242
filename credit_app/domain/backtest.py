"""Tries the shipped scorecard on companies whose fate is known: who would have had which grade, and who failed.

The set is that of Zięba, Tomczak, Tomczak (2016), UCI Machine Learning Repository: 64 ratios of Polish companies
and whether they failed. Only the part of the model that reads statements can be tried on it. Nothing is fitted: the
held-out rows are stated so that whoever fits something later does it on the others.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import pairwise

from credit_app.domain.altman import Weights
from credit_app.domain.discrimination import Auc, auc, difference
from credit_app.domain.errors import DomainError
from credit_app.domain.grades import NO_CREDIT, GradePolicy
from credit_app.domain.scorecard import Reading, score_card
from credit_app.domain.scorecard_models import ScorecardModel
from credit_app.domain.sentences import N_, Sentence

# Indicator -> attribute of the set and what is added to it. Payable days are left out: the set has only all
# short-term liabilities in their place; gross margin is the set's profit on sales.
RATIO_COLUMNS: Mapping[str, tuple[str, Decimal]] = {
    "leverage": ("Attr2", Decimal(0)),  # total liabilities / total assets
    "equity_ratio": ("Attr10", Decimal(0)),  # equity / total assets
    "current_ratio": ("Attr4", Decimal(0)),  # current assets / short-term liabilities
    "quick_ratio": ("Attr46", Decimal(0)),  # (current assets - inventory) / short-term liabilities
    "cash_ratio": (
        "Attr40",
        Decimal(0),
    ),  # (current assets - inventory - receivables) / short-term liabilities
    "interest_cover": ("Attr27", Decimal(0)),  # profit on operating activities / financial expenses
    "cash_flow_to_debt": ("Attr26", Decimal(0)),  # (net profit + depreciation) / total liabilities
    "gross_margin": ("Attr56", Decimal(0)),  # (sales - cost of products sold) / sales
    "operating_margin": ("Attr42", Decimal(0)),  # profit on operating activities / sales
    "net_margin": ("Attr23", Decimal(0)),  # net profit / sales
    "return_on_assets": ("Attr1", Decimal(0)),  # net profit / total assets
    "receivable_days": ("Attr44", Decimal(0)),  # receivables * 365 / sales
    "inventory_days": ("Attr47", Decimal(0)),  # inventory * 365 / cost of products sold
    "sales_growth": ("Attr21", Decimal(-1)),  # sales (n) / sales (n - 1)
}
ALTMAN_COLUMNS: Mapping[str, str] = {"x1": "Attr3", "x2": "Attr6", "x3": "Attr7", "x4": "Attr8"}
HELD_OUT_PERCENT = 30
FEWEST = 50  # a grade with fewer companies is put together with the next worse one


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
    """How many companies had these grades, and how many of them failed."""

    grades: str
    companies: int
    failures: int

    @property
    def rate(self) -> float:
        """Share that failed."""
        return self.failures / self.companies if self.companies else 0.0


@dataclass(frozen=True, slots=True)
class Scored:
    """How one score did: its area, failures by band from the best to the worst, and whether they rise throughout."""

    area: Auc
    by_grade: tuple[GradeLine, ...]
    merged: tuple[GradeLine, ...]
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
    for indicator, (column, plus) in RATIO_COLUMNS.items():
        value = company.ratios.get(column)
        if value is not None:
            readings[indicator] = Reading(value + plus, Sentence("backtest.column", column))
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
            merge(by_grade),
            _lines(risks, [grades.risk_of(grade) for grade in graded], failed),
        ),
        altman=altman,
        altman_zones=_lines(["safe", "grey", "distress"], [weights.zone(z) for _, _, z in both], failed),
        apart=difference(scorecard, altman),
    )


def merge(lines: Sequence[GradeLine], fewest: int = FEWEST) -> tuple[GradeLine, ...]:
    """Neighbouring grades put together until each line has enough companies; the last one takes what is left."""
    found: list[GradeLine] = []
    waiting: GradeLine | None = None
    for line in lines:
        waiting = _together(waiting, line) if waiting else line
        if waiting.companies >= fewest:
            found.append(waiting)
            waiting = None
    if waiting:
        found = [*found[:-1], _together(found[-1], waiting)] if found else [waiting]
    return tuple(found)


def is_monotone(lines: Sequence[GradeLine]) -> bool:
    """Does the share of failures never fall from a better grade to a worse one? Empty grades do not count."""
    rates = [line.rate for line in lines if line.companies]
    return all(better <= worse for better, worse in pairwise(rates))


def _together(one: GradeLine, other: GradeLine) -> GradeLine:
    return GradeLine(
        f"{one.grades}, {other.grades}", one.companies + other.companies, one.failures + other.failures
    )


def _lines(names: Sequence[str], given: Sequence[str], failed: Sequence[bool]) -> tuple[GradeLine, ...]:
    return tuple(
        GradeLine(
            name,
            sum(one == name for one in given),
            sum(one == name and bad for one, bad in zip(given, failed, strict=True)),
        )
        for name in names
    )
