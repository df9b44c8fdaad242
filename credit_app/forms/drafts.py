"""Keeping what was typed into a long form until it is complete: the texts of its fields, no files."""

from collections.abc import Iterator, Mapping
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import FieldList, FormField

SKIPPED = ("CSRFTokenField", "FileField", "MultipleFileField", "SubmitField")
LONGEST = 4000
MOST_FIELDS = 600


def typed_texts(form: Any) -> dict[str, str]:
    """Name to text of every field that holds something."""
    found: dict[str, str] = {}
    for field in _fields(form):
        values = field.raw_data or []
        if values and isinstance(values[0], str) and values[0] and len(found) < MOST_FIELDS:
            found[field.name] = values[0][:LONGEST]
    return found


def show_texts(form: Any, texts: Mapping[str, Any]) -> None:
    """Fill the form as it was typed; what no longer is a field is left out."""
    if texts:
        form.process(MultiDict({str(name): str(text) for name, text in texts.items()}))


def _fields(form: Any) -> Iterator[Any]:
    for field in form:
        if isinstance(field, FormField):
            yield from _fields(field.form)
        elif isinstance(field, FieldList):
            yield from _entries(field)
        elif field.type not in SKIPPED:
            yield field


def _entries(field: FieldList) -> Iterator[Any]:
    for entry in field.entries:
        if isinstance(entry, FormField):
            yield from _fields(entry.form)
        else:
            yield entry
