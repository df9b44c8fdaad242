"""What the grade of the customer being chosen allows, for the entry of an application while it is typed."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from credit_app.db import db
from credit_app.facts.entry import allowance_of
from credit_app.forms.credit_application import find_customer
from credit_app.models import Customer
from credit_app.screens import visible
from credit_app.screens.access import allowed, person
from credit_app.screens.clock import today
from workflows import InvalidAnswer

blueprint = Blueprint("entry", __name__, url_prefix="/applications/entry")


@blueprint.get("/allowance")
@allowed("application.create")
def allowance() -> ResponseReturnValue:
    """Answer what the customer in the field may be allowed; a new or unknown one as without a rating."""
    session = db.session()
    return render_template(
        "steps/credit_application/_allowance.html", allowance=allowance_of(session, typed(), today())
    )


def typed() -> Customer | None:
    """The customer in the field, if it is one that this person may see."""
    words = request.args.get("customer", "").strip()[:300]
    if request.args.get("customer_kind") == "new" or not words:
        return None
    try:
        found = find_customer(db.session(), words)
    except InvalidAnswer:
        return None
    query = select(Customer).where(Customer.id == found, visible.customers(person()))
    return db.session.scalar(query)
