"""Gaps and overlaps of a decision table: for every case exactly one row must match, and the place is named."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, pairwise

from credit_app.domain.errors import DomainError
from credit_app.domain.matrix_cells import OTHER, Atom, Column, Stretch, atoms, takes
from credit_app.domain.sentences import N_, Sentence

MOST = 5  # problems that are named at once
MOST_ROWS = 200

Place = tuple[frozenset[int], ...]  # for each column the atoms; a column that says nothing has all of them


@dataclass(frozen=True)
class Matrix:
    """The conditions of a table: columns, and for each row one cell a column."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]

    @cached_property
    def pieces(self) -> tuple[tuple[Atom, ...], ...]:
        """The atoms of each column."""
        return tuple(
            atoms(column, (row[number] for row in self.rows)) for number, column in enumerate(self.columns)
        )

    @cached_property
    def taken(self) -> tuple[Place, ...]:
        """For each row and column the atoms that its cell takes."""
        return tuple(
            tuple(
                takes(row[number], column, self.pieces[number]) for number, column in enumerate(self.columns)
            )
            for row in self.rows
        )


def problems(matrix: Matrix) -> list[Sentence]:
    """What keeps a table from being used, the first few; empty: every case has exactly one row."""
    if not matrix.rows:
        return [Sentence("matrix.empty", N_("The table has no row, so nothing could be decided."))]
    if len(matrix.rows) > MOST_ROWS:
        return [Sentence("matrix.too_long", N_("A table has at most %(most)s rows."), {"most": MOST_ROWS})]
    unreadable = list(_unreadable(matrix))
    if unreadable:
        return unreadable[:MOST]
    found = [*_overlaps(matrix), *_gaps(matrix), *_never(matrix)]
    return found[:MOST]


def _unreadable(matrix: Matrix) -> Iterator[Sentence]:
    for number, row in enumerate(matrix.rows, 1):
        for column, cell in zip(matrix.columns, row, strict=True):
            try:
                takes(cell, column, atoms(column, [cell]))
            except DomainError as error:
                text = N_("Row %(row)s: %(problem)s")
                yield Sentence("matrix.unreadable", text, {"row": number, "problem": error.sentence})


def _never(matrix: Matrix) -> Iterator[Sentence]:
    """Rows that no case can reach, such as one with a bound turned round."""
    for number, places in enumerate(matrix.taken, 1):
        for column, taken in zip(matrix.columns, places, strict=True):
            if not taken:
                text = N_("Row %(row)s never matches: no value of “%(column)s” fits its condition.")
                yield Sentence("matrix.never", text, {"row": number, "column": _label(column)})


def _overlaps(matrix: Matrix) -> Iterator[Sentence]:
    for (first, one), (second, other) in combinations(enumerate(matrix.taken, 1), 2):
        both = tuple(a & b for a, b in zip(one, other, strict=True))
        if all(both):
            text = N_("Rows %(first)s and %(second)s both match: %(place)s.")
            values = {"first": first, "second": second, "place": described(matrix, both)}
            yield Sentence("matrix.overlap", text, values)


def _gaps(matrix: Matrix) -> Iterator[Sentence]:
    memo: dict[tuple[int, frozenset[int]], tuple[Place, ...]] = {}
    for place in _uncovered(matrix, 0, frozenset(range(len(matrix.rows))), memo):
        yield Sentence("matrix.gap", N_("No row for: %(place)s."), {"place": described(matrix, place)})


def _uncovered(
    matrix: Matrix,
    column: int,
    rows: frozenset[int],
    memo: dict[tuple[int, frozenset[int]], tuple[Place, ...]],
) -> tuple[Place, ...]:
    """The places, from `column` on, that none of `rows` takes; stops at a few.

    Atoms that the same rows take are one case, so the work grows with the rows and not with the values.
    """
    key = (column, rows)
    if key in memo:
        return memo[key]
    everything = tuple(frozenset(range(len(pieces))) for pieces in matrix.pieces[column:])
    if not rows:
        memo[key] = (everything,)
    elif column == len(matrix.columns):
        memo[key] = ()
    else:
        memo[key] = tuple(_below(matrix, column, rows, memo))[:MOST]
    return memo[key]


