"""What all forms share: the CSRF token, tidy text, and messages in the reader's language."""

from collections.abc import Iterable
from typing import Any

import wtforms
from flask_wtf import FlaskForm
from wtforms import ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from credit_app.i18n import _l


class _Stripping:
    """Strips the texts of a form's fields; a select that is not sent, for its part is not shown, is left empty."""

    def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Any:
        kind = unbound_field.field_class.__name__
        if kind in ("StringField", "TextAreaField", "EmailField", "SearchField"):
            options = {**options, "filters": [*unbound_field.kwargs.pop("filters", ()), stripped]}
        if kind == "SelectField" and not {"default", "coerce"} & unbound_field.kwargs.keys():
            options = {**options, "default": ""}
        return unbound_field.bind(form=form, **options)


class Form(FlaskForm):
    """A form whose texts are stripped before they are checked."""

    class Meta(_Stripping, FlaskForm.Meta):
        pass


class Part(wtforms.Form):
    """A row of a form, such as one of several securities; the form around it has the CSRF token."""

    class Meta(_Stripping, wtforms.Form.Meta):
        pass


def stripped(value: str | None) -> str | None:
    """Return the text without blanks around it and without characters no database takes."""
    return value.replace("\x00", "").strip() if isinstance(value, str) else value


def options(pairs: Iterable[tuple[Any, Any]], first: Any = None) -> list[SelectChoice]:
    """Return the choices of a select from (value, words); `first` is the words of an empty choice before them."""
    made = [SelectChoice(value, words) for value, words in pairs]
    return made if first is None else [SelectChoice("", first), *made]


def needed(message: Any = None) -> InputRequired:
    """Return the validator of a field that must not be empty."""
    return InputRequired(message or _l("Please fill in this field."))


def at_most(letters: int) -> Length:
    """Return the validator of a longest text."""
    return Length(max=letters, message=_l("At most %(max)d characters, please."))


class NotBlank:
    """The field must hold more than blanks."""

    field_flags = {"required": True}  # noqa: RUF012 (the name is WTForms')

    def __call__(self, _form: Any, field: Any) -> None:
        if not (field.data or "").strip():
            field.errors[:] = []
            raise ValidationError(str(_l("Please fill in this field.")))
