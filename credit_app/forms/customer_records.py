"""What is entered into a customer's file outside a process: owners, legal records, reports, releases of securities."""

from typing import Any

from flask_wtf.file import FileField
from wtforms import DateField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.validators import Optional

from credit_app.domain.countries import is_country
from credit_app.forms.base import Form, NotBlank, at_most, needed, options
from credit_app.forms.customer_information import not_in_the_future
from credit_app.forms.fields import AmountField
from credit_app.i18n import _, _l
from credit_app.models import LEGAL_RECORD_KINDS, OWNER_KINDS

LEGAL_WORDS = {
    "litigation": _l("Litigation"),
    "administrative_penalty": _l("Administrative penalty"),
    "insolvency": _l("Insolvency"),
    "dishonesty_list": _l("List of dishonest debtors"),
}
OWNER_WORDS = {"person": _l("Person"), "company": _l("Company")}
REPORT_WORDS = {
    "ordered": _l("ordered"),
    "received": _l("received"),
    "not_needed": _l("not needed"),
}


class _WithAmount(Form):
    """An amount has a currency, and a currency its amount."""

    def _same(self, amount: Any, field: Any) -> None:
        if (amount.amount is None) != (not field.data):
            raise ValidationError(_("An amount needs its currency, and a currency its amount."))


class LegalRecordForm(_WithAmount):
    """A court case, a penalty, an insolvency or an entry on a list of dishonest debtors."""

    kind = SelectField(_l("Kind"), [needed()])
    opened_on = DateField(_l("Since"), [needed(_l("Please give a date.")), not_in_the_future])
    closed_on = DateField(_l("Closed on"), [Optional(), not_in_the_future])
    authority = StringField(_l("Court or authority"), [Optional(), at_most(300)])
    subject = TextAreaField(_l("What it is about"), [NotBlank(), at_most(1000)])
    amount = AmountField(_l("Amount"))
    currency = SelectField(_l("Currency"))
    source = StringField(_l("Source"), [NotBlank(), at_most(300)])

    def offer(self, currencies: list[str]) -> "LegalRecordForm":
        """Fill the selects."""
        self.kind.choices = options(((one, LEGAL_WORDS[one]) for one in LEGAL_RECORD_KINDS), _("choose"))
        self.currency.choices = options(((code, code) for code in currencies), _("none"))
        return self

    def validate_currency(self, field: Any) -> None:
        """Both or none."""
        self._same(self.amount, field)

    def validate_closed_on(self, field: Any) -> None:
        """It does not end before it begins."""
        if field.data and self.opened_on.data and field.data < self.opened_on.data:
            raise ValidationError(_("This lies before the day on which it began."))


class ClosingForm(Form):
    """The day on which a legal record ended."""

    closed_on = DateField(_l("Closed on"), [needed(_l("Please give a date.")), not_in_the_future])


class ReportForm(_WithAmount):
    """A third party's report that has come in."""

    provider = StringField(
        _l("Provider"), [NotBlank(), at_most(200)], description=_l("For example Creditreform")
    )
    ordered_on = DateField(_l("Ordered on"), [Optional(), not_in_the_future])
    reported_on = DateField(_l("Dated"), [needed(_l("Please give a date.")), not_in_the_future])
    valid_until = DateField(_l("Valid until"), [Optional()])
    provider_grade = StringField(_l("Provider's grade"), [Optional(), at_most(60)])
    cost = AmountField(_l("Cost"))
    currency = SelectField(_l("Currency"))
    recommended_limit = AmountField(_l("Recommended limit"), currency_field="recommended_currency")
    recommended_currency = SelectField(_l("Currency"))
    note = TextAreaField(_l("Summary"), [Optional(), at_most(4000)])
    file = FileField(_l("Document"))

    def offer(self, currencies: list[str]) -> "ReportForm":
        """Fill the selects."""
        for field in (self.currency, self.recommended_currency):
            field.choices = options(((code, code) for code in currencies), _("none"))
        return self

    def validate_currency(self, field: Any) -> None:
        """Both or none."""
        self._same(self.cost, field)

    def validate_recommended_currency(self, field: Any) -> None:
        """Both or none."""
        self._same(self.recommended_limit, field)

    def validate_valid_until(self, field: Any) -> None:
        """It does not end before it begins."""
        if field.data and self.reported_on.data and field.data < self.reported_on.data:
            raise ValidationError(_("This lies before the day of the report."))


class OwnerForm(Form):
    """Who owns the customer, by how much, as of when."""

    kind = SelectField(_l("Kind"), [needed()])
    name = StringField(_l("Name"), [NotBlank(), at_most(300)])
    country = StringField(_l("Country"), [at_most(60)], description=_l("Two letters, for example DE"))
    share = AmountField(
        _l("Share in per cent"), description=_l("For example 25 or 33.33; empty when not known")
    )
    as_of = DateField(_l("As of"), [needed(_l("Please give a date.")), not_in_the_future])
    source = StringField(_l("Source"), [NotBlank(), at_most(300)])

    def offer(self) -> "OwnerForm":
        """Fill the select."""
        self.kind.choices = options(((one, OWNER_WORDS[one]) for one in OWNER_KINDS), _("choose"))
        return self

    def validate_country(self, field: Any) -> None:
        """Two letters."""
        field.data = (field.data or "").upper() or None
        if field.data and not is_country(field.data):
            raise ValidationError(_("Enter the two letters of the country, for example DE."))

    def validate_share(self, field: Any) -> None:
        """A part of the whole."""
        if field.amount is not None and not 0 < field.amount <= 100:
            raise ValidationError(_("A share lies above 0 and at most at 100 per cent."))


class ReleaseForm(Form):
    """Why a security is given back."""

    reason = TextAreaField(_l("Reason"), [NotBlank(), at_most(1000)])