def _below(
    matrix: Matrix,
    column: int,
    rows: frozenset[int],
    memo: dict[tuple[int, frozenset[int]], tuple[Place, ...]],
) -> Iterator[Place]:
    run: set[int] = set()
    before: tuple[Place, ...] = ()
    for atom in range(len(matrix.pieces[column])):
        matching = frozenset(row for row in rows if atom in matrix.taken[row][column])
        rest = _uncovered(matrix, column + 1, matching, memo)
        if rest != before:
            yield from ((frozenset(run), *place) for place in before)
            run, before = set(), rest
        run.add(atom)
    yield from ((frozenset(run), *place) for place in before)


# --- in words ---------------------------------------------------------------------------------------------------


def described(matrix: Matrix, place: Place) -> tuple[Sentence, ...]:
    """A place as one sentence a column; columns that may have any value say nothing."""
    found = tuple(
        _range(column, pieces, taken) if isinstance(pieces[0], Stretch) else _values(column, pieces, taken)
        for column, pieces, taken in zip(matrix.columns, matrix.pieces, place, strict=True)
        if len(taken) < len(pieces)
    )
    return found or (Sentence("matrix.always", N_("every case")),)


def _label(column: Column) -> Sentence:
    return Sentence("matrix.column", column.label)


def _values(column: Column, pieces: Sequence[Atom], taken: frozenset[int]) -> Sentence:
    words = tuple(
        Sentence("matrix.other", N_("anything else"))
        if pieces[atom] == OTHER
        else Sentence("matrix.yes", N_("yes"))
        if pieces[atom] is True
        else Sentence("matrix.no", N_("no"))
        if pieces[atom] is False
        else str(pieces[atom])
        for atom in sorted(taken)
    )
    values: dict[str, object] = {"column": _label(column), "matrix_value": words}
    return Sentence("matrix.value", N_("%(column)s %(matrix_value)s"), values)


def _range(column: Column, pieces: Sequence[Atom], taken: frozenset[int]) -> Sentence:
    """The first unbroken range of the numbers taken."""
    run = sorted(taken)
    last = next((a for a, b in pairwise(run) if b != a + 1), run[-1])
    low, high = pieces[run[0]], pieces[last]
    assert isinstance(low, Stretch)  # noqa: S101 - a column of numbers has no other atoms
    assert isinstance(high, Stretch)  # noqa: S101
    values: dict[str, object] = {"column": _label(column)}
    if low.taken and low == high:
        return Sentence("matrix.point", N_("%(column)s %(low)s"), values | {"low": low.low})
    # The bounds of the column itself go without saying.
    from_low = None if low.low == column.low else low.low
    to_high = None if high.high == column.high else high.high
    values |= {"low": from_low} if from_low is not None else {}
    values |= {"high": to_high} if to_high is not None else {}
    return Sentence("matrix.range", _RANGES[_kind(from_low, low.taken), _kind(to_high, high.taken)], values)


def _kind(bound: object, taken: bool) -> str:
    return "none" if bound is None else "taken" if taken else "open"


_RANGES = {
    ("none", "taken"): N_("%(column)s up to %(high)s"),
    ("none", "open"): N_("%(column)s below %(high)s"),
    ("taken", "none"): N_("%(column)s from %(low)s"),
    ("open", "none"): N_("%(column)s above %(low)s"),
    ("taken", "taken"): N_("%(column)s from %(low)s up to %(high)s"),
    ("taken", "open"): N_("%(column)s from %(low)s to below %(high)s"),
    ("open", "taken"): N_("%(column)s above %(low)s up to %(high)s"),
    ("open", "open"): N_("%(column)s above %(low)s and below %(high)s"),
    ("none", "none"): N_("%(column)s any number"),
}
