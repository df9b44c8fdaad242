"""The team of collection: what each collector has, and what of it is late."""

from flask import render_template
from flask.typing import ResponseReturnValue

from credit_app.db import db
from credit_app.facts.team import team as members_of
from credit_app.models import the_company
from credit_app.screens.access import allowed
from credit_app.screens.clock import today
from credit_app.screens.collection import blueprint
from credit_app.screens.collection.runs import led, told_of_resting
from credit_app.screens.collection.views import colleagues, views


@blueprint.get("/team")
@allowed("collection.lead")
def team() -> ResponseReturnValue:
    """Show the collectors of the branches that the signed-in person leads."""
    return render_template(
        "collection/team.html",
        members=members_of(db.session(), colleagues(), led(), today()),
        currency=the_company(db.session()).base_currency,
        tabs=views("team"),
        told_of_resting=told_of_resting(),
    )
