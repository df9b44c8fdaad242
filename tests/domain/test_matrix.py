"""Decision tables without gaps and overlaps: the checker agrees with asking every case, and names the place."""

from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credit_app.domain.errors import DomainError
from credit_app.domain.matrix import Matrix, problems
from credit_app.domain.matrix_cells import (
    OTHER,
    AnswerUnknown,
    CellUnreadable,
    Column,
    Stretch,
    ValueUnknown,
    answer_from_typed,
    atoms,
    bounds_of,
    from_typed,
    takes,
    typed,
    typed_answer,
)

EXPOSURE = Column("Total exposure", "number", low=Decimal(0))
SCORE = Column("Score", "number", low=Decimal(0), high=Decimal(100))
EXCEPTION = Column("Exception", "string")
GRADE = Column("Grade", "string", ("A", "B", "C"))
BARRED = Column("Barred", "boolean")
WHOLE = Column("Days", "integer", low=Decimal(0))


def said(*rows: tuple[str, ...], columns: tuple[Column, ...] = (EXPOSURE, SCORE, EXCEPTION)) -> list[str]:
    return [problem.text for problem in problems(Matrix(columns, rows))]


WHOLE_TABLE = (
    ("<= 50000", ">= 55", '"none"'),
    ("<= 50000", "< 55", '"none"'),
    ("? > 50000 and ? <= 250000", "-", '"none"'),
    ("> 250000", "-", '"none"'),
    ("-", "-", '? != "none"'),
)


def test_a_table_with_one_row_for_every_case_has_no_problem() -> None:
    assert said(*WHOLE_TABLE) == []
    assert said(("-", "-", "-")) == []


def test_a_gap_is_named_by_its_place() -> None:
    without = [row for row in WHOLE_TABLE if row[0] != "? > 50000 and ? <= 250000"]
    assert said(*without) == ["No row for: Total exposure above 50000 up to 250000, Exception none."]
    strict = [("< 50000", *row[1:]) if row[0] == "<= 50000" else row for row in WHOLE_TABLE]
    assert said(*strict) == ["No row for: Total exposure 50000, Exception none."]
    no_other = WHOLE_TABLE[:-1]
    assert said(*no_other) == ["No row for: Exception anything else."]


def test_an_overlap_is_named_by_its_rows_and_place() -> None:
    wider = [(">= 50000" if row[0] == "> 250000" else row[0], *row[1:]) for row in WHOLE_TABLE]
    assert said(*wider) == [
        "Rows 1 and 4 both match: Total exposure 50000, Score from 55, Exception none.",
        "Rows 2 and 4 both match: Total exposure 50000, Score below 55, Exception none.",
        "Rows 3 and 4 both match: Total exposure above 50000 up to 250000, Exception none.",
    ]
    assert said(*WHOLE_TABLE, ("-", "-", '"none"'))[0].startswith("Rows 1 and 6 both match")


def test_a_column_of_known_values_has_no_other() -> None:
    rows = (('"A"',), ('"B"',), ('"C"',))
    assert said(*rows, columns=(GRADE,)) == []
    assert said(*rows[:2], columns=(GRADE,)) == ["No row for: Grade C."]
    assert said(('? in ["A", "B"]',), ('"C"',), columns=(GRADE,)) == []
    assert said(("-",), ('"X"',), columns=(GRADE,)) == [
        "Row 2: “X” is none of the values of “Grade”: A, B, C."
    ]


def test_bounds_yes_and_no_and_whole_numbers_are_known() -> None:
    assert said(("True",), ("False",), columns=(BARRED,)) == []
    assert said(("True",), columns=(BARRED,)) == ["No row for: Barred no."]
    assert said(("< 0",), (">= 0",), columns=(EXPOSURE,))[0].startswith("Row 1 never matches")
    # Between 30 and 31 days lies no day.
    assert said(("<= 30",), (">= 31",), columns=(WHOLE,)) == []
    assert said(("<= 30",), (">= 31",), columns=(EXPOSURE,)) == [
        "No row for: Total exposure above 30 and below 31."
    ]
    assert bounds_of("[0..100]") == (Decimal(0), Decimal(100))
    assert bounds_of(">= 0") == (Decimal(0), None)
    assert bounds_of('"a", "b"') == (None, None)


@pytest.mark.parametrize(
    "cell", ["? +", "foo", "? > other", "len(?) > 3", '> "5"', "? > 1 > 2 +", "1, 2", "lambda: 1"]
)
def test_what_is_no_condition_on_the_column_is_refused_with_its_row(cell: str) -> None:
    (problem,) = said(("-",), (cell,), columns=(EXPOSURE,))
    assert problem.startswith("Row 2: ")
    assert "Total exposure" in problem


def test_a_row_with_its_bounds_turned_round_is_named() -> None:
    rows = (("<= 10",), ("? > 20 and ? < 10",), ("> 10",))
    assert said(*rows, columns=(EXPOSURE,)) == [
        "Row 2 never matches: no value of “Total exposure” fits its condition."
    ]


def test_an_empty_and_an_endless_table_are_refused() -> None:
    assert said() == ["The table has no row, so nothing could be decided."]
    assert said(*[("-", "-", "-")] * 201) == ["A table has at most 200 rows."]


