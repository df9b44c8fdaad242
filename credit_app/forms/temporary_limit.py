"""A temporary limit as a form: for whom, how much, until when and why."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session
from wtforms import DateField, HiddenField, StringField, TextAreaField
from wtforms.validators import Optional

from credit_app.forms.base import Form, at_most
from credit_app.forms.credit_application import find_customer
from credit_app.forms.fields import AmountField
from credit_app.forms.review import version_of
from credit_app.i18n import _l
from credit_app.models import CreditApplication


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was entered; None or empty where nothing was. The amount is in the currency of the open limit."""

    version: int
    customer_id: int | None = None
    requested_limit: Decimal | None = None
    temporary_until: date | None = None
    purpose: str = ""


class TemporaryForm(Form):
    """The temporary limit as a form."""

    version = HiddenField()
    customer = StringField(
        _l("Customer"),
        [at_most(300)],
        description=_l("Type the beginning of the name and choose, or the number, for example C-000123"),
    )
    requested_limit = AmountField(_l("Temporary limit"), description=_l("For example 250 000 or 250,000.00"))
    temporary_until = DateField(_l("Last day"), [Optional()], description=_l("It expires by itself after it"))
    purpose = TextAreaField(
        _l("Reason"), [at_most(4000)], description=_l("For example a season's peak or one large order")
    )

    def offer(self, _session: Session) -> None:
        """There are no choices from the tables."""

    def show(self, application: CreditApplication) -> None:
        """Show a draft."""
        self.version.data = str(application.version)
        if application.customer is not None:
            self.customer.data = f"{application.customer.number} {application.customer.name}"
        self.requested_limit.process_data(application.requested_limit)
        self.temporary_until.data = application.temporary_until
        self.purpose.data = application.purpose

    def answer(self, session: Session) -> Wanted:
        """What was entered. Raises InvalidAnswer for a customer that cannot be told."""
        return Wanted(
            version_of(self.version),
            find_customer(session, self.customer.data or ""),
            self.requested_limit.amount,
            self.temporary_until.data,
            self.purpose.data or "",
        )
