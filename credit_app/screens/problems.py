"""What is wrong or missing in an answer, each with the field of the form that it is about."""

from collections.abc import Iterator
from types import ModuleType
from typing import Any

from sqlalchemy.orm import Session
from wtforms import FieldList, FormField

from credit_app.i18n import said
from credit_app.models import CreditApplication
from credit_app.screens.clock import today
from workflows import InvalidAnswer, Refused


def problems(form: Any, refused: Refused | None) -> list[tuple[str | None, str]]:
    """What a refusal says, each with the field it is about; marks the fields too."""
    if refused is not None and hasattr(refused, "problems"):
        found_problems = [(field_of(problem.field), said(problem.sentence)) for problem in refused.problems]
    elif isinstance(refused, InvalidAnswer):
        found_problems = [(refused.field, said(refused))]
    elif refused is not None:
        return [(None, said(refused))]
    else:
        return in_rows(form)
    marked: list[tuple[str | None, str]] = []
    for name, sentence in found_problems:
        item = named(form, name)
        if item is not None:
            item.errors = [*item.errors, sentence]
        marked.append((item.id if item is not None else None, sentence))
    return marked


def general_of(form: Any, refused: Refused | None) -> str | None:
    """The sentence of a refusal that is about no field, or about one in a row; other fields are marked instead."""
    found = problems(form, refused) if refused else []
    return next((text for field, text in found if field is None or "-" in field), None)


def in_rows(form: Any) -> list[tuple[str | None, str]]:
    """What could not be read in a form that has rows; a plain form says it by itself."""
    if not any(isinstance(item, FieldList) for item in form):
        return []
    wrong = (item for item in leaves(form) if item.errors)
    return [(item.id, f"{item.label.text}: {item.errors[0]}") for item in wrong]


def named(form: Any, name: str) -> Any:
    """The field of that name, also in a row such as `securities-0-amount`; None when there is none."""
    return next((item for item in leaves(form) if item.name == name), None)


def leaves(form: Any) -> Iterator[Any]:
    """Every field of a form and of its rows."""
    for item in form:
        if isinstance(item, FieldList):
            for entry in item.entries:
                yield from leaves(entry.form) if isinstance(entry, FormField) else (entry,)
        elif isinstance(item, FormField):
            yield from leaves(item.form)
        else:
            yield item


def field_of(name: str) -> str:
    """The form's field for a field of the rules."""
    known = {"customer_id": "customer"}
    return (
        name.replace("new_customer.", "new_") if name.startswith("new_customer.") else known.get(name, name)
    )


def still_missing(
    session: Session, step: ModuleType, application: CreditApplication, refused: Refused | None
) -> list[tuple[str, str]]:
    """What keeps a draft from being submitted; only said on the draft's own page."""
    missing = getattr(step, "missing", None)
    if missing is None or refused is not None or application.version <= 2:
        return []
    try:
        found_problems = missing(session, application, today())
    except Refused as error:
        return [("currency", said(error))]
    return [(field_of(problem.field), said(problem.sentence)) for problem in found_problems]


def at_field(form: Any, refused: Refused) -> str | None:
    """Put what was refused beside its field; the sentence itself where it belongs to none, or to one in a row, which
    the list of what is wrong does not reach by itself."""
    field: Any = form
    if not isinstance(refused, InvalidAnswer):
        return said(refused)
    for part in refused.field.split("-"):
        try:
            field = field[int(part)].form if part.isdigit() else field[part]
        except (KeyError, IndexError):
            return said(refused)
    field.errors = [said(refused)]
    return said(refused) if "-" in refused.field else None
