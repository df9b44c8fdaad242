"""Enter application: what the sales rep asks for; kept as a draft until it is complete and submitted."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms import HiddenField, MultipleFileField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from credit_app.domain import status
from credit_app.domain.application import ApplicationPolicy, ApplicationValues, Problem, completeness
from credit_app.facts.application import application_of
from credit_app.forms.base import Form as BaseForm
from credit_app.forms.base import at_most
from credit_app.forms.fields import AmountField, WholeField, said
from credit_app.forms.uploads import Upload, checked_uploads
from credit_app.i18n import _, _l
from credit_app.models import (
    PAYMENT_METHODS,
    ApprovalDecision,
    Attachment,
    CreditApplication,
    Currency,
    Customer,
    Person,
    convert,
    customer_by_registration,
    known_currency,
    next_customer_number,
    policy_values,
    the_company,
)
from workflows import Action, Assignment, Conflict, InvalidAnswer, NotAllowed, Refused

METHOD_WORDS = {
    "open_account": _l("Open account"),
    "bill": _l("Bill of exchange"),
    "instalments": _l("Instalments"),
    "cash_on_delivery": _l("Cash on delivery"),
    "prepayment": _l("Prepayment"),
}
NEW_FIELDS = ("name", "registration_number", "country", "city", "industry")


class Incomplete(Refused):
    """A submission that lacks something; `problems` names each field and what is missing."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        missing = " ".join(said(problem.sentence) for problem in problems)
        super().__init__(
            _("The application is not complete yet; nothing was submitted. %(missing)s", missing=missing)
        )
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Entered:
    """What the form says, read into plain values; None or empty where nothing was entered."""

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


class Form(BaseForm):
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
        _l("Customer"), [at_most(300)], description=_l("Number or name, for example C-000123 or Nordwind")
    )
    new_name = StringField(_l("Company name"), [at_most(300)])
    new_registration_number = StringField(
        _l("Registration number"),
        [at_most(60)],
        description=_l("As in the commercial register, for example HRB 12345"),
    )
    new_country = StringField(_l("Country"), [at_most(2)], description=_l("Two letters, for example DE"))
    new_city = StringField(_l("City"), [at_most(200)])
    new_industry = StringField(_l("Industry"), [at_most(200)])
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
        codes = session.scalars(select(Currency.code).order_by(Currency.code))
        self.currency.choices = [SelectChoice("", "–"), *(SelectChoice(code, code) for code in codes)]
        methods = [SelectChoice(name, METHOD_WORDS[name]) for name in PAYMENT_METHODS]
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
        )


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


# --- the step -----------------------------------------------------------------------------------------------------


def assign(action: Action) -> Assignment:
    """It is the requester's own work."""
    application = application_of(action)
    return Assignment("sales_rep", application.branch_id, claimed_by=application.requested_by)


def check(action: Action) -> None:
    """Only the requester, or who substitutes them, enters it. Raises NotAllowed."""
    application = application_of(action)
    if application.requested_by not in (action.actor.person_id, action.actor.on_behalf_of):
        raise NotAllowed(_("This application belongs to the colleague who opened it."))


def facts(action: Action) -> dict[str, Any]:
    """The draft, its files, and what a level asked for when it was sent back."""
    application = application_of(action)
    query = (
        select(ApprovalDecision)
        .where(ApprovalDecision.application_id == application.id, ApprovalDecision.decision == "send_back")
        .order_by(ApprovalDecision.id.desc())
        .limit(1)
    )
    sent_back = application.status == status.SENT_BACK
    return {
        "application": application,
        "attachments": application.attachments,
        "sent_back": action.session.scalars(query).first() if sent_back else None,
    }


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    application = application_of(action)
    if application.status == status.SENT_BACK:
        return _("Rework the application %(number)s", number=application.number)
    return _("Enter the application %(number)s", number=application.number)


