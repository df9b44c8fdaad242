"""The form of the order check: for whom, how much, on which terms."""

from wtforms import DateField, SelectField, StringField
from wtforms.validators import Optional

from credit_app.facts.payment_words import PAYMENT_WORDS
from credit_app.forms.base import Form, at_most, needed, options
from credit_app.forms.fields import AmountField, WholeField
from credit_app.i18n import _l
from credit_app.models import PAYMENT_METHODS


class OrderCheckForm(Form):
    """An order as sales would enter it; nothing is kept of it."""

    customer = StringField(
        _l("Customer"),
        [needed(), at_most(300)],
        description=_l("Type the beginning of the name and choose, or the number, for example C-000123"),
    )
    amount = AmountField(
        _l("Amount with taxes"), [needed()], description=_l("For example 250 000 or 250,000.00")
    )
    currency = SelectField(_l("Currency"))
    payment_days = WholeField(_l("Days to pay"), [needed()])
    payment_method = SelectField(_l("Payment method"))
    deliver_on = DateField(
        _l("Day of delivery"),
        [Optional()],
        description=_l("Empty for delivery today; a day to come for a later one"),
    )

    def offer(self, currencies: list[str], usual: str) -> None:
        """The currencies in use, the company's own chosen, and the payment methods."""
        self.currency.choices = options((code, code) for code in currencies)
        self.payment_method.choices = options((name, PAYMENT_WORDS[name]) for name in PAYMENT_METHODS)
        if not self.currency.data:
            self.currency.data = usual
