"""The register of counsel: our own and the law firms that act for the company."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from credit_app.db import db
from credit_app.facts.legal import ROLE
from credit_app.facts.people import people_with
from credit_app.forms.base import options
from credit_app.forms.legal import CounselForm
from credit_app.i18n import _, _l
from credit_app.models.legal import LegalCounsel
from credit_app.screens.access import allowed, check, person
from credit_app.screens.acting import may
from credit_app.screens.clock import now
from credit_app.screens.legal import blueprint
from workflows import NotFound


@blueprint.route("/counsel", methods=["GET", "POST"])
@allowed("legal.see")
def counsel() -> ResponseReturnValue:
    """List the register and take a new entry."""
    form = CounselForm()
    people = people_with(db.session(), [ROLE])
    form.person_id.choices = options(
        [(str(one.id), one.name) for one in people], first=_l("nobody of our own")
    )
    if form.is_submitted():
        check("legal.counsel")
        if form.validate() and _stored(form, {str(one.id): one.id for one in people}):
            flash(_("%(name)s is in the register.", name=form.name.data), "success")
            return redirect(url_for("legal.counsel"))
    rows = db.session.scalars(
        select(LegalCounsel)
        .options(joinedload(LegalCounsel.person))
        .order_by(LegalCounsel.active.desc(), LegalCounsel.name)
    ).all()
    page = render_template(
        "legal/counsel.html", rows=rows, form=form, may_change=may(person(), "legal.counsel")
    )
    return page, 422 if form.errors else 200


@blueprint.post("/counsel/<int:counsel_id>/<what>")
@allowed("legal.counsel")
def change_counsel(counsel_id: int, what: str) -> ResponseReturnValue:
    """Close an entry, so that nobody chooses it any more, or open it again."""
    row = db.session.get(LegalCounsel, counsel_id)
    if row is None or what not in ("close", "open"):
        raise NotFound(_("There is no such entry in the register."))
    row.active = what == "open"
    db.session.commit()
    return redirect(url_for("legal.counsel"))


def _stored(form: CounselForm, people: dict[str, int]) -> bool:
    """Write the entry; a name that is taken, or a person of ours in a law firm, is said at the field."""
    in_house = form.kind.data == "in_house"
    own = people.get(form.person_id.data or "")
    if in_house and own is None:
        form.person_id.errors = [_("Choose which of our counsel this is.")]
        return False
    row = LegalCounsel(
        kind=form.kind.data, name=form.name.data, person_id=own if in_house else None,
        country=(form.country.data or "").upper(), email=form.email.data or "", phone=form.phone.data or "",
        note=form.note.data or "", made_by=person().id, created_at=now(),
    )  # fmt: skip
    try:
        db.session.add(row)
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        form.name.errors = [_("This name is in the register already.")]
        return False
    return True