def save_draft(
    session: Session, application: CreditApplication, entered: Entered, person_id: int, now: datetime
) -> None:
    """Keep what was entered so far. Raises Conflict when the draft changed since the page was loaded."""
    if application.status not in status.EDITABLE:
        raise Conflict(_("This application has been submitted; it cannot be edited any more."))
    if entered.version != application.version:
        raise Conflict(
            _("This draft was changed in another window since you opened it; nothing was overwritten.")
        )
    if entered.currency:
        known_currency(session, entered.currency)
    customer = _customer(session, entered, person_id)
    application.customer_id = customer.id if customer else None
    application.new_customer = entered.new_customer
    application.branch_id = customer.branch_id if customer and customer.branch_id else application.branch_id
    application.requested_limit = entered.requested_limit if entered.requested_limit else None
    application.currency = entered.currency
    application.terms_days = entered.terms_days
    application.payment_method = entered.payment_method
    application.yearly_purchases = entered.yearly_purchases
    application.purpose = entered.purpose
    application.security_offered = entered.security_offered
    for file in entered.files:
        application.attachments.append(
            Attachment(
                filename=file.filename,
                content_type=file.content_type,
                size=len(file.content),
                sha256=file.sha256,
                content=file.content,
                uploaded_by=person_id,
                uploaded_at=now,
            )
        )


def complete(action: Action, entered: Entered) -> dict[str, Any]:
    """Submit: the draft is kept, complete, its new customer on file. Raises Incomplete with all that is missing."""
    application = application_of(action)
    session, person = action.session, action.actor.person_id or application.requested_by
    save_draft(session, application, entered, person, action.now)
    problems = completeness(_values(action, application), _policy(session, action.today))
    if problems:
        raise Incomplete(problems)
    if application.new_customer:
        application.customer = _put_on_file(session, application, action)
        application.new_customer = None
    if application.status == status.SENT_BACK:
        application.round += 1
        application.approved_limit = application.approved_terms_days = application.approved_conditions = None
    application.status = status.require_transition(application.status, status.SUBMITTED)
    application.submitted_at = action.now
    return {"outcome": "open"}


def missing(session: Session, application: CreditApplication, today: date) -> tuple[Problem, ...]:
    """What still keeps a draft from being submitted, for its page."""
    values = _plain(application, _in_base(session, application, today))
    return completeness(values, _policy(session, today))


def _policy(session: Session, today: date) -> ApplicationPolicy:
    return ApplicationPolicy.from_policy(policy_values(session, today))


def _values(action: Action, application: CreditApplication) -> ApplicationValues:
    return _plain(application, _in_base(action.session, application, action.today))


def _in_base(session: Session, application: CreditApplication, today: date) -> Decimal | None:
    if application.requested_limit is None or not application.currency:
        return None
    base = the_company(session).base_currency
    try:
        return convert(session, application.requested_limit, application.currency, base, today)
    except Refused as error:  # a missing rate is the currency field's error
        raise InvalidAnswer("currency", error.sentence) from None


def _plain(application: CreditApplication, in_base: Decimal | None) -> ApplicationValues:
    return ApplicationValues(
        application.customer_id,
        application.new_customer,
        application.requested_limit,
        in_base,
        application.currency,
        application.terms_days,
        application.payment_method,
        application.yearly_purchases,
        application.purpose,
    )


def _customer(session: Session, entered: Entered, person_id: int) -> Customer | None:
    if entered.customer_id is None:
        return None
    customer, person = session.get(Customer, entered.customer_id), session.get(Person, person_id)
    branches = {row.branch_id for row in person.roles if row.role.startswith("sales_")} if person else set()
    if customer is None or not (
        None in branches or customer.branch_id is None or customer.branch_id in branches
    ):
        raise InvalidAnswer("customer", _("This customer is not on file in your branch."))
    if customer.status == "closed":
        raise InvalidAnswer("customer", _("The file of this customer is closed; no credit can be asked for."))
    return customer


def _put_on_file(session: Session, application: CreditApplication, action: Action) -> Customer:
    new = application.new_customer or {}
    known = customer_by_registration(session, new["country"], new["registration_number"])
    if known is not None:
        raise InvalidAnswer(
            "new_registration_number",
            _(
                "A customer with this registration number is on file already: %(number)s %(name)s.",
                number=known.number,
                name=known.name,
            ),
        )
    customer = Customer(
        number=next_customer_number(session),
        name=new["name"],
        registration_number=new["registration_number"],
        country=new["country"],
        city=new.get("city") or None,
        industry=new.get("industry") or None,
        branch_id=application.branch_id,
        sales_rep_id=application.requested_by,
        is_new=True,
        created_at=action.now,
    )
    session.add(customer)
    session.flush()
    return customer
