"""Search over everything a person may see; an exact number leads straight to its page."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, or_, select

from credit_app.db import db
from credit_app.models import CreditApplication, Customer, Person
from credit_app.screens import visible
from credit_app.screens.access import allowed, person
from credit_app.screens.acting import may
from credit_app.screens.applications import CUSTOMER_NAME, found_by
from credit_app.screens.customers import named
from credit_app.screens.file import opening

blueprint = Blueprint("search", __name__)

MOST = 20


@blueprint.get("/search")
@allowed("start.see")
def results() -> ResponseReturnValue:
    """Show what the words are found in."""
    words = request.args.get("q", "").replace("\x00", "").strip()[:100]
    jump = exact(words) if words else None
    if jump:
        return redirect(jump)
    return render_template("search.html", words=words, **(found(words) if words else {}))


def exact(words: str) -> str | None:
    """Return the page whose number was typed, or None."""
    me, number = person(), words.upper()
    if may(me, "application.list"):
        query = select(CreditApplication.number).where(
            func.upper(CreditApplication.number) == number, visible.applications(me)
        )
        if kept := db.session.scalar(query):
            return url_for("applications.show", number=kept)
    customers = opening.exactly(words) if may(me, "customer.list") else []
    if len(customers) == 1:
        return url_for("customers.show", number=customers[0].number)
    if may(me, "customer.access_log"):
        logged = select(Customer.number).where(Customer.number == number)
        if kept := db.session.scalar(logged):
            return url_for("customers.access_log", number=kept)
    return None


def found(words: str) -> dict[str, Any]:
    """Return the hits by kind, at most 20 each."""
    me = person()
    hits: dict[str, Any] = {"customers": [], "applications": [], "people": []}
    if may(me, "customer.list"):
        query = (
            select(Customer).where(named(words), visible.customers(me)).order_by(func.lower(Customer.name))
        )
        hits["customers"] = list(db.session.scalars(query.limit(MOST)))
    if may(me, "application.list"):
        applications = (
            select(CreditApplication)
            .outerjoin(CreditApplication.customer)
            .where(found_by(words), visible.applications(me))
            .options(*visible.WITH_NAMES)
            .order_by(CUSTOMER_NAME, CreditApplication.id.desc())
        )
        hits["applications"] = list(db.session.scalars(applications.limit(MOST)))
    if may(me, "people.see"):
        like = f"%{words.lower()}%"
        people = select(Person).where(or_(func.lower(Person.name).like(like), Person.email.like(like)))
        hits["people"] = list(db.session.scalars(people.order_by(func.lower(Person.name)).limit(MOST)))
    return hits
