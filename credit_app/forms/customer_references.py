"""What banks and suppliers of a customer say about it, as a form."""

from typing import Any

from wtforms import DateField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.validators import Optional

from credit_app.forms.base import Form, NotBlank, at_most, needed, options
from credit_app.forms.customer_information import not_in_the_future
from credit_app.forms.fields import AmountField
from credit_app.i18n import _, _l

REFERENCE_WORDS = {"bank": _l("bank"), "trade": _l("supplier")}
ASSESSMENT_WORDS = {"positive": _l("positive"), "neutral": _l("neutral"), "negative": _l("negative")}


class ReferenceForm(Form):
    """A bank or trade reference."""

    kind = SelectField(_l("Kind"), [needed()])
    name = StringField(_l("Who says so"), [NotBlank(), at_most(300)], description=_l("Bank or supplier"))
    contact = StringField(_l("Contact there"), [Optional(), at_most(300)])
    given_on = DateField(_l("Given on"), [needed(_l("Please give a date.")), not_in_the_future])
    customer_since = DateField(_l("Their customer since"), [Optional(), not_in_the_future])
    amount = AmountField(_l("Highest credit there"), description=_l("For example 250 000"))
    currency = SelectField(_l("Currency"))
    assessment = SelectField(_l("Judgement"), [needed()])
    note = TextAreaField(_l("What they say"), [Optional(), at_most(2000)])

    def offer(self, currencies: list[str]) -> "ReferenceForm":
        """Fill the selects."""
        self.kind.choices = options(REFERENCE_WORDS.items(), _("choose"))
        self.assessment.choices = options(ASSESSMENT_WORDS.items(), _("choose"))
        self.currency.choices = options(((code, code) for code in currencies), _("none"))
        return self

    def validate_currency(self, field: Any) -> None:
        """An amount has a currency."""
        if (self.amount.amount is None) != (not field.data):
            raise ValidationError(_("An amount needs its currency, and a currency its amount."))
