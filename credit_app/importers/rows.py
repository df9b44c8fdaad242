"""Turns rows of cells into the values of their fields, or into problems: column by column, many rows at a time.

Files repeat themselves: dates, currencies, words, customers. What a text means is worked out once and remembered.
"""

from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import Any

from credit_app.domain.payment_terms import Instalment
from credit_app.domain.sentences import N_, Sentence
from credit_app.importers.checks import CHECKS, Values, check_nothing, in_parts
from credit_app.importers.errors import BadValue
from credit_app.importers.fields import (
    FIELDS,
    Convert,
    Field,
    Format,
    converter,
    many_amounts,
    many_texts,
    plain,
)
from credit_app.importers.mapping import Mapping, Source
from credit_app.importers.reading import Row, Table
from credit_app.importers.report import Problem

MOST_REMEMBERED = 20_000
# Tables whose cells are not all texts; only those of text are remembered, and read by column.
_OF_VALUES = ("xlsx", "json", "xml", "zip")
Cells = Sequence[Any]


class _Meanings(dict[Any, Any]):
    """Text of a cell -> value. What cannot be taken is a BadValue, and is not remembered."""

    def __init__(self, convert: Convert) -> None:
        super().__init__()
        self.convert = convert
        self.failed = False

    def __missing__(self, cell: Any) -> Any:
        value = self.convert(cell)
        if value.__class__ is BadValue:
            self.failed = True
            return value
        if len(self) >= MOST_REMEMBERED:  # a column of ids; the memory stays as it is
            self.clear()
        self[cell] = value
        return value


class _Column:
    """One field of every row: where its cells are, and what they mean."""

    def __init__(
        self,
        name: str,
        field: Field,
        required: bool,
        source: Source,
        places: dict[str, int],
        convert: Convert,
        form: Format,
    ) -> None:
        self.name, self.label, self.source = name, source.label or name, source
        self.required, self.plainly = required, convert
        self.words = dict(source.values)
        found = [places.get(column.casefold()) for column in source.columns]
        self.missing = not source.constant and (not found or None in found)
        self.places = [] if self.missing else [place for place in found if place is not None]
        plainly_read = field.type == "text" and source.column and not self.words
        self.many: Callable[[Any], list[Any] | None] | None = (
            many_texts(field.longest, required) if plainly_read else None
        )
        if field.type == "amount" and source.column and not self.words:
            self.many = many_amounts(form)
        self.meanings = _Meanings(self._value)

    def _value(self, cell: Any) -> Any:
        """The value of a cell, or the BadValue that says why there is none."""
        if self.words:
            cell = self.words.get(plain(cell), cell)
        try:
            value = None if cell is None else self.plainly(cell)
            if value is None and self.required:
                raise BadValue(N_("is empty"))
        except BadValue as error:
            return error
        return value

    def cells(self, rows: Sequence[Cells], turned: Sequence[Cells]) -> Iterable[Any]:
        """The field's cell of each row; `turned` is the rows by column."""
        if self.source.column and self.places:
            return turned[self.places[0]]
        if self.places:
            return map(self._filled, rows)
        return [self.source.constant or None] * len(rows)

    def _filled(self, cells: Cells) -> str:
        text = self.source.template
        for column, place in zip(self.source.columns, self.places, strict=True):
            text = text.replace("{" + column + "}", plain(cells[place]))
        return text

    def values(self, cells: Iterable[Any], texts: bool) -> tuple[list[Any], bool]:
        """The values, and whether a BadValue is among them. Only texts are remembered: 1, 1.0 and True are equal."""
        if texts:
            if self.many and self.places and (whole := self.many(cells)) is not None:
                return whole, False
            self.meanings.failed = False
            return list(map(self.meanings.__getitem__, cells)), self.meanings.failed
        found = list(map(self._value, cells))
        return found, any(value.__class__ is BadValue for value in found)


