"""Thin views: load for this person, check, call, commit, redirect."""

from flask import Flask, g

from credit_app.db import db
from credit_app.models import Company
from credit_app.screens import (
    applications,
    auth,
    calendar,
    customers,
    frame,
    imports,
    people,
    present,
    search,
    sessions,
    start,
    substitutes,
)

BLUEPRINTS = (
    auth.blueprint,
    start.blueprint,
    search.blueprint,
    applications.blueprint,
    customers.blueprint,
    imports.blueprint,
    people.blueprint,
    substitutes.blueprint,
    calendar.blueprint,
)


def init_app(app: Flask) -> None:
    """Register every screen with the filters and the frame its templates need."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions["company_zone"] = company_zone
    sessions.init_app(app)
    present.init_app(app)
    frame.init_app(app)
    app.add_template_filter(applications.customer_name)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)


def company_zone() -> str:
    """Return the company's time zone, read once a request."""
    if "company" not in g:
        g.company = db.session.get(Company, 1)
    return g.company.time_zone if g.company else "UTC"
