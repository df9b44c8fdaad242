"""The fields that each kind of import fills, and how a cell becomes a value of the field's type."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from credit_app.domain.countries import is_country
from credit_app.domain.money import MAX_DIGITS
from credit_app.domain.sentences import N_
from credit_app.importers.errors import BadValue
from credit_app.models import ITEM_KINDS

Convert = Callable[[Any], Any]

FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2199, 12, 31)
_CENT = Decimal("0.01")
_TOO_LARGE = Decimal(10) ** (MAX_DIGITS - 2)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an import: its type, whether it must be mapped and filled, how long a text may be."""

    type: str
    required: bool = False
    longest: int = 0


CUSTOMER = {
    "name": Field("text", True, 300),
    "registration_number": Field("text", False, 60),
    "country": Field("country"),
    "region": Field("text", False, 100),
    "industry": Field("text", False, 200),
    "city": Field("text", False, 200),
    "address": Field("text", False, 500),
    "branch_code": Field("text", False, 20),
}

FIELDS: dict[str, dict[str, Field]] = {
    "customers": {"external_id": Field("text", True, 100)} | CUSTOMER,
    "invoices": {
        "external_id": Field("text", True, 100),
        "number": Field("text", False, 60),
        "customer_external_id": Field("text", True, 100),
        "kind": Field("kind"),
        "document_date": Field("date", True),
        "due_date": Field("date"),  # or terms; the mapping has one of them
        "terms": Field("text", False, 300),
        "amount": Field("amount", True),
        "currency": Field("currency", True),
        "disputed": Field("yes_no"),
        "settled_on": Field("date"),
        "reference": Field("text", False, 200),
        "item_external_id": Field("text", False, 100),
    }
    | {f"customer_{name}": Field(field.type, False, field.longest) for name, field in CUSTOMER.items()},
    "receipts": {
        "external_id": Field("text", True, 100),
        "customer_external_id": Field("text", True, 100),
        "received_on": Field("date", True),
        "amount": Field("amount", True),
        "currency": Field("currency", True),
        "reference": Field("text", False, 200),
        "item_external_id": Field("text", False, 100),
    },
}


@dataclass(frozen=True, slots=True)
class Format:
    """How the file writes dates, amounts and yes or no, as its mapping declares."""

    date: str = "YYYY-MM-DD"
    decimal_mark: str = "."
    grouping_mark: str = ""
    yes: tuple[str, ...] = ("yes", "y", "true", "1")
    no: tuple[str, ...] = ("no", "n", "false", "0")
    negative_is_credit_note: bool = False


def converter(field: Field, form: Format, currencies: frozenset[str]) -> Convert:
    """The function that turns a cell (text, or a date or number from a workbook) into the field's value.

    It returns None for an empty cell and raises BadValue with a sentence for what it cannot take.
    """
    makers: dict[str, Callable[[], Convert]] = {
        "text": lambda: _text(field.longest),
        "date": lambda: _date(form.date),
        "amount": lambda: _amount(form),
        "signed": lambda: _amount(replace(form, negative_is_credit_note=True)),
        "currency": lambda: _currency(currencies),
        "country": lambda: _country,
        "yes_no": lambda: _yes_no(form),
        "kind": lambda: _kind,
        "whole": lambda: _whole,
    }
    return makers[field.type]()


def _whole(cell: Any) -> int | None:
    text = plain(cell)
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise BadValue(N_("is not a whole number from 0 on, of at most 18 digits"))
    return int(text)