NUMBERS = st.integers(0, 6).map(lambda n: n * 10)
NUMBER_CELLS = st.one_of(
    st.just("-"),
    st.builds(lambda op, n: f"{op} {n}", st.sampled_from(["<", "<=", ">", ">=", "!="]), NUMBERS),
    st.builds(lambda n: f"{n}", NUMBERS),
    st.builds(lambda a, b: f"? > {min(a, b)} and ? <= {max(a, b)}", NUMBERS, NUMBERS),
)
TEXT_CELLS = st.sampled_from(["-", '"x"', '"y"', '? != "x"', '? in ["x", "y"]', '? not in ["x", "y"]'])
ROWS = st.lists(st.tuples(NUMBER_CELLS, NUMBER_CELLS, TEXT_CELLS), min_size=1, max_size=7)


def matches(cell: str, value: Any) -> bool:
    """The cell as the engine reads it, evaluated by Python itself."""
    if cell == "-":
        return True
    source = (
        cell.replace("?", "v") if "?" in cell else f"v == {cell}" if cell[0] in '"0123456789' else f"v {cell}"
    )
    return bool(eval(source, {"__builtins__": {}}, {"v": value}))  # noqa: S307 (cells made above)


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_the_checker_agrees_with_asking_every_case(rows: list[tuple[str, str, str]]) -> None:
    first, second, third = Column("a", "number"), Column("b", "number"), Column("c", "string")
    matrix = Matrix((first, second, third), tuple(rows))
    values = [Decimal(n) for n in range(-5, 70, 5)]
    counts = [
        sum(matches(row[0], a) and matches(row[1], b) and matches(row[2], c) for row in rows)
        for a, b, c in product(values, values, ["x", "y", "z"])
    ]
    found = [problem.code for problem in problems(matrix)]
    whole = [code for code in found if code != "matrix.never"]
    assert (not whole) == all(count == 1 for count in counts)
    if any(count > 1 for count in counts):
        assert "matrix.overlap" in found


@settings(max_examples=40, deadline=None)
@given(NUMBER_CELLS, st.integers(-10, 80))
def test_a_cell_takes_exactly_the_atoms_whose_numbers_it_matches(cell: str, number: int) -> None:
    column = Column("a", "number")
    pieces = atoms(column, [cell])
    value = Decimal(number)
    (holding,) = [
        place
        for place, piece in enumerate(pieces)
        if isinstance(piece, Stretch)
        and (
            piece.low == value
            if piece.taken
            else (piece.low is None or piece.low < value) and (piece.high is None or value < piece.high)
        )
    ]
    assert (holding in takes(cell, column, pieces)) == matches(cell, value)


@pytest.mark.parametrize(
    ("text", "column", "cell"),
    [
        ("", EXPOSURE, "-"),
        ("<= 50 000", EXPOSURE, "<= 50000"),
        ("> 50000 and <= 250000", EXPOSURE, "? > 50000 and ? <= 250000"),
        ("= 3", EXPOSURE, None),
        ("12.5", EXPOSURE, "12.5"),
        ("none", EXCEPTION, '"none"'),
        ("not none", EXCEPTION, '? != "none"'),
        ("over_cap, no_credit", EXCEPTION, '? in ["over_cap", "no_credit"]'),
        ("not A, B", GRADE, '? not in ["A", "B"]'),
        ("yes", BARRED, "True"),
        ('=? == "A"', GRADE, '? == "A"'),
    ],
)
def test_conditions_are_typed_plainly_and_come_back_as_typed(
    text: str, column: Column, cell: str | None
) -> None:
    if cell is None:
        with pytest.raises(DomainError):
            from_typed("=3 +", column)
        return
    assert from_typed(text, column) == cell
    assert from_typed(typed(cell, column), column) == cell


@pytest.mark.parametrize(
    ("text", "column", "error"),
    [
        ("many", EXPOSURE, CellUnreadable),
        ("> 1 or < 5", EXPOSURE, CellUnreadable),
        ("perhaps", BARRED, CellUnreadable),
        ('a"b', EXCEPTION, CellUnreadable),
        ("Z", GRADE, ValueUnknown),
        ("not A, Z", GRADE, ValueUnknown),
    ],
)
def test_what_cannot_be_a_condition_is_refused(text: str, column: Column, error: type[DomainError]) -> None:
    with pytest.raises(error):
        from_typed(text, column)


@pytest.mark.parametrize(
    ("text", "column", "cell"),
    [
        ("10 000.50", EXPOSURE, "10000.50"),
        ("-3", EXPOSURE, "-3"),
        ("B", GRADE, '"B"'),
        ("open_account bill", EXCEPTION, '"open_account bill"'),
        ("no", BARRED, "False"),
    ],
)
def test_answers_are_typed_plainly_and_come_back_as_typed(text: str, column: Column, cell: str) -> None:
    assert answer_from_typed(text, column) == cell
    assert answer_from_typed(typed_answer(cell, column), column) == cell


@pytest.mark.parametrize(
    ("text", "column", "error"),
    [
        ("NaN", EXPOSURE, AnswerUnknown),
        ("", EXPOSURE, AnswerUnknown),
        ("1 + 1", EXPOSURE, AnswerUnknown),
        ("Z", GRADE, ValueUnknown),
        ("", EXCEPTION, AnswerUnknown),
        ('a"b', EXCEPTION, AnswerUnknown),
        ("perhaps", BARRED, AnswerUnknown),
    ],
)
def test_what_cannot_be_an_answer_is_refused(text: str, column: Column, error: type[DomainError]) -> None:
    with pytest.raises(error):
        answer_from_typed(text, column)


def test_a_column_of_known_values_has_no_atom_for_others() -> None:
    assert OTHER not in atoms(GRADE, ['"A"'])
