"""Mappings: small TOML files that say which column of a file fills which field, and how it is written.

```toml
title = "Open items of the old system"
kind = "invoices"                     # customers, invoices or receipts
source = "old_system"                 # external ids are unique within a source
date_format = "DD.MM.YYYY"
decimal_mark = ","
grouping_mark = "."
creates_customers = true              # an invoice of an unknown customer makes the customer

[fields]
external_id = "Beleg"                                  # the column of that name
currency = { constant = "EUR" }                        # the same for every row
customer_name = { template = "Customer {Konto}" }      # made of other columns
kind = { column = "Art", values = { RE = "invoice", GS = "credit_note" } }
settled_on = { column = "Ausgleich", optional = true } # the file may lack this column
```
"""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import fields as dataclass_fields
from pathlib import Path
from typing import Any

from credit_app.i18n import _
from credit_app.importers.errors import MappingRefused
from credit_app.importers.fields import FIELDS, Format, date_pattern

SHIPPED = Path(__file__).parent / "mappings"
LARGEST = 100_000

_FORMAT_KEYS = {"date_format": "date"} | {
    f.name: f.name for f in dataclass_fields(Format) if f.name not in ("date", "yes", "no")
}
_TEXT_KEYS = (
    "title",
    "source",
    "encoding",
    "delimiter",
    "sheet",
    "date_format",
    "decimal_mark",
    "grouping_mark",
)
_KEYS = {"kind", "fields", "creates_customers", "negative_is_credit_note", "yes", "no", *_TEXT_KEYS}