def plain(cell: Any) -> str:
    """A cell as text; 1234.0 of a workbook is 1234, for identifiers that were typed as numbers."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _text(longest: int) -> Convert:
    def convert(cell: Any) -> str | None:
        text = plain(cell)
        if len(text) > longest:
            raise BadValue(N_("is longer than %(longest)s characters"), longest=longest)
        # The quick look first: what can be printed has no control characters.
        if not text.isprintable() and _CONTROL.search(text):
            raise BadValue(N_("contains a control character"))
        return text or None

    return convert


def many_texts(longest: int, required: bool) -> Callable[[Sequence[str]], list[str | None] | None]:
    """A function that converts a whole column of texts at once; it gives None when one needs a closer look."""

    def convert(cells: Sequence[str]) -> list[str | None] | None:
        texts = [cell.strip() for cell in cells]
        empty = "" in texts
        if (empty and required) or max(map(len, texts)) > longest or not "".join(texts).isprintable():
            return None
        return [text or None for text in texts] if empty else texts  # type: ignore[return-value]

    return convert


def many_amounts(form: Format) -> Callable[[Sequence[str]], list[Decimal] | None] | None:
    """The same for a column of amounts above zero with at most two decimals; None where the file groups digits."""
    if form.grouping_mark:
        return None
    mark = re.escape(form.decimal_mark)
    plain_amounts = re.compile(rf"(?:[0-9]{{1,{MAX_DIGITS - 2}}}(?:{mark}[0-9]{{1,2}})?\n)+").fullmatch

    def convert(cells: Sequence[str]) -> list[Decimal] | None:
        if not plain_amounts("\n".join([*cells, ""])):
            return None
        points = (
            cells if form.decimal_mark == "." else [cell.replace(form.decimal_mark, ".") for cell in cells]
        )
        amounts = list(map(Decimal, points))
        return amounts if all(amounts) else None

    return convert


_PARTS = {"YYYY": r"(?P<y>\d{4})", "MM": r"(?P<m>\d{2})", "DD": r"(?P<d>\d{2})", "M": r"(?P<m>\d{1,2})"} | {
    "D": r"(?P<d>\d{1,2})"
}


def date_pattern(form: str) -> re.Pattern[str] | None:
    """A pattern with groups y, m and d for a form such as DD.MM.YYYY or M/D/YYYY; None when it is no form."""
    pieces = re.split(r"(YYYY|MM|DD|M|D)", form)
    pattern = "".join(_PARTS.get(piece) or re.escape(piece) for piece in pieces)
    try:
        compiled = re.compile(pattern, re.ASCII)
    except re.error:  # a part stands twice
        return None
    letters = re.search(r"[A-Za-z]", "".join(piece for piece in pieces if piece not in _PARTS))
    return compiled if {"y", "m", "d"} <= compiled.groupindex.keys() and not letters else None


def _date(form: str) -> Convert:
    pattern = date_pattern(form)
    if pattern is None:
        raise ValueError(f"{form!r} is no date form")

    def convert(cell: Any) -> date | None:
        if isinstance(cell, datetime):
            found = cell.date()
        elif isinstance(cell, date):
            found = cell
        else:
            text = plain(cell)
            if not text:
                return None
            match = pattern.fullmatch(text)
            if not match:
                raise BadValue(N_("is not a date written %(form)s"), form=form)
            try:
                found = date(int(match["y"]), int(match["m"]), int(match["d"]))
            except ValueError as error:
                raise BadValue(N_("is a day that does not exist")) from error
        if not FIRST_DAY <= found <= LAST_DAY:
            raise BadValue(N_("is before 1970 or after 2199"))
        return found

    return convert


def _amount(form: Format) -> Convert:
    group, mark = re.escape(form.grouping_mark), re.escape(form.decimal_mark)
    whole = rf"(?:[0-9]+|[0-9]{{1,3}}(?:{group}[0-9]{{3}})+)" if group else "[0-9]+"
    match = re.compile(rf"(-?)({whole})(?:{mark}([0-9]+))?").fullmatch
    grouping, lowest = form.grouping_mark, None if form.negative_is_credit_note else 0

    def convert(cell: Any) -> Decimal | None:
        if isinstance(cell, bool | date):
            raise BadValue(N_("is not an amount"))
        if isinstance(cell, int | float):
            return _checked(_of_number(cell))
        text = plain(cell)
        if not text:
            return None
        found = match(text)
        if not found:
            raise BadValue(N_("is not an amount with “%(mark)s” before the decimals"), mark=form.decimal_mark)
        sign, digits, decimals = found.groups()
        if grouping:
            digits = digits.replace(grouping, "")
        return _checked(Decimal(f"{sign}{digits}.{decimals or '00'}"))

    def _checked(amount: Decimal) -> Decimal:
        if amount.is_finite() and amount.copy_abs() >= _TOO_LARGE:
            raise BadValue(N_("has more than %(digits)s digits"), digits=MAX_DIGITS)
        cents = amount.quantize(_CENT) if amount.is_finite() else amount
        if cents != amount or not amount.is_finite():
            raise BadValue(N_("has more than two decimals"))
        if not cents:
            raise BadValue(N_("is zero"))
        if lowest is not None and cents < lowest:
            raise BadValue(N_("is negative"))
        return cents

    return convert


def _of_number(cell: int | float) -> Decimal:
    """A workbook keeps binary fractions: 0.1 + 0.2 is there as 0.30000000000000004 and means 0.3."""
    exact = Decimal(repr(cell))
    cents = exact.quantize(Decimal("0.01")) if exact.is_finite() and abs(exact) < 10**MAX_DIGITS else exact
    return cents if abs(cents - exact) < Decimal("0.000001") else exact


def _currency(known: frozenset[str]) -> Convert:
    def convert(cell: Any) -> str | None:
        code = plain(cell).upper()
        if code and code not in known:
            raise BadValue(N_("is not a currency in use here"))
        return code or None

    return convert


def _country(cell: Any) -> str | None:
    code = plain(cell).upper()
    if code and not is_country(code):
        raise BadValue(N_("is not a country code of two letters"))
    return code or None


def _yes_no(form: Format) -> Convert:
    words = dict.fromkeys(form.no, False) | dict.fromkeys(form.yes, True)

    def convert(cell: Any) -> bool | None:
        text = plain(cell).lower()
        if not text:
            return None
        if text not in words:
            raise BadValue(N_("is neither of %(words)s"), words=", ".join([*form.yes, *form.no]))
        return words[text]

    return convert


def _kind(cell: Any) -> str | None:
    text = plain(cell).lower()
    if text and text not in ITEM_KINDS:
        raise BadValue(N_("is none of %(words)s"), words=", ".join(ITEM_KINDS))
    return text or None
