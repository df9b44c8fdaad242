"""The form of a supplier or partner."""

from typing import Any

from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.validators import Optional

from credit_app.domain.countries import is_country
from credit_app.facts.parties import FIELDS
from credit_app.forms.base import Form, NotBlank, at_most, options
from credit_app.i18n import _, _l
from credit_app.models.party import PARTY_KINDS, PARTY_STATUSES, Party

PARTY_KIND_WORDS = {"supplier": _l("Supplier"), "partner": _l("Partner")}
PARTY_STATUS_WORDS = {"active": _l("active"), "closed": _l("closed")}


def branch_number(value: Any) -> int | None:
    """The id of a select; None for the empty choice. Raises ValueError."""
    return int(value) if value not in (None, "", "None") else None


class PartyForm(Form):
    """Master data of a party. `version` is the row's when it was read; `other` says it is none of those alike."""

    version = HiddenField()
    kind = SelectField(
        _l("Kind"),
        choices=lambda: options((one, PARTY_KIND_WORDS[one]) for one in PARTY_KINDS),
    )
    name = StringField(_l("Name"), [NotBlank(), at_most(300)])
    registration_number = StringField(
        _l("Registration number"),
        [Optional(), at_most(60)],
        description=_l("As in the commercial register, for example HRB 12345"),
    )
    country = StringField(
        _l("Country"), [Optional(), at_most(60)], description=_l("Two letters, for example DE")
    )
    city = StringField(_l("City"), [at_most(200)])
    address = StringField(_l("Address"), [at_most(500)])
    contact_name = StringField(_l("Contact"), [at_most(200)])
    email = StringField(_l("E-mail"), [at_most(254)])
    phone = StringField(_l("Telephone"), [at_most(60)])
    branch_id = SelectField(_l("Branch"), [Optional()], coerce=branch_number)
    status = SelectField(
        _l("Status"),
        choices=lambda: options((one, PARTY_STATUS_WORDS[one]) for one in PARTY_STATUSES),
    )
    note = TextAreaField(_l("Note"), [at_most(4000)])
    other = BooleanField(_l("It is none of these"))

    def offer(self, branches: list[tuple[int, str]], every: bool) -> "PartyForm":
        """Fill the branches; `every`: a party may belong to all of them."""
        self.branch_id.choices = options(branches, _("all branches") if every else None)
        return self

    def show(self, party: Party | None) -> "PartyForm":
        """Fill from the row."""
        if party is not None:
            for name in FIELDS:
                self[name].data = getattr(party, name)
            self.version.data = str(party.version)
        return self

    def values(self) -> dict[str, Any]:
        """The fields as the row takes them."""
        found = {name: self[name].data for name in FIELDS}
        unknown = ("registration_number", "country")
        return {name: (value or None) if name in unknown else value for name, value in found.items()}

    def validate_country(self, field: Any) -> None:
        """Two letters."""
        field.data = (field.data or "").strip().upper()
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
