"""Enter temporary limit: what the sales rep asks for, until when and why; kept as a draft until it is complete."""

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from credit_app.domain import status
from credit_app.domain.application import ApplicationPolicy, Problem
from credit_app.domain.temporary_limit import CustomerToday, TemporaryPolicy, problems
from credit_app.facts.application import application_of
from credit_app.facts.exposure_reading import exposure_view
from credit_app.facts.own_draft import check_requester, requesters_own, sent_back_with
from credit_app.facts.people import plain
from credit_app.facts.temporary import customer_today
from credit_app.forms.temporary_limit import TemporaryForm, Wanted
from credit_app.i18n import _, said
from credit_app.models import (
    CreditApplication,
    Customer,
    permanent_limit,
    policy_values,
)
from workflows import Action, Assignment, Conflict, InvalidAnswer, Refused

Form = TemporaryForm
OWN_DRAFT = True  # it is its author's alone: nobody claims it or hands it on


class Incomplete(Refused):
    """A request that lacks something; `problems` names each field and what is missing."""

    def __init__(self, found: tuple[Problem, ...]) -> None:
        missing = " ".join(said(problem.sentence) for problem in found)
        super().__init__(_("This was not submitted. %(missing)s", missing=missing))
        self.problems = found


def assign(action: Action) -> Assignment:
    """It is the requester's own work."""
    return requesters_own(action)


def check(action: Action) -> None:
    """Only the requester, or who substitutes them, enters it. Raises NotAllowed."""
    check_requester(action)


def facts(action: Action) -> dict[str, Any]:
    """The draft, the customer's limit and exposure, and what a level asked for when it was sent back."""
    application, session = application_of(action), action.session
    customer = application.customer
    return {
        "application": application,
        "limit_today": permanent_limit(session, customer.id) if customer is not None else None,
        "by_component": exposure_view(session, customer, action.today) if customer is not None else None,
        "longest_days": TemporaryPolicy.from_policy(policy_values(session, action.today)).longest_days,
        "sent_back": sent_back_with(action),
    }


def question(action: Action) -> str:
    """What the page asks, as a sentence."""
    application = application_of(action)
    if application.status == status.SENT_BACK:
        return _("Rework the temporary limit %(number)s", number=application.number)
    return _("Enter the temporary limit %(number)s", number=application.number)


def save_draft(
    session: Session, application: CreditApplication, entered: Wanted, person_id: int, _now: datetime
) -> None:
    """Keep what was entered so far. Raises Conflict when the draft changed since the page was loaded."""
    if application.status not in status.EDITABLE:
        raise Conflict(_("This request has been submitted; it cannot be edited any more."))
    if entered.version != application.version:
        raise Conflict(
            _(
                "This draft was changed in another window since you opened it; nothing was overwritten."
                " Save again to keep what stands here instead."
            )
        )
    if entered.requested_limit == 0:
        raise InvalidAnswer("requested_limit", _("The limit must be above zero."))
    if person_id not in (application.requested_by, *application.drafted_by):
        application.drafted_by = [*application.drafted_by, person_id]
    customer = _customer(session, application, entered.customer_id)
    application.customer_id = customer.id if customer is not None else None
    application.customer = customer
    if customer is not None:
        application.branch_id = customer.branch_id or application.branch_id
        _as_the_open_limit(session, application, customer)
    application.requested_limit = entered.requested_limit
    application.temporary_until = entered.temporary_until
    application.purpose = entered.purpose


def complete(action: Action, entered: Wanted) -> dict[str, Any]:
    """Submit: the draft is kept and complete. Raises Incomplete with all that is missing."""
    application, session = application_of(action), action.session
    save_draft(session, application, entered, action.actor.person_id or application.requested_by, action.now)
    found = missing(session, application, action.today)
    if found:
        raise Incomplete(found)
    if application.status == status.SENT_BACK:
        application.round += 1
        application.approved_limit = application.approved_terms_days = application.approved_conditions = None
        application.approved_payment_method = application.discount = None
    application.status = status.require_transition(application.status, status.SUBMITTED)
    application.submitted_at = action.now
    return {"outcome": "open"}


def missing(session: Session, application: CreditApplication, today: date) -> tuple[Problem, ...]:
    """What still keeps the draft from being submitted."""
    values = policy_values(session, today)
    if application.customer_id is None:
        customer = CustomerToday(rated=False)
    else:
        customer = customer_today(session, application.customer_id, today, application.currency)
    return problems(
        application.requested_limit,
        application.temporary_until,
        application.purpose,
        customer,
        today,
        TemporaryPolicy.from_policy(values),
        ApplicationPolicy.from_policy(values).purpose_length,
        named=application.customer_id is not None,
    )


def _customer(session: Session, application: CreditApplication, customer_id: int | None) -> Customer | None:
    if customer_id is None:
        return None
    customer = session.get(Customer, customer_id)
    sells_in = {branch for role, branch in plain(application.requester).roles if role.startswith("sales_")}
    if customer is None or not (
        None in sells_in or customer.branch_id is None or customer.branch_id in sells_in
    ):
        raise InvalidAnswer("customer", _("This customer is not on file in your branch."))
    if customer.status == "closed":
        raise InvalidAnswer("customer", _("The file of this customer is closed; no credit can be asked for."))
    return customer


def _as_the_open_limit(session: Session, application: CreditApplication, customer: Customer) -> None:
    """Currency, terms and payment method are those of the limit that it replaces for a while."""
    limit = permanent_limit(session, customer.id)
    if limit is not None:
        application.currency, application.terms_days = limit.currency, limit.terms_days
        application.payment_method = limit.payment_method
