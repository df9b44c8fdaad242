"""Forms of the customer file: the reason for opening it, master data, contacts."""

import re
from datetime import date
from typing import Any

from wtforms import (
    DateField,
    EmailField,
    HiddenField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import Email, Optional

from credit_app.domain.countries import is_country
from credit_app.forms.base import Form, NotBlank, at_most, options
from credit_app.forms.fields import WholeField
from credit_app.forms.people import optional_number
from credit_app.i18n import _, _l

EARLIEST = date(1000, 1, 1)
MOST_EMPLOYEES = 999_999
# What those who sell may correct; the rest of the master data is for those who judge or book.
OF_SALES = ("version", "region", "city", "address", "website", "employees")


class ReasonForm(Form):
    """Why somebody opens a file that is not theirs."""

    reason = TextAreaField(
        _l("Reason"),
        [NotBlank(), at_most(1000)],
        description=_l("Example: the parent company is my customer and asks for a group limit"),
    )


class MasterDataForm(Form):
    """What a customer is: company, segment, place in the house, parent. `version` is the row's when it was read."""

    version = HiddenField()
    name = StringField(_l("Name"), [NotBlank(), at_most(300)])
    registration_number = StringField(
        _l("Registration number"),
        [Optional(), at_most(60)],
        description=_l("As in the commercial register, for example HRB 12345"),
    )
    country = StringField(
        _l("Country"), [Optional(), at_most(60)], description=_l("Two letters, for example DE")
    )
    region = StringField(_l("Region"), [Optional(), at_most(100)])
    city = StringField(_l("City"), [Optional(), at_most(200)])
    address = StringField(_l("Address"), [Optional(), at_most(500)])
    website = StringField(
        _l("Web site"), [Optional(), at_most(300)], description=_l("For example https://www.example.com")
    )
    tax_number = StringField(_l("Tax number"), [Optional(), at_most(60)])
    industry = StringField(_l("Industry"), [Optional(), at_most(200)])
    size = SelectField(_l("Size"), [Optional()])
    enterprise_kind = SelectField(_l("Kind of enterprise"), [Optional()])
    founded_on = DateField(_l("Founded on"), [Optional()])
    employees = WholeField(_l("Employees"), most=MOST_EMPLOYEES)
    branch_id = SelectField(_l("Branch"), [Optional()], coerce=optional_number)
    department_id = SelectField(_l("Department"), [Optional()], coerce=optional_number)
    sales_rep_id = SelectField(_l("Sales rep"), [Optional()], coerce=optional_number)
    credit_analyst_id = SelectField(_l("Credit analyst"), [Optional()], coerce=optional_number)
    parent = StringField(
        _l("Parent company"),
        [Optional(), at_most(300)],
        description=_l("The number of the company that it belongs to, for example C-000123; empty for none"),
    )

    def offer(self, **choices: list[tuple[Any, Any]]) -> "MasterDataForm":
        """Fill the selects, by name of the field."""
        for name, pairs in choices.items():
            self[name].choices = options(
                pairs, _("not known") if name in ("size", "enterprise_kind") else _("none")
            )
        return self

    def only(self, names: tuple[str, ...]) -> "MasterDataForm":
        """Take away all other fields: what is sent for them is not read."""
        for name in [name for name in self._fields if name not in (*names, "csrf_token")]:
            del self[name]
        return self

    def validate_country(self, field: Any) -> None:
        """Two letters; a registration number needs its country."""
        field.data = (field.data or "").upper() or None
        if field.data and not is_country(field.data):
            raise ValidationError(_("Enter the two letters of the country, for example DE."))

    def validate_registration_number(self, field: Any) -> None:
        """A number counts within a country."""
        if field.data and not any(sign.isalnum() for sign in field.data):
            raise ValidationError(_("A registration number has letters or digits."))
        if field.data and not (self.country.data or "").strip():
            raise ValidationError(
                _("Enter the country too: registration numbers are unique within a country.")
            )

    def validate_website(self, field: Any) -> None:
        """Only an address that a browser can show; anything else in a link would be somebody else's code."""
        if field.data and not re.fullmatch(r"https?://[^\s<>\"']+\.[^\s<>\"']+", field.data):
            raise ValidationError(_("Enter the whole address, beginning with https://."))

    def validate_founded_on(self, field: Any) -> None:
        """Nobody is founded tomorrow."""
        if field.data and not EARLIEST <= field.data <= date.today():  # noqa: DTZ011 (a day's slack is harmless)
            raise ValidationError(_("The day of foundation lies in the future."))


class ContactForm(Form):
    """A person at the customer."""

    name = StringField(_l("Name"), [NotBlank(), at_most(200)])
    role = StringField(
        _l("Function"), [Optional(), at_most(100)], description=_l("Example: Accounts payable")
    )
    email = EmailField(
        _l("E-mail"),
        [
            Optional(),
            at_most(254),
            Email(_l("This is no complete e-mail address. Example: anna.weiss@company.com")),
        ],
    )
    phone = StringField(_l("Telephone"), [Optional(), at_most(60)], description=_l("Example: +49 40 123456"))

    def validate_phone(self, field: Any) -> None:
        """Digits and the signs between them."""
        if field.data and not re.fullmatch(r"[+0-9][0-9 ()/.\-]{3,}", field.data):
            raise ValidationError(_("Enter digits, for example +49 40 123456."))
