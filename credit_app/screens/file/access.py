"""Access to a customer's file: the reason where one is owed, and who looked at what."""

from collections.abc import Mapping
from typing import Any

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from credit_app.db import db
from credit_app.domain.file_access import OPEN
from credit_app.facts.customer_access import access_policy, give_reason, grant_in_force
from credit_app.forms.customer_file import ReasonForm
from credit_app.i18n import _
from credit_app.models import AccessLog, Customer
from credit_app.screens.access import allowed, person
from credit_app.screens.clock import now, today
from credit_app.screens.customers import blueprint
from credit_app.screens.file.opening import Opened, find, way
from credit_app.screens.file.page import reads
from credit_app.screens.file.tabs import address
from credit_app.screens.listing import Listing, Sort
from credit_app.screens.sessions import safe_next
from workflows.errors import NotFound

SORTS = {"at": Sort(AccessLog.id, int)}
MOST = 100


@reads("access")
def read(file: Opened, _forms: Mapping[str, Any]) -> dict[str, Any]:
    """Who looked at this file, the newest first."""
    return log_page(file.customer)


def log_page(customer: Customer) -> dict[str, Any]:
    """A page of a customer's access log."""
    listing = Listing(SORTS, AccessLog.id, "-at", MOST)
    query = (
        select(AccessLog)
        .where(AccessLog.customer_id == customer.id)
        .options(joinedload(AccessLog.person), joinedload(AccessLog.token))
    )
    rows = list(db.session.scalars(listing.apply(query)))
    return {"log": listing.page(rows, lambda row: (row.id, row.id)), "listing": listing}


@blueprint.get("/<number>/access-log")
@allowed("customer.access_log")
def access_log(number: str) -> ResponseReturnValue:
    """Show who looked at a file, without the file: to administrators, who see no credit data."""
    customer = db.session.scalar(select(Customer).where(Customer.number == number.upper()))
    if customer is None:
        raise NotFound(_("There is no customer %(number)s.", number=number[:40]))
    return render_template("customers/access_log.html", customer=customer, **log_page(customer))


@blueprint.route("/<number>/reason", methods=["GET", "POST"])
@allowed("customer.list")
def reason(number: str) -> ResponseReturnValue:
    """Ask why somebody wants to open a file that is not theirs, and open it for some hours."""
    customer, session = find(number), db.session()
    wanted = request.values.get("next", "")
    back = safe_next(wanted) if wanted else address(customer, "overview")
    if way(customer) == OPEN or grant_in_force(session, person().id, customer.id, now()):
        return redirect(back)
    form = ReasonForm()
    hours = access_policy(session, today()).grant_hours
    if form.validate_on_submit():
        give_reason(session, person().id, customer.id, form.reason.data, now(), hours)
        session.commit()
        return redirect(back)
    page = render_template("customers/reason.html", customer=customer, form=form, back=back, hours=hours)
    return page, 422 if form.errors else 200
