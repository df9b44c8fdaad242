"""Turns the cells of one row into the values of its fields, or into problems."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from credit_app.domain.errors import DomainError
from credit_app.domain.money import minor_units
from credit_app.domain.payment_terms import Instalment, SharesNotWhole, instalments
from credit_app.i18n import _
from credit_app.importers.errors import BadValue
from credit_app.importers.fields import FIELDS, Field, converter, plain
from credit_app.importers.mapping import Mapping, Source
from credit_app.importers.reading import Table
from credit_app.importers.report import Problem
from credit_app.models.ledger import INSTALMENT_MARK

Values = dict[str, Any]
LONGEST_WHOLE_ID = 97  # of an invoice in parts: with “#60” it still fits the column


class RowReader:
    """Reads rows of a file with this heading as the mapping says.

    `read(number, cells)` gives the values by field name (every field of the kind, None where empty), once for each
    part of an invoice that is payable in parts.
    """

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
        self.places = {name.casefold(): place for place, name in enumerate(table.heading)}
        known = FIELDS[mapping.kind] if fields is None else fields
        self.fields = [self._field(name, field, currencies) for name, field in known.items()]
        self.check = _CHECKS.get(mapping.kind, _no_check)

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

    def read(self, number: int, cells: list[Any]) -> tuple[list[Values], list[Problem]]:
        """The row's values, mostly once; with problems there are none."""
        if len(cells) != self.width:
            beyond = any(cell not in (None, "") for cell in cells[self.width :])
            if beyond or (len(cells) < self.width and not self.padded):
                reason = _(
                    "has %(found)s cells under %(wanted)s columns", found=len(cells), wanted=self.width
                )
                return [], [Problem(number, "", "", reason)]
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
        return [] if problems else in_parts(values), problems

    def problem(self, number: int, name: str, value: object, reason: str) -> Problem:
        """A problem of a field, under the name of the column that fills it."""
        source = self.mapping.fields.get(name, Source())
        return Problem(number, source.label or name, str(value), reason)


def _no_check(_reader: RowReader, _number: int, _values: Values) -> list[Problem]:
    return []


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
    problems += _check_due(reader, number, values) if not problems else []
    if values["settled_on"] and values["kind"] == "credit_note":
        reason = _("is given, but a credit note is not paid")
        problems.append(reader.problem(number, "settled_on", values["settled_on"], reason))
    return problems


def _check_due(reader: RowReader, number: int, values: Values) -> list[Problem]:
    """The due date as given, else by the terms; several of them put `parts` into the values."""
    document: date = values["document_date"]
    due: date | None = values["due_date"]
    if due is not None and due < document:
        reason = _("is before the document date %(day)s", day=document.isoformat())
        return [reader.problem(number, "due_date", due, reason)]
    if values.get("terms") is not None:
        return _check_terms(reader, number, values)
    return [] if due else [reader.problem(number, "due_date", "", _("is empty"))]


def _check_terms(reader: RowReader, number: int, values: Values) -> list[Problem]:
    terms: str = values["terms"]
    try:
        parts = instalments(terms, values["document_date"], values["amount"], minor_units(values["currency"]))
    except SharesNotWhole:
        return [reader.problem(number, "terms", terms, _("has instalments that do not come to 100 %"))]
    except DomainError:
        if values["due_date"] is not None:  # the words of another system, beside its own due date
            return []
        known = _("is none of the known terms; write 30, EOM+15, 30 EOM or 40%@30, 60%@90")
        return [reader.problem(number, "terms", terms, known)]
    if len(parts) > 1:
        return _check_parts(reader, number, values, parts)
    values["due_date"] = values["due_date"] or parts[0].due_date
    return []


def _check_parts(
    reader: RowReader, number: int, values: Values, parts: Sequence[Instalment]
) -> list[Problem]:
    if values["due_date"] is not None:
        reason = _("is given, but the terms have a due date for each instalment")
        return [reader.problem(number, "due_date", values["due_date"], reason)]
    if len(values["external_id"]) > LONGEST_WHOLE_ID:
        reason = _("is longer than %(longest)s characters", longest=LONGEST_WHOLE_ID)
        return [reader.problem(number, "external_id", values["external_id"], reason)]
    values["parts"] = parts
    return []


def in_parts(values: Values) -> list[Values]:
    """The row, or a row for each of the instalments under `parts`, with ids X#1, X#2 and so on."""
    parts: Sequence[Instalment] = values.pop("parts", ())
    whole = values.get("external_id")
    return [
        values
        | {
            "external_id": f"{whole}{INSTALMENT_MARK}{place}",
            "whole_id": whole,
            "instalment": place,
            "parts": len(parts),
            "due_date": part.due_date,
            "amount": part.amount,
        }
        for place, part in enumerate(parts, 1)
    ] or [values]


_CHECKS = {"customers": _check_registration, "invoices": _check_invoice, "receipts": _check_receipt}
