"""Substitutes: who acts for whom between two days."""

from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from credit_app.db import db
from credit_app.forms.people import SubstitutionForm
from credit_app.i18n import _
from credit_app.models import Person, Substitution
from credit_app.screens.access import allowed, check, person
from credit_app.screens.clock import now, today
from workflows.errors import NotFound, Refused

blueprint = Blueprint("substitutes", __name__, url_prefix="/admin/substitutes")


@blueprint.route("", methods=["GET", "POST"])
@allowed("people.see")
def index() -> ResponseReturnValue:
    """List substitutions and add one."""
    form = SubstitutionForm().offer(everyone())
    if form.is_submitted():
        check("substitution.change")
        if form.validate():
            if form.substitute_id.data == person().id:
                raise Refused(_("Nobody makes themselves a substitute. Another administrator can."))
            add(form)
            flash(_("The substitution is entered."), "success")
            return redirect(url_for("substitutes.index"))
    past = "past" in request.args
    query = select(Substitution).options(joinedload(Substitution.person), joinedload(Substitution.substitute))
    query = query.where(Substitution.ends_on < today() if past else Substitution.ends_on >= today())
    rows = db.session.scalars(query.order_by(Substitution.starts_on, Substitution.id).limit(500)).all()
    code = 422 if form.errors else 200
    return render_template("admin/substitutes.html", form=form, rows=rows, past=past, today=today()), code


def everyone() -> list[tuple[int, str]]:
    """Return the active people for a select."""
    query = select(Person.id, Person.name).where(Person.active).order_by(func.lower(Person.name))
    return [(row.id, row.name) for row in db.session.execute(query)]


def add(form: SubstitutionForm) -> None:
    """Store a substitution and commit."""
    row = Substitution(created_by=person().id, created_at=now())
    for name in ("person_id", "substitute_id", "starts_on", "ends_on"):
        setattr(row, name, getattr(form, name).data)
    row.reason = form.reason.data or ""
    db.session.add(row)
    db.session.commit()


@blueprint.post("/<int:row_id>/end")
@allowed("substitution.change")
def end(row_id: int) -> ResponseReturnValue:
    """End a substitution at once: yesterday was its last day. One that began today or later is taken out."""
    row = db.session.get(Substitution, row_id)
    if row is None:
        raise NotFound(_("This substitution is gone already."))
    if row.starts_on >= today():
        db.session.delete(row)
    else:
        row.ends_on = today() - timedelta(days=1)
    db.session.commit()
    flash(_("The substitution is ended."), "success")
    return redirect(url_for("substitutes.index"))