class RowReader:
    """Reads rows of a file with this heading as the mapping says, into the fields of its kind or other `fields`."""

    def __init__(
        self,
        mapping: Mapping,
        table: Table,
        currencies: frozenset[str],
        fields: dict[str, Field] | None = None,
    ) -> None:
        self.mapping = mapping
        self.width = len(table.heading)
        self.padded = table.encoding == "xlsx"  # a workbook leaves empty cells at the end out
        self.texts = table.encoding not in _OF_VALUES
        places = {name.casefold(): place for place, name in enumerate(table.heading)}
        self.columns = []
        for name, field in (FIELDS[mapping.kind] if fields is None else fields).items():
            required = field.required or (name == "customer_name" and mapping.creates_customers)
            if name in mapping.fields or required:
                convert = converter(field, mapping.form, currencies)
                source = mapping.fields.get(name, Source())
                self.columns.append(_Column(name, field, required, source, places, convert, mapping.form))
        self.names = [column.name for column in self.columns]
        self.check: Callable[[Values, _Says], list[Values]] = CHECKS.get(mapping.kind, check_nothing)

    def read(self, rows: Sequence[Row]) -> tuple[list[Values], list[Problem], int]:
        """(values by field name with their `row`, problems, how many rows have one); an invoice may be several."""
        rows, problems = self._of_one_width(rows)
        bad_rows = len(problems)
        if not rows:
            return [], problems, bad_rows
        cells = [found for _number, found in rows]
        turned = list(zip(*cells, strict=True))
        read, wrong = [], {}  # type: ignore[var-annotated]
        for column in self.columns:
            values, failed = column.values(column.cells(cells, turned), self.texts)
            read.append(values)
            if failed:
                for place, value in enumerate(values):
                    if value.__class__ is BadValue:
                        wrong.setdefault(place, []).append((column, value))
        kept: list[Values] = []
        names, check = self.names, self.check
        says = _Says(self)
        for place, (found, (says.row, _cells)) in enumerate(zip(zip(*read, strict=True), rows, strict=True)):
            if place in wrong:
                says.bad_cells(wrong[place], cells[place])
            else:
                given: Values = dict(zip(names, found))  # noqa: B905 - as many as there are columns
                given["row"] = says.row
                found_rows = check(given, says)
                kept += () if says.problems else found_rows
            if says.problems:
                bad_rows += 1
                problems += says.problems
                says.problems = []
        return kept, problems, bad_rows

    def in_parts(
        self, number: int, values: Values, parts: Sequence[Instalment]
    ) -> tuple[list[Values], list[Problem]]:
        """The lines of an invoice whose instalments were said otherwise than by terms, or what is wrong with it."""
        says = _Says(self)
        says.row = number
        rows = in_parts(values, parts, says)
        return ([], says.problems) if says.problems else (rows, [])

    def _of_one_width(self, rows: Sequence[Row]) -> tuple[Sequence[Row], list[Problem]]:
        """The rows with as many cells as the heading, and a problem for each other one."""
        if set(map(len, map(itemgetter(1), rows))) <= {self.width}:
            return rows, []
        fitting, problems = [], []
        for number, cells in rows:
            beyond = any(cell not in (None, "") for cell in cells[self.width :])
            if beyond or (len(cells) < self.width and not self.padded):
                values = {"found": len(cells), "wanted": self.width}
                reason = N_("has %(found)s cells under %(wanted)s columns")
                problems.append(Problem(number, "", "", Sentence("import.cells", reason, values)))
            else:
                fitting.append((number, (cells + [None] * self.width)[: self.width]))
        return fitting, problems


class _Says:
    """Collects what is wrong with the row at hand, under the names that the file has for its columns."""

    __slots__ = ("problems", "reader", "row")

    def __init__(self, reader: RowReader) -> None:
        self.reader, self.row = reader, 0
        self.problems: list[Problem] = []

    def __call__(self, name: str, value: object, reason: str | Sentence, /, **values: object) -> None:
        """A problem of a field; `reason` is a template for `values`, or the sentence of a rule."""
        sentence = reason if isinstance(reason, Sentence) else Sentence("import.row", reason, values)
        label = self.reader.mapping.fields.get(name, Source()).label or name
        self.problems.append(Problem(self.row, label, str(value), sentence))

    def bad_cells(self, wrong: list[tuple[_Column, BadValue]], cells: Cells) -> None:
        """The problems of single cells; a column that fills two fields is named once."""
        for column, error in wrong:
            if column.label not in {problem.column for problem in self.problems}:
                (cell,) = column.cells([cells], [[one] for one in cells])
                self.problems.append(Problem(self.row, column.label, plain(cell), error.sentence))
