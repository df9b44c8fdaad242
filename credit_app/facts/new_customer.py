"""The customer that a new company in an application is: one on file that is recognised, else one put on file."""

from typing import Any

from sqlalchemy.orm import Session

from credit_app.facts.duplicates import candidates
from credit_app.facts.entry import why_barred
from credit_app.i18n import _, listed
from credit_app.models import CreditApplication, Customer, customer_by_registration, next_customer_number
from workflows import Action, InvalidAnswer

OTHER = "other"  # the answer that a new company is none of those on file


def refuse_barred(action: Action, application: CreditApplication, customer: Customer | None) -> None:
    """Raise InvalidAnswer where the blacklist bars the customer, or the new company, of the application."""
    barred = why_barred(action.session, action.today, customer, application.new_customer)
    if barred is not None:
        raise InvalidAnswer("customer" if customer is not None else "new_name", barred)


def settle(action: Action, application: CreditApplication, said_so: str) -> Customer:
    """The customer that is meant: one on file that the rep recognises, else a new one. Raises InvalidAnswer.

    `said_so` is the number of the one that was recognised, `other`, or empty where nothing was asked yet.
    """
    session, new = action.session, application.new_customer or {}
    number = next_customer_number(session)  # first: two who enter the same company wait for each other here
    found = candidates(session, new["name"], new["country"], new["registration_number"], action.today)
    meant = next((row for row in found if row.number == said_so), None)
    if meant is not None:
        application.new_customer = None
        refuse_barred(action, application, meant)
    else:
        _refuse_unanswered(session, new, found, said_so)
    if found:
        application.duplicate_answer = {
            "candidates": [row.id for row in found],
            "meant": meant.id if meant is not None else None,
            "by": action.actor.person_id,
            "at": action.now.isoformat(),
        }
    return meant if meant is not None else _put_on_file(action, application, number, new)


def _refuse_unanswered(session: Session, new: dict[str, Any], found: list[Customer], said_so: str) -> None:
    known = customer_by_registration(session, new["country"], new["registration_number"])
    if known is not None:
        text = _(
            "A customer with this registration number is on file already: %(number)s %(name)s.",
            number=known.number,
            name=known.name,
        )
        raise InvalidAnswer("new_registration_number", text)
    if found and said_so != OTHER:
        names = listed(f"{row.number} {row.name}" for row in found)
        text = _("On file with a name like this: %(names)s. Say whether it is one of them.", names=names)
        raise InvalidAnswer("duplicate", text)


def _put_on_file(
    action: Action, application: CreditApplication, number: str, new: dict[str, Any]
) -> Customer:
    customer = Customer(
        number=number,
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
    action.session.add(customer)
    action.session.flush()
    return customer
