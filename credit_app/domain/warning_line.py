"""The risk warning line set with a limit: down to which score, grade or figures, up to which utilisation, then what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from credit_app.domain.errors import DomainError
from credit_app.domain.grades import NO_CREDIT, GradePolicy
from credit_app.domain.ratio_table import HIGHER, MONEY, RATIO, SHARE, better_of, name_of, unit_of
from credit_app.domain.sentences import N_, Sentence

# Figures of the payment record that may be watched; more of each is worse.
RECORD: Mapping[str, str] = {
    "weighted_days_late": N_("Days late, weighted by amount"),
    "share_late": N_("Share of invoices paid late"),
    "share_disputed": N_("Share of disputed invoices"),
    "oldest_overdue_days": N_("Oldest item overdue, days"),
}
WATCHED = (*RECORD, *(key for key, ratio in RATIO.items() if ratio.unit != MONEY), "sales_growth")
HUNDRED = Decimal(100)


def watched_name(key: str) -> Sentence:
    """The name of a figure that a warning line may watch."""
    return Sentence(f"warning.{key}", RECORD[key]) if key in RECORD else name_of(key)


def is_share(key: str) -> bool:
    """Whether the figure is a share, which people write in per cent."""
    return key.startswith("share_") if key in RECORD else unit_of(key) == SHARE


def higher_is_worse(key: str) -> bool:
    """Whether the figure crosses its line by rising."""
    return key in RECORD or better_of(key) != HIGHER


@dataclass(frozen=True, slots=True)
class WarningLine:
    """What was set; None: not watched. Utilisation as a fraction (1 = fully used)."""

    score: Decimal | None = None
    grade: str | None = None
    utilisation: Decimal | None = None
    indicators: Mapping[str, Decimal] = field(default_factory=dict, hash=False)
    measures: str = ""

    @property
    def is_set(self) -> bool:
        """Whether anything is watched at all."""
        return bool(self.indicators) or not (
            self.score is None and not self.grade and self.utilisation is None
        )


@dataclass(frozen=True, slots=True)
class Now:
    """Where things are; None where nothing is known, which crosses nothing."""

    score: Decimal | None = None
    grade: str | None = None
    utilisation: Decimal | None = None
    indicators: Mapping[str, Decimal | None] = field(default_factory=dict, hash=False)


class LineRefused(DomainError):
    """A warning line that cannot stand; `field` names what was wrong."""

    code = "warning.refused"
    field: str = ""


class NoMeasures(LineRefused):
    """Nothing is said of what is done when it is crossed."""

    code = "warning.no_measures"
    field = "measures"
    template = N_("Say what is done when the warning line is crossed.")


class UnknownFigure(LineRefused):
    """A figure that cannot be watched."""

    code = "warning.unknown"
    field = "score"
    template = N_("“%(name)s” is no figure that a warning line can watch.")


class UnknownGrade(LineRefused):
    """A grade that is not on the ladder."""

    code = "warning.grade"
    field = "grade"
    template = N_("“%(name)s” is no grade that a warning line can name.")


class OffTheScale(LineRefused):
    """A score or a utilisation that cannot be."""

    code = "warning.scale"
    field = "score"
    template = N_("A warning line lies between 0 and 100 points, and between 0 and 1000 %% of the limit.")


class CrossedAlready(LineRefused):
    """A line that is crossed on the day it is set would never warn."""

    code = "warning.crossed"
    template = N_("%(why)s A line that is crossed already would never warn.")


def check_line(line: WarningLine, now: Now, grades: GradePolicy) -> None:
    """Raise a LineRefused unless the line can stand; a line on which nothing is watched always can."""
    if not line.is_set:
        return
    unknown = next((key for key in line.indicators if key not in WATCHED), None)
    if unknown is not None:
        raise UnknownFigure(name=unknown[:40])
    if line.grade and (line.grade not in grades.grades or line.grade == NO_CREDIT):
        raise UnknownGrade(name=line.grade[:10])
    if line.score is not None and not 0 <= line.score <= HUNDRED:
        raise OffTheScale
    if line.utilisation is not None and not 0 < line.utilisation <= 10:
        raise OffTheScale
    if not line.measures.strip():
        raise NoMeasures
    crossed = crossings(line, now, grades)
    if crossed:
        raise CrossedAlready(why=crossed[0])


def crossings(line: WarningLine, now: Now, grades: GradePolicy) -> tuple[Sentence, ...]:
    """Every part of the line that is crossed."""
    found = []
    if line.score is not None and now.score is not None and now.score < line.score:
        found.append(_sentence("score", _SCORE, score=now.score, line=line.score))
    if line.grade and now.grade and _is_below(now.grade, line.grade, grades):
        found.append(_sentence("grade", _GRADE, grade=now.grade, line=line.grade))
    most, used = line.utilisation, now.utilisation
    if most is not None and used is not None and used > most:
        found.append(_sentence("utilisation", _USED, used=_percent(used), line=_percent(most)))
    for key, bound in line.indicators.items():
        value = now.indicators.get(key)
        if value is not None and (value > bound if higher_is_worse(key) else value < bound):
            found.append(crossed_figure(key, value, bound))
    return tuple(found)


def crossed_figure(key: str, value: Decimal, bound: Decimal) -> Sentence:
    """Says that a figure has crossed its line; shares in per cent."""
    shown = {"value": f"{(value * 100).normalize():f} %", "line": f"{(bound * 100).normalize():f} %"}
    values = shown if is_share(key) else {"value": value, "line": bound}
    return _sentence("indicator", _FIGURE, figure=watched_name(key), **values)


def _is_below(grade: str, line: str, grades: GradePolicy) -> bool:
    order = grades.grades
    return order.index(grade) > order.index(line)


def _percent(share: Decimal) -> str:
    return f"{(share * 100).quantize(Decimal(1)):f}"


def _sentence(code: str, template: str, **values: object) -> Sentence:
    return Sentence(f"warning.{code}", template, values)


_SCORE = N_("The score is %(score)s, below the warning line of %(line)s.")
_GRADE = N_("The grade is %(grade)s, below the warning line of %(line)s.")
_USED = N_("%(used)s %% of the limit is used, more than the warning line of %(line)s %%.")
_FIGURE = N_("“%(figure)s” is %(value)s and has crossed the warning line of %(line)s.")
