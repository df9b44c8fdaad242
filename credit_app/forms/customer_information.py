"""What becomes known of a customer, as forms: information items and documents."""

from datetime import timedelta
from typing import Any

from flask_wtf.file import MultipleFileField
from wtforms import DateField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.validators import Optional

from credit_app.domain.completeness_of_file import ITEMS
from credit_app.forms.base import Form, NotBlank, at_most, needed, options
from credit_app.forms.fields import WholeField
from credit_app.i18n import _, _l
from credit_app.models import DOCUMENT_KINDS, INFORMATION_KINDS
from workflows import clock

OTHER = "other"
INFORMATION_WORDS = {
    "basic": _l("Basic information"),
    "operation": _l("Operation"),
    "history": _l("History"),
}
DOCUMENT_WORDS = {
    "registration": _l("registration"),
    "statement": _l("financial statement"),
    "report": _l("report"),
    "reference": _l("reference"),
    "site_visit": _l("site visit"),
    "security": _l("security"),
    "contract": _l("contract"),
    "other": _l("other"),
}


def not_in_the_future(_form: Any, field: Any) -> None:
    """A day that has begun somewhere on earth. Raises ValidationError."""
    if field.data and field.data > (clock.now() + timedelta(hours=14)).date():
        raise ValidationError(_("This day lies in the future."))


class InformationForm(Form):
    """One thing known: what, from whom, as of when, how sure. Nothing is preselected."""

    name = SelectField(_l("What"), [needed()])
    kind = SelectField(_l("Kind"), description=_l("Only where you name it yourself"))
    other_name = StringField(
        _l("In your own words"), [at_most(60)], description=_l("Only with “something else”")
    )
    value = TextAreaField(_l("What is known"), [NotBlank(), at_most(2000)])
    source = StringField(
        _l("Source"),
        [NotBlank(), at_most(300)],
        description=_l("Example: commercial register, extract of 4 May"),
    )
    as_of = DateField(_l("As of"), [needed(_l("Please give a date.")), not_in_the_future])
    valid_until = DateField(_l("Valid until"), [Optional()])
    confidence = WholeField(
        _l("Confidence in per cent"), [needed()], most=100, description=_l("100: proved by a document")
    )
    document_id = SelectField(_l("Document"))

    def offer(self, names: list[tuple[str, Any]], documents: list[tuple[int, str]]) -> "InformationForm":
        """Fill the selects."""
        self.name.choices = options([*names, (OTHER, _("something else"))], _("choose"))
        self.kind.choices = options(
            ((one, INFORMATION_WORDS[one]) for one in INFORMATION_KINDS), _("by its name")
        )
        self.document_id.choices = options(((str(key), text) for key, text in documents), _("none"))
        return self

    @property
    def named(self) -> tuple[str, str]:
        """Kind and name to be stored."""
        if self.name.data == OTHER:
            return self.kind.data, (self.other_name.data or "").strip()
        return ITEMS[self.name.data][0], self.name.data

    def validate_kind(self, field: Any) -> None:
        """What somebody names themselves has a kind."""
        if self.name.data == OTHER and not field.data:
            raise ValidationError(_("Choose the kind of this information."))

    def validate_other_name(self, field: Any) -> None:
        """A name of one's own is no code of ours."""
        if self.name.data != OTHER:
            return
        if not (field.data or "").strip():
            raise ValidationError(_("Say in a few words what this is about."))
        if field.data.strip() in ITEMS:
            raise ValidationError(_("Choose this one from the list above."))

    def validate_valid_until(self, field: Any) -> None:
        """It does not end before it begins."""
        if field.data and self.as_of.data and field.data < self.as_of.data:
            raise ValidationError(_("This lies before the day that the information is of."))


class DocumentForm(Form):
    """Files for the customer's file."""

    kind = SelectField(_l("Kind"), [needed()])
    files = MultipleFileField(
        _l("Files"), description=_l("PDF, PNG, JPEG, Word or Excel, at most 10 MB each")
    )

    def offer(self) -> "DocumentForm":
        """Fill the select."""
        self.kind.choices = options(((one, DOCUMENT_WORDS[one]) for one in DOCUMENT_KINDS), _("choose"))
        return self
