"""Administration of failures: what was tried too often and waits for somebody."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from credit_app.db import db
from credit_app.facts.ledger_check import CHECK
from credit_app.i18n import _
from credit_app.models import Person
from credit_app.screens.access import allowed, person
from credit_app.screens.process_words import node_name
from workflows import incidents
from workflows.tables import Incident

blueprint = Blueprint("incidents", __name__, url_prefix="/admin/incidents")

MOST = 200


@blueprint.get("")
@allowed("incident.see")
def index() -> ResponseReturnValue:
    """List the open incidents, or those that were solved."""
    solved = "solved" in request.args
    query = select(Incident).where(
        Incident.resolved_at.is_not(None) if solved else Incident.resolved_at.is_(None)
    )
    rows = db.session.scalars(query.order_by(Incident.opened_at.desc(), Incident.id.desc()).limit(MOST)).all()
    ids = {row.resolved_by for row in rows if row.resolved_by}
    names = dict(db.session.execute(select(Person.id, Person.name).where(Person.id.in_(ids))).all())
    what = {row.id: work(row) for row in rows}
    return render_template("admin/incidents.html", rows=rows, solved=solved, names=names, what=what)


@blueprint.post("/<int:incident_id>/retry")
@allowed("incident.retry")
def retry(incident_id: int) -> ResponseReturnValue:
    """Let a worker try the work again, now."""
    found = db.session.get(Incident, incident_id)
    nightly = found is not None and found.kind == CHECK
    incidents.retry(db.session(), incident_id, person().id)
    db.session.commit()
    if nightly:
        flash(
            _("It is checked again in the coming night. Should it fail again, it comes back here."), "success"
        )
    else:
        flash(_("It is tried again within seconds. Should it fail again, it comes back here."), "success")
    return redirect(url_for("incidents.index"))


def work(row: Incident) -> str:
    """Return what failed, in words."""
    if row.kind == CHECK:
        return _("Check of the ledger")
    return node_name(row.process, row.node) if row.process else _("Mail")


def count(_person: object) -> int:
    """Return how many incidents are open, for the navigation."""
    return (
        db.session.scalar(select(func.count()).select_from(Incident).where(Incident.resolved_at.is_(None)))
        or 0
    )
