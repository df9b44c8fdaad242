"""Enter application: what the sales rep asks for; kept as a draft until it is complete and submitted."""

from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from credit_app.domain import status
from credit_app.domain.application import ApplicationPolicy, ApplicationValues, Problem, completeness
from credit_app.facts.application import application_of
from credit_app.facts.entry import allowance_of
from credit_app.facts.new_customer import refuse_barred, settle
from credit_app.facts.own_draft import check_requester, requesters_own, sent_back_with
from credit_app.forms.credit_application import ApplicationForm, Entered, find_customer
from credit_app.i18n import _, all_said, said
from credit_app.models import (
    Attachment,
    CreditApplication,
    Customer,
    Person,
    convert,
    known_currency,
    policy_values,
    the_company,
)
from workflows import Action, Assignment, Conflict, InvalidAnswer, Refused

Form = ApplicationForm
OWN_DRAFT = True  # it is its author's alone: nobody claims it or hands it on


class Incomplete(Refused):
    """A submission that lacks something; `problems` names each field and what is missing."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        missing = all_said(problem.sentence for problem in problems)
        super().__init__(
            _("The application is not complete yet; nothing was submitted. %(missing)s", missing=missing)
        )
        self.problems = problems


def assign(action: Action) -> Assignment:
    """It is the requester's own work."""
    return requesters_own(action)


def check(action: Action) -> None:
    """Only the requester, or who substitutes them, enters it. Raises NotAllowed."""
    check_requester(action)


def facts(action: Action) -> dict[str, Any]:
    """The draft, its files, and what a level asked for when it was sent back."""
    application = application_of(action)
    return {
        "application": application,
        "attachments": application.attachments,
        "sent_back": sent_back_with(action),
    }


def form_facts(action: Action, form: ApplicationForm) -> dict[str, Any]:
    """What the grade of the customer in the form allows, and which customers a new one may be."""
    session, today = action.session, action.today
    customer = None
    if form.customer_kind.data != "new":
        with suppress(InvalidAnswer):
            found = find_customer(session, form.customer.data or "")
            requester = application_of(action).requested_by
            customer = _customer(session, found, requester)
    return {
        "allowance": allowance_of(session, customer, today),
        "may_be": form.may_be(session, today),
        "answered": form.duplicate.data or "",
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
            _(
                "This draft was changed in another window since you opened it; nothing was overwritten."
                " Save again to keep what stands here instead."
            )
        )
    if person_id not in (application.requested_by, *application.drafted_by):
        application.drafted_by = [*application.drafted_by, person_id]
    if entered.requested_limit == 0:
        raise InvalidAnswer("requested_limit", _("The limit must be above zero."))
    if entered.currency:
        known_currency(session, entered.currency)
    customer = _customer(session, entered.customer_id, application.requested_by)
    application.customer_id = customer.id if customer else None
    application.new_customer = entered.new_customer
    application.branch_id = customer.branch_id if customer and customer.branch_id else application.branch_id
    application.requested_limit = entered.requested_limit
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
    refuse_barred(action, application, application.customer)
    if application.new_customer:
        application.customer = settle(action, application, entered.duplicate)
        _customer(session, application.customer.id, application.requested_by)
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
        raise InvalidAnswer("currency", said(error)) from None


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


def _customer(session: Session, customer_id: int | None, person_id: int) -> Customer | None:
    if customer_id is None:
        return None
    customer, person = session.get(Customer, customer_id), session.get(Person, person_id)
    branches = {row.branch_id for row in person.roles if row.role.startswith("sales_")} if person else set()
    if customer is None or not (
        None in branches or customer.branch_id is None or customer.branch_id in branches
    ):
        raise InvalidAnswer("customer", _("This customer is not on file in your branch."))
    if customer.status == "closed":
        raise InvalidAnswer("customer", _("The file of this customer is closed; no credit can be asked for."))
    return customer
