"""Turns the cells of one row into the values of its fields, or into problems."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from credit_app.domain.money import minor_units
from credit_app.i18n import _
from credit_app.importers.errors import BadValue
from credit_app.importers.fields import FIELDS, Field, converter, plain
from credit_app.importers.mapping import Mapping, Source
from credit_app.importers.reading import Table
from credit_app.importers.report import Problem

Values = dict[str, Any]


class RowReader:
    """Reads rows of a file with this heading as the mapping says.

    `read(number, cells)` gives the values by field name (every field of the kind, None where empty).
    """

    def __init__(self, mapping: Mapping, table: Table, currencies: frozenset[str]) -> None:
        self.mapping = mapping
        self.width = len(table.heading)
        self.padded = table.encoding == "xlsx"  # a workbook leaves empty cells at the end out
        self.places = {name.casefold(): place for place, name in enumerate(table.heading)}
        self.fields = [self._field(name, field, currencies) for name, field in FIELDS[mapping.kind].items()]
        self.check = _CHECKS[mapping.kind]

    def _field(
        self, name: str, field: Field, currencies: frozenset[str]
    ) -> tuple[str, bool, str, Callable[[list[Any]], Any], Callable[[Any], Any]]:
        required = field.required or (name == "customer_name" and self.mapping.creates_customers)
        source = self.mapping.fields.get(name, Source())
        convert = converter(field, self.mapping.form, currencies)
        return name, required, source.label or name, self._getter(source), convert

    def _getter(self, source: Source) -> Callable[[list[Any]], Any]:
        places = [self.places.get(column.casefold()) for column in source.columns]
        words = dict(source.values)
        if source.constant or not source.columns or None in places:
            return lambda _cells: source.constant or None
        if source.column:
            place = places[0] or 0
            if not words:
                return lambda cells: cells[place]
            return lambda cells: words.get(plain(cells[place]), cells[place])

        def fill(cells: list[Any]) -> str:
            text = source.template
            for column, at in zip(source.columns, places, strict=True):
                text = text.replace("{" + column + "}", plain(cells[at or 0]))
            return words.get(text, text)

        return fill

    def read(self, number: int, cells: list[Any]) -> tuple[Values, list[Problem]]:
        """The row's values; with problems the values are not to be used."""
        if len(cells) != self.width:
            beyond = any(cell not in (None, "") for cell in cells[self.width :])
            if beyond or (len(cells) < self.width and not self.padded):
                reason = _(
                    "has %(found)s cells under %(wanted)s columns", found=len(cells), wanted=self.width
                )
                return {}, [Problem(number, "", "", reason)]
            cells = (cells + [None] * self.width)[: self.width]
        values: Values = {}
        problems: list[Problem] = []
        for name, required, label, get, convert in self.fields:
            cell = get(cells)
            try:
                value = convert(cell) if cell is not None else None
                if value is None and required:
                    raise BadValue(_("is empty"))
            except BadValue as error:
                if label not in {problem.column for problem in problems}:  # one column may fill two fields
                    problems.append(Problem(number, label, plain(cell), error.reason))
                continue
            values[name] = value
        if not problems:
            problems = self.check(self, number, values)
        return values, problems

    def problem(self, number: int, name: str, value: object, reason: str) -> Problem:
        """A problem of a field, under the name of the column that fills it."""
        source = self.mapping.fields.get(name, Source())
        return Problem(number, source.label or name, str(value), reason)


def _check_registration(reader: RowReader, number: int, values: Values, prefix: str = "") -> list[Problem]:
    if values[f"{prefix}registration_number"] and not values[f"{prefix}country"]:
        reason = _("is empty, but a registration number belongs to a country")
        return [reader.problem(number, f"{prefix}country", "", reason)]
    return []


def _check_amount(reader: RowReader, number: int, values: Values) -> list[Problem]:
    amount: Decimal = values["amount"]
    if minor_units(values["currency"]) == 0 and amount != amount.to_integral_value():
        return [reader.problem(number, "amount", amount, _("has decimals, which its currency has not"))]
    return []


def _check_receipt(reader: RowReader, number: int, values: Values) -> list[Problem]:
    if values["amount"] < 0:
        return [reader.problem(number, "amount", values["amount"], _("is negative"))]
    return _check_amount(reader, number, values)


def _check_invoice(reader: RowReader, number: int, values: Values) -> list[Problem]:
    values["number"] = values["number"] or values["external_id"][:60]
    values["kind"] = values["kind"] or "invoice"
    values["disputed"] = bool(values["disputed"])
    if values["amount"] < 0:
        values["kind"], values["amount"] = "credit_note", -values["amount"]
    problems = _check_amount(reader, number, values)
    problems += _check_registration(reader, number, values, "customer_")
    document: date = values["document_date"]
    if values["due_date"] < document:
        reason = _("is before the document date %(day)s", day=document.isoformat())
        problems.append(reader.problem(number, "due_date", values["due_date"], reason))
    if values["settled_on"] and values["kind"] == "credit_note":
        reason = _("is given, but a credit note is not paid")
        problems.append(reader.problem(number, "settled_on", values["settled_on"], reason))
    return problems


_CHECKS = {"customers": _check_registration, "invoices": _check_invoice, "receipts": _check_receipt}
