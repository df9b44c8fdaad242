"""Forms of the blacklist: whom, on what ground, from which source, how long; and why an entry is lifted."""

from typing import Any

from wtforms import DateField, StringField, TextAreaField, ValidationError
from wtforms.validators import Optional

from credit_app.domain.countries import is_country
from credit_app.forms.base import Form, NotBlank, at_most, needed
from credit_app.i18n import _, _l


class BlacklistForm(Form):
    """With whom no credit is agreed: a customer on file, or a company by name or registration number."""

    customer = StringField(
        _l("Customer on file"),
        [at_most(300)],
        description=_l("Its number, for example C-000123; or leave empty"),
    )
    name = StringField(
        _l("Company or person"), [at_most(300)], description=_l("Where it is no customer on file")
    )
    registration_number = StringField(_l("Registration number"), [at_most(60)])
    country = StringField(_l("Country"), [at_most(60)], description=_l("Two letters, for example DE"))
    ground = TextAreaField(_l("Ground"), [NotBlank(), at_most(1000)])
    source = StringField(
        _l("Source"), [NotBlank(), at_most(300)], description=_l("Example: court of Hamburg, 7 O 12/26")
    )
    valid_from = DateField(_l("From"), [needed(_l("Please give a date."))])
    valid_to = DateField(
        _l("Until"), [Optional()], description=_l("This day is included; empty: until lifted")
    )

    def validate_name(self, _field: Any) -> None:
        """It names somebody, in one way."""
        named = any((self.name.data, self.registration_number.data))
        if not self.customer.data and not named:
            raise ValidationError(_("Name a customer on file, or a company by name or registration number."))
        if self.customer.data and named:
            raise ValidationError(_("Either a customer on file or a company by name, not both."))

    def validate_registration_number(self, field: Any) -> None:
        """Something that can be compared."""
        if field.data and not any(sign.isalnum() for sign in field.data):
            raise ValidationError(_("A registration number has letters or digits."))

    def validate_country(self, field: Any) -> None:
        """Two letters."""
        field.data = (field.data or "").upper() or None
        if field.data and not is_country(field.data):
            raise ValidationError(_("Enter the two letters of the country, for example DE."))

    def validate_valid_to(self, field: Any) -> None:
        """It does not end before it begins."""
        if field.data and self.valid_from.data and field.data < self.valid_from.data:
            raise ValidationError(_("The last day lies before the first."))


class LiftForm(Form):
    """Why an entry is lifted."""

    lift_reason = TextAreaField(_l("Reason"), [NotBlank(), at_most(1000)])