@dataclass(frozen=True, slots=True)
class Source:
    """Where a field's value comes from: a column, a template over columns, or a constant; then translated."""

    column: str = ""
    template: str = ""
    constant: str = ""
    values: tuple[tuple[str, str], ...] = ()
    optional: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the file that it reads."""
        return (self.column,) if self.column else tuple(re.findall(r"\{([^{}]+)\}", self.template))

    @property
    def label(self) -> str:
        """What the report names as the column."""
        return self.column or ", ".join(self.columns)


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping, checked: every field is known and every required one has a source."""

    name: str
    title: str
    kind: str
    source: str
    form: Format
    fields: dict[str, Source]
    creates_customers: bool = False
    finds_customers: bool = (
        False  # rows come with a customer_id: found by more than the external id; no file says so
    )
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that the file must have, in the order of the fields."""
        needed = (source for source in self.fields.values() if not source.optional)
        return tuple(dict.fromkeys(column for source in needed for column in source.columns))

    @property
    def optional_columns(self) -> tuple[str, ...]:
        """The columns that are read when they are there."""
        found = (column for source in self.fields.values() for column in source.columns)
        return tuple(dict.fromkeys(column for column in found if column not in self.columns))


def load_mapping(name: str, folders: Iterable[Path] = ()) -> Mapping:
    """The mapping `name` (letters, digits, _ and -) from one of `folders` or the shipped ones.

    Raises MappingRefused when there is none or when it cannot be followed.
    """
    if re.fullmatch(r"[A-Za-z0-9_-]{1,60}", name):
        for folder in (*folders, SHIPPED):
            path = folder / f"{name}.toml"
            if path.is_file():
                return read_mapping(path)
    known = ", ".join(sorted(path.stem for path in _files(folders)))
    raise MappingRefused(
        _("There is no mapping “%(name)s”; there are: %(known)s.", name=name[:60], known=known)
    )


def mappings(kind: str, folders: Iterable[Path] = ()) -> list[Mapping]:
    """All mappings for a kind of import, by title; one that cannot be followed is left out."""
    found = []
    for path in _files(folders):
        try:
            mapping = read_mapping(path)
        except MappingRefused:
            continue
        if mapping.kind == kind:
            found.append(mapping)
    return sorted(found, key=lambda mapping: mapping.title)


def _files(folders: Iterable[Path]) -> list[Path]:
    by_name = {path.stem: path for folder in (SHIPPED, *folders) for path in folder.glob("*.toml")}
    return list(by_name.values())


def read_mapping(path: Path) -> Mapping:
    """Reads and checks one mapping file; MappingRefused names the key that is wrong."""
    try:
        if path.stat().st_size > LARGEST:
            raise _refused(path, _("it is larger than %(size)s bytes", size=LARGEST))
        data = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise _refused(path, str(error)) from error
    return _Checker(path, data).mapping()


def _refused(path: Path, problem: str) -> MappingRefused:
    return MappingRefused(
        _("The mapping %(name)s cannot be used: %(problem)s.", name=path.name, problem=problem)
    )


class _Checker:
    """Checks the parsed TOML of one mapping."""

    def __init__(self, path: Path, data: dict[str, Any]) -> None:
        self.path, self.data = path, data

    def fail(self, problem: str) -> MappingRefused:
        return _refused(self.path, problem)

    def mapping(self) -> Mapping:
        self._check_keys()
        data = self.data
        kind = data.get("kind")
        if kind not in FIELDS:
            raise self.fail(_("“kind” is none of %(kinds)s", kinds=", ".join(FIELDS)))
        fields = self._fields(kind)
        creates = data.get("creates_customers", False)
        if creates and (kind != "invoices" or "customer_name" not in fields):
            raise self.fail(_("“creates_customers” needs kind invoices and a field customer_name"))
        return Mapping(
            name=self.path.stem,
            title=data.get("title", self.path.stem),
            kind=kind,
            source=data.get("source", self.path.stem)[:60],
            form=self._format(),
            fields=fields,
            creates_customers=creates,
            encoding=self._encoding(),
            delimiter=data.get("delimiter", ""),
            sheet=data.get("sheet", ""),
        )

    def _check_keys(self) -> None:
        for key, value in self.data.items():
            if key not in _KEYS:
                raise self.fail(_("it does not know “%(key)s”", key=key))
            if key in _TEXT_KEYS and not isinstance(value, str):
                raise self.fail(_("“%(key)s” must be text", key=key))
            if key in ("creates_customers", "negative_is_credit_note") and not isinstance(value, bool):
                raise self.fail(_("“%(key)s” must be true or false", key=key))

    def _encoding(self) -> str:
        encoding: str = self.data.get("encoding", "")
        try:
            "".encode(encoding or "utf-8")
        except LookupError as error:
            raise self.fail(_("“%(name)s” is no encoding", name=encoding)) from error
        return encoding

    def _format(self) -> Format:
        data = self.data
        given: dict[str, Any] = {ours: data[key] for key, ours in _FORMAT_KEYS.items() if key in data}
        form = Format(**given | self._words())
        if date_pattern(form.date) is None:
            raise self.fail(_("date_format “%(form)s” is not made of YYYY, MM or M, DD or D", form=form.date))
        if form.decimal_mark not in (".", ","):
            raise self.fail(_("decimal_mark must be “.” or “,”"))
        if form.grouping_mark not in ("", ".", ",", "'", " ", "\u00a0", "\u202f"):
            raise self.fail(_("grouping_mark must be one of . , ' or a space"))
        if form.decimal_mark == form.grouping_mark:
            raise self.fail(_("decimal_mark and grouping_mark are the same"))
        return form

    def _words(self) -> dict[str, tuple[str, ...]]:
        found = {}
        for key in ("yes", "no"):
            words = self.data.get(key)
            if words is None:
                continue
            if not isinstance(words, list) or not all(isinstance(word, str) and word for word in words):
                raise self.fail(_("“%(key)s” must be a list of words", key=key))
            found[key] = tuple(word.lower() for word in words)
        return found

    def _fields(self, kind: str) -> dict[str, Source]:
        given = self.data.get("fields")
        if not isinstance(given, dict) or not given:
            raise self.fail(_("it has no [fields]"))
        for name in given:
            if name not in FIELDS[kind]:
                raise self.fail(_("%(kind)s have no field “%(name)s”", kind=kind, name=name))
        missing = [name for name, field in FIELDS[kind].items() if field.required and name not in given]
        if kind == "invoices" and not {"due_date", "terms"} & given.keys():
            missing.append("due_date")
        if missing:
            raise self.fail(_("the field “%(name)s” is missing", name=missing[0]))
        if kind == "invoices" and not {"due_date", "terms"} & given.keys():
            raise self.fail(_("the field “%(name)s” is missing", name="due_date"))
        return {name: self._source(name, given[name]) for name in FIELDS[kind] if name in given}

    def _source(self, name: str, given: Any) -> Source:
        if isinstance(given, str) and given:
            return Source(column=given)
        if isinstance(given, dict) and set(given) <= {"column", "template", "constant", "values", "optional"}:
            values = given.get("values", {})
            texts = [given[key] for key in ("column", "template", "constant") if key in given]
            if len(texts) == 1 and isinstance(values, dict):
                pairs = tuple((str(old), str(new)) for old, new in values.items())
                optional = given.get("optional") is True
                named = {key: str(given[key]) for key in ("column", "template", "constant") if key in given}
                source = Source(**named, values=pairs, optional=optional)
                if source.constant or source.columns:
                    return source
        raise self.fail(_("the field “%(name)s” needs one of column, template or constant", name=name))
