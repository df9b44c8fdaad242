"""The team of collection: what each collector has, and what of it is late."""

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import or_, true

from credit_app.db import db
from credit_app.facts.team import team as members_of
from credit_app.models import Customer, the_company
from credit_app.permissions import branches_of
from credit_app.screens.access import allowed, person
from credit_app.screens.clock import today
from credit_app.screens.collection import blueprint
from credit_app.screens.collection.views import colleagues, views


@blueprint.get("/team")
@allowed("collection.lead")
def team() -> ResponseReturnValue:
    """Show the collectors of the branches that the signed-in person leads."""
    branches = branches_of(person(), ("credit_manager",))
    led = true() if branches is None else or_(Customer.branch_id.is_(None), Customer.branch_id.in_(branches))
    return render_template(
        "collection/team.html",
        members=members_of(db.session(), colleagues(), led, today()),
        currency=the_company(db.session()).base_currency,
        tabs=views("team"),
    )
