"""`credit rating`: how well the shipped scorecard tells companies that failed from those that did not."""

import gzip
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from credit_app import resources
from credit_app.domain.altman import Z_OTHERS, AltmanPolicy
from credit_app.domain.backtest import (
    HELD_OUT_PERCENT,
    INDICATORS,
    Backtest,
    GradeLine,
    backtest,
    is_monotone,
    read_companies,
)
from credit_app.domain.default_policy import default_values
from credit_app.domain.discrimination import Auc
from credit_app.domain.errors import DomainError
from credit_app.domain.grades import GradePolicy
from credit_app.domain.scorecard_models import ScorecardModel, Segment
from credit_app.domain.scorecard_policy import Models
from workflows import Refused

SET = resources.CHECKOUT.parent / "shared" / "data" / "polish_bankruptcy_1year.arff.gz"


@click.group()
def rating() -> None:
    """The scorecard that a new company starts with."""


@rating.command(name="backtest")
@click.option(
    "--file",
    type=click.Path(path_type=Path, dir_okay=False),
    default=SET,
    show_default="../shared/data/polish_bankruptcy_1year.arff.gz beside the checkout",
    help="The set of Polish companies (UCI Machine Learning Repository) as .arff or .arff.gz.",
)
def backtest_command(file: Path) -> None:
    """Try the shipped scorecard and Altman's Z″ on the same companies, of which some failed.

    Only rows that are held out count; the weights were set on the others. Needs no database. Without the file
    it says so and is skipped.
    """
    if not file.is_file():
        click.echo(f"skipped: there is no file {file}")
        return
    values = default_values()
    model = Models.from_policy(values).choose(Segment())
    weights = AltmanPolicy.from_policy(values).variants[Z_OTHERS]
    try:
        with _opened(file) as lines:
            companies = list(read_companies(lines))
        held_out = [company for company in companies if company.held_out]
        found = backtest(held_out, model, weights, GradePolicy.from_policy(values))
    except (DomainError, OSError, UnicodeDecodeError, ValueError) as error:
        raise Refused(f"{file.name} is not the set: {error}") from error
    for line in report(len(companies), model, found):
        click.echo(line)


def report(companies: int, model: ScorecardModel, found: Backtest) -> Iterator[str]:
    """The figures as lines of text."""
    used = sum(model.of(one) for one in model.indicators if one.key in INDICATORS)
    whole = sum(model.dimensions.values())
    yield (
        f"{companies:,} companies; held out by the hash of the row: {HELD_OUT_PERCENT} %, that is"
        f" {found.companies:,} with {found.failures} failures; {found.without} of them without one of the scores"
    )
    yield f"model {model.identity}: {len(INDICATORS)} indicators of one year's statements, {used:g} of {whole:g} points"
    yield from ("", f"AUC of the scorecard  {_area(found.scorecard.area)}")
    yield f"AUC of Altman's Z″    {_area(found.altman)}"
    apart, low, high = found.apart
    yield f"difference            {apart:+.3f} (95 % interval {low:+.3f} to {high:+.3f})"
    yield from _table("scorecard, by grade", found.scorecard.by_grade)
    yield from _table("scorecard, by risk class", found.scorecard.by_risk)
    yield from _table("Altman's Z″, by zone", found.altman_zones)


def _area(area: Auc) -> str:
    return f"{area.value:.3f} (95 % interval {area.low:.3f} to {area.high:.3f}, DeLong)"


def _table(title: str, lines: Sequence[GradeLine]) -> Iterator[str]:
    steady = is_monotone(lines)
    yield from ("", f"{title}: failures {'rise' if steady else 'do NOT rise'} with every step down")
    for line in lines:
        yield f"  {line.grade:<9}{line.companies:>6,} companies{line.failures:>5} failed  {line.rate:>7.2%}"


@contextmanager
def _opened(file: Path) -> Iterator[Iterator[str]]:
    packed = file.suffix == ".gz"
    with gzip.open(file, "rt", encoding="utf-8") if packed else file.open(encoding="utf-8") as lines:
        yield iter(lines)
