"""Opening a customer's file: the check who may, the reason where one is owed, and the line in the access log."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, or_, select
from sqlalchemy.orm import joinedload

from credit_app import security
from credit_app.db import db
from credit_app.domain.file_access import CLOSED, OPEN
from credit_app.facts.customer_access import access_policy, grant_in_force, log_access, way_of
from credit_app.i18n import _
from credit_app.models import AccessGrant, Customer
from credit_app.permissions import CREDIT, LEDGER, SALES
from credit_app.screens.access import person
from credit_app.screens.acting import substituted
from credit_app.screens.clock import now, today
from workflows.errors import NotAllowed, NotFound

ROLES = SALES | CREDIT | LEDGER | {"auditor"}
NAMES = (
    joinedload(Customer.branch),
    joinedload(Customer.department),
    joinedload(Customer.sales_rep),
    joinedload(Customer.credit_analyst),
    joinedload(Customer.parent),
)


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that the signed-in person has opened, perhaps with a reason."""

    customer: Customer
    grant: AccessGrant | None = None

    def log(self, kind: str, area: str, details: Mapping[str, Any] | None = None) -> None:
        """Write down what is looked at, exported, printed or changed; the request commits it with its answer."""
        reason = self.grant.reason if self.grant else ""
        log_access(db.session(), self.customer.id, person().id, kind, area, now(), reason, details)


class ReasonNeeded(NotAllowed):
    """The file is of another branch, or assigned to somebody else: it opens with a reason."""

    number = ""


def init_app(app: Flask) -> None:
    """Lead whoever needs a reason to the page that asks for it."""
    app.register_error_handler(ReasonNeeded, ask_reason)


def ask_reason(error: ReasonNeeded) -> ResponseReturnValue:
    """The page that asks for a reason and leads back here; what was sent is refused until then."""
    if request.method != "GET":
        return security.refused(error)
    db.session.rollback()
    back = request.full_path.rstrip("?")
    return redirect(url_for("customers.reason", number=error.number, next=back))


def find(number: str) -> Customer:
    """The customer with this number, and who is named in its head. Raises NotFound, as for one that is closed."""
    return looked_up(number)[0]


def looked_up(number: str) -> tuple[Customer, str]:
    """The customer with this number and how the signed-in person gets into its file. Raises NotFound."""
    query = select(Customer).where(Customer.number == number.upper()).options(*NAMES)
    found = db.session.scalar(query)
    how = CLOSED if found is None else way(found)
    if found is None or how == CLOSED:
        raise NotFound(_("There is no customer %(number)s, or it is not yours to see.", number=number[:40]))
    return found, how


def way(customer: Customer) -> str:
    """How the signed-in person gets into this file: open, reason or closed."""
    me = person()
    return way_of((me, *substituted(me)), customer, ROLES, access_policy(db.session(), today()))


def opened(number: str) -> Opened:
    """The file with this number. Raises NotFound when it is closed to this person, ReasonNeeded until one is given."""
    found, how = looked_up(number)
    if how == OPEN:
        return Opened(found)
    grant = grant_in_force(db.session(), person().id, found.id, now())
    if grant is None:
        error = ReasonNeeded(_("This file is not of your branch, or not yours. It opens with a reason."))
        error.number = found.number
        raise error
    return Opened(found, grant)


def stands_open(customer: Customer) -> bool:
    """Whether the signed-in person is in the file's way already, or has given a reason that still holds."""
    return way(customer) == OPEN or grant_in_force(db.session(), person().id, customer.id, now()) is not None


def exactly(words: str) -> list[Customer]:
    """The customers with exactly this number, foreign key or registration number, which may be opened."""
    plain = func.upper(func.regexp_replace(words, "[^[:alnum:]]", "", "g"))
    number = func.upper(func.regexp_replace(Customer.registration_number, "[^[:alnum:]]", "", "g"))
    registered = (number == plain) & (plain != "")
    query = select(Customer).where(
        or_(Customer.number == words.upper(), Customer.external_id == words, registered)
    )
    return [one for one in db.session.scalars(query.limit(10)) if way(one) != CLOSED]
