"""The credit application as a form: what a sales rep enters, read into plain values."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms import HiddenField, MultipleFileField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from credit_app.facts.duplicates import candidates
from credit_app.facts.payment_words import PAYMENT_WORDS
from credit_app.forms.base import Form, at_most
from credit_app.forms.fields import AmountField, WholeField
from credit_app.forms.uploads import Upload, checked_uploads
from credit_app.i18n import _, _l
from credit_app.models import PAYMENT_METHODS, CreditApplication, Customer, currency_codes
from workflows import InvalidAnswer

NEW_FIELDS = ("name", "registration_number", "country", "city", "industry")


@dataclass(frozen=True, slots=True)
class Entered:
    """What the form says, read into plain values; None or empty where nothing was entered.

    `duplicate` says of a new company whether it is one on file: a customer's number, `other`, or nothing yet.
    """

    version: int
    customer_id: int | None = None
    new_customer: dict[str, str] | None = None
    requested_limit: Decimal | None = None
    currency: str | None = None
    terms_days: int | None = None
    payment_method: str | None = None
    yearly_purchases: Decimal | None = None
    purpose: str = ""
    security_offered: str = ""
    files: tuple[Upload, ...] = ()
    duplicate: str = ""


class ApplicationForm(Form):
    """The application as a form. Only these fields exist; anything else sent is ignored."""

    version = HiddenField()
    customer_kind = RadioField(
        _l("Customer"),
        choices=[
            SelectChoice("existing", _l("A customer on file")),
            SelectChoice("new", _l("A new customer")),
        ],
        default="existing",
    )
    customer = StringField(
        _l("Customer"),
        [at_most(300)],
        description=_l("Type the beginning of the name and choose, or the number, for example C-000123"),
    )
    new_name = StringField(_l("Company name"), [at_most(300)])
    new_registration_number = StringField(
        _l("Registration number"),
        [at_most(60)],
        description=_l("As in the commercial register, for example HRB 12345"),
    )
    new_country = StringField(_l("Country"), [at_most(60)], description=_l("Two letters, for example DE"))
    new_city = StringField(_l("City"), [at_most(200)])
    new_industry = StringField(_l("Industry"), [at_most(200)])
    duplicate = RadioField(_l("Is it one of these?"), choices=[], validate_choice=False)
    requested_limit = AmountField(_l("Requested limit"), description=_l("For example 250 000 or 250,000.00"))
    currency = SelectField(_l("Currency"))
    terms_days = WholeField(
        _l("Credit terms"), description=_l("Days from invoice to due date, for example 30")
    )
    payment_method = SelectField(_l("Payment method"))
    yearly_purchases = AmountField(
        _l("Expected yearly purchases"), description=_l("In the currency above, without tax")
    )
    purpose = TextAreaField(_l("Purpose"), [at_most(4000)], description=_l("What the credit is for"))
    security_offered = TextAreaField(
        _l("Security offered"),
        [at_most(4000)],
        description=_l("Guarantee, pledge, deposit, insurance; or leave empty"),
    )
    files = MultipleFileField(
        _l("Attachments"), description=_l("PDF, PNG, JPEG, Word or Excel, up to 10 MB each")
    )

    def offer(self, session: Session) -> None:
        """Fill the choices from the tables."""
        codes = currency_codes(session)
        self.currency.choices = [SelectChoice("", "–"), *(SelectChoice(code, code) for code in codes)]
        methods = [SelectChoice(name, PAYMENT_WORDS[name]) for name in PAYMENT_METHODS]
        self.payment_method.choices = [SelectChoice("", "–"), *methods]

    def show(self, application: CreditApplication) -> None:
        """Show a draft."""
        new = application.new_customer or {}
        self.version.data = str(application.version)
        self.customer_kind.data = "new" if application.new_customer else "existing"
        if application.customer is not None:
            self.customer.data = f"{application.customer.number} {application.customer.name}"
        for name in NEW_FIELDS:
            self[f"new_{name}"].data = new.get(name, "")
        self.requested_limit.process_data(application.requested_limit)
        self.yearly_purchases.process_data(application.yearly_purchases)
        self.terms_days.process_data(application.terms_days)
        self.currency.data = application.currency or ""
        self.payment_method.data = application.payment_method or ""
        self.purpose.data, self.security_offered.data = application.purpose, application.security_offered

    def answer(self, session: Session) -> Entered:
        """What was entered. Raises InvalidAnswer for a customer that cannot be told, or a file not accepted."""
        version = (self.version.data or "").strip()
        is_new = self.customer_kind.data == "new"
        new = {name: (self[f"new_{name}"].data or "").strip() for name in NEW_FIELDS}
        new["country"] = new["country"].upper()
        return Entered(
            version=int(version) if version.isdigit() and len(version) < 10 else 0,
            customer_id=None if is_new else find_customer(session, self.customer.data or ""),
            new_customer=new if is_new else None,
            requested_limit=self.requested_limit.amount,
            currency=self.currency.data or None,
            terms_days=self.terms_days.number,
            payment_method=self.payment_method.data or None,
            yearly_purchases=self.yearly_purchases.amount,
            purpose=self.purpose.data or "",
            security_offered=self.security_offered.data or "",
            files=checked_uploads(self.files.data or [], "files"),
            duplicate=(self.duplicate.data or "")[:30] if is_new else "",
        )

    def may_be(self, session: Session, day: date) -> list[Customer]:
        """The customers on file that the new company in the form may be."""
        if self.customer_kind.data != "new" or not self.new_name.data:
            return []
        country, number = (self.new_country.data or "").upper(), self.new_registration_number.data or ""
        return candidates(session, self.new_name.data, country, number, day)


def find_customer(session: Session, typed: str) -> int | None:
    """The customer that was typed: by number at the beginning, else by its whole name. Raises InvalidAnswer."""
    typed = typed.strip()
    if not typed:
        return None
    by_number = select(Customer.id).where(Customer.number == typed.split()[0].upper())
    by_name = select(Customer.id).where(Customer.name == typed)
    for query in (by_number, by_name):
        found = session.scalars(query.limit(2)).all()
        if len(found) == 1:
            return found[0]
    raise InvalidAnswer(
        "customer",
        _("No customer “%(typed)s” is on file; choose one from the list or enter a new one.", typed=typed),
    )
