"""The decision tables of this company: which rules on which day; publishing a version without gap or overlap."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

from sqlalchemy.orm import Session

from credit_app import resources
from credit_app.domain import contract_signing
from credit_app.domain.authority import levels_between
from credit_app.domain.credit_strategy import Allowed
from credit_app.domain.errors import DomainError
from credit_app.domain.matrix import Matrix, problems
from credit_app.domain.matrix_cells import Column, answer, bounds_of
from credit_app.domain.sentences import N_, Sentence
from credit_app.i18n import _
from workflows import NotFound, Refused, grid
from workflows.grid import Grid, GridRow
from workflows.tables import DecisionVersion


class MatrixRefused(Refused):
    """A table that does not have exactly one row for every case; `problems` names the places."""

    def __init__(self, found: Sequence[Sentence]) -> None:
        super().__init__(_("The table cannot be published: for every case exactly one row must match."))
        self.problems = tuple(found)


@dataclass(frozen=True, slots=True)
class Kept:
    """One table: the program's own text, and the versions published since, the newest first."""

    decision: str
    shipped: str
    versions: tuple[DecisionVersion, ...]

    def on(self, day: date) -> DecisionVersion | None:
        """The published version that rules `day`; None: the program's own table."""
        ruling = [row for row in self.versions if row.valid_from <= day]
        return max(ruling, key=lambda row: (row.valid_from, row.version), default=None)

    def text_on(self, day: date) -> str:
        """The text of the table that rules `day`."""
        found = self.on(day)
        return found.content if found is not None else self.shipped

    def upcoming(self, day: date) -> list[DecisionVersion]:
        """Published versions that begin to rule after `day`, the next one first."""
        return sorted((row for row in self.versions if row.valid_from > day), key=lambda row: row.valid_from)


@cache
def shipped_tables() -> dict[str, str]:
    """Decision id -> the text of the program's own table."""
    return {path.stem: path.read_text() for path in sorted(resources.bpmn().glob("*.dmn"))}


def matrices(session: Session) -> list[Kept]:
    """Every decision table with its versions."""
    return [
        Kept(decision, content, tuple(grid.versions(session, decision)))
        for decision, content in shipped_tables().items()
    ]


def matrix(session: Session, decision: str) -> Kept:
    """One decision table. Raises NotFound."""
    shipped = shipped_tables().get(decision)
    if shipped is None:
        raise NotFound(_("There is no such decision table."))
    return Kept(decision, shipped, tuple(grid.versions(session, decision)))


def columns_of(table: Grid) -> tuple[Column, ...]:
    """The inputs of a table as the rules know columns."""
    return tuple(
        Column(column.label or column.name, column.kind or "string", column.values, *bounds_of(column.domain))
        for column in table.inputs
    )


def problems_of(table: Grid, rows: Sequence[GridRow]) -> list[Sentence]:
    """Answers that the program does not know, unreadable conditions, overlaps and gaps of these rows."""
    found = list(_wrong_answers(table, rows))
    return found or problems(Matrix(columns_of(table), tuple(row.conditions for row in rows)))


def outputs_of(table: Grid) -> tuple[Column, ...]:
    """The outputs of a table as the rules know columns."""
    return tuple(
        Column(column.label or column.name, column.kind or "string", column.values)
        for column in table.outputs
    )


def _wrong_answers(table: Grid, rows: Sequence[GridRow]) -> Iterator[Sentence]:
    check = ANSWERS.get(table.decision)
    for number, row in enumerate(rows, 1):
        try:
            answers = [
                answer(cell, column) for cell, column in zip(row.results, outputs_of(table), strict=True)
            ]
            if check is not None:
                named = zip((column.name for column in table.outputs), answers, strict=True)
                check({name: whole(value) for name, value in named})
        except DomainError as error:
            text = N_("Row %(row)s: %(problem)s")
            yield Sentence("matrix.answer", text, {"row": number, "problem": error.sentence})


def whole(value: object) -> object:
    """A number as the engine hands it on: whole ones as int."""
    return int(value) if isinstance(value, Decimal) and value == value.to_integral_value() else value


def _strategy(answers: Mapping[str, object]) -> None:
    Allowed.from_row("?", answers)


def _signing(answers: Mapping[str, object]) -> None:
    contract_signing.levels_between(str(answers["first_level"]), str(answers["final_level"]))


def _levels(answers: Mapping[str, object]) -> None:
    levels_between(str(answers["first_level"]), str(answers["final_level"]))


# What the code behind a table needs of its answers besides their form. Each raises a DomainError.
ANSWERS: Mapping[str, Callable[[Mapping[str, object]], None]] = {
    "authority_matrix": _levels,
    "contract_authority": _signing,
    "credit_strategy": _strategy,
}


def publish_matrix(
    session: Session,
    kept: Kept,
    rows: Sequence[GridRow],
    valid_from: date,
    reason: str,
    person_id: int,
    today: date,
) -> DecisionVersion:
    """Publish rows as the table's next version, in force from `valid_from` (today or later) on.

    Raises MatrixRefused naming every place, Refused for a day that is past, DefinitionRefused from the engine.
    """
    if valid_from < today:
        raise Refused(_("A version rules from today or a later day on: what was decided stays decided."))
    found = problems_of(grid.read_grid(kept.shipped), rows)
    if found:
        raise MatrixRefused(found)
    content = grid.write_grid(kept.shipped, rows)
    if content == kept.text_on(valid_from):
        raise Refused(_("Nothing is changed: these rows rule that day already."))
    return grid.publish(session, content, kept.shipped, valid_from, reason, person_id)
