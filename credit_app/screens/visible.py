"""Which rows a person may see. Fetching through these functions is the access check."""

from typing import Any

from sqlalchemy import ColumnElement, false, or_, select, true
from sqlalchemy.orm import joinedload

from credit_app.db import db
from credit_app.i18n import _
from credit_app.models import CreditApplication, Customer, Person
from credit_app.permissions import CREDIT, LEDGER, branches_of
from credit_app.screens.acting import substituted
from workflows.errors import NotFound

# Everybody of a branch, and what belongs to no branch.
WIDE = (*CREDIT, "sales_manager", "auditor")

WITH_NAMES = (joinedload(CreditApplication.customer), joinedload(CreditApplication.requester))


def in_branches(column: Any, branches: frozenset[int] | None) -> ColumnElement[bool]:
    """Return the condition that `column` is one of these branches, or none at all; None means every branch."""
    if branches is None:
        return true()
    if not branches:
        return false()
    return or_(column.is_(None), column.in_(branches))


def customers(person: Person) -> ColumnElement[bool]:
    """Return the condition for the customers a person may see: those of the branches of any fitting role.

    Whoever substitutes somebody sees what that one sees, here and below: they do that one's work.
    """
    seeing = (person, *substituted(person))
    return or_(
        *(in_branches(Customer.branch_id, branches_of(one, (*WIDE, *LEDGER, "sales_rep"))) for one in seeing)
    )


def applications(person: Person) -> ColumnElement[bool]:
    """Return the condition for applications: own ones, own customers', and those of one's branches by role."""
    return or_(*(applications_of(one) for one in (person, *substituted(person))))


def applications_of(person: Person) -> ColumnElement[bool]:
    """Return the same condition without whom the person substitutes."""
    own_customers = select(Customer.id).where(Customer.sales_rep_id == person.id)
    return or_(
        CreditApplication.requested_by == person.id,
        CreditApplication.customer_id.in_(own_customers) & (CreditApplication.status != "draft"),
        in_branches(CreditApplication.branch_id, branches_of(person, WIDE))
        & (CreditApplication.status != "draft"),
    )


def customer(person: Person, number: str) -> Customer:
    """Return the customer with this number; NotFound when there is none or it is not theirs to see."""
    found = db.session.scalar(select(Customer).where(Customer.number == number.upper(), customers(person)))
    if found is None:
        raise NotFound(_("There is no customer %(number)s, or it is not yours to see.", number=number[:40]))
    return found


def application(person: Person, number: str) -> CreditApplication:
    """Return the application with this number; NotFound when there is none or it is not theirs to see."""
    query = select(CreditApplication).where(CreditApplication.number == number.upper(), applications(person))
    found = db.session.scalar(query.options(*WITH_NAMES))
    if found is None:
        raise NotFound(
            _("There is no application %(number)s, or it is not yours to see.", number=number[:40])
        )
    return found
