"""What collection watches about a customer: set on the page of its case, and taken away there."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from credit_app.db import db
from credit_app.facts import watch_tags
from credit_app.forms.worklist import TagForm
from credit_app.i18n import _
from credit_app.models.worklist import WatchTag
from credit_app.screens.access import allowed, check, person
from credit_app.screens.collection import blueprint
from credit_app.screens.collection.cases import case_by_number
from credit_app.screens.collection.page import case_page
from workflows import NotFound, Refused


@blueprint.post("/cases/<number>/tags")
@allowed("collection.watch")
def set_tag(number: str) -> ResponseReturnValue:
    """Watch the customer of a case."""
    form, case = TagForm(), case_by_number(number)
    check("collection.watch", case.customer)
    if not form.validate():
        return case_page(number, form=form), 422
    try:
        watch_tags.set_tag(
            db.session(), case.customer_id, form.tag.data or "", form.reason.data or "", person().id
        )
        db.session.commit()
    except Refused as error:
        db.session.rollback()
        return case_page(number, form=form, refused=error), error.status
    flash(_("The customer is watched."), "success")
    return redirect(url_for("collection.case", number=number))


@blueprint.post("/cases/<number>/tags/<int:tag_id>/end")
@allowed("collection.watch")
def end_tag(number: str, tag_id: int) -> ResponseReturnValue:
    """Watch it no longer."""
    case = case_by_number(number)
    check("collection.watch", case.customer)
    row = db.session.get(WatchTag, tag_id)
    if row is None or row.customer_id != case.customer_id:
        raise NotFound(_("There is no such tag."))
    watch_tags.end_tag(db.session(), row, person().id)
    db.session.commit()
    flash(_("The tag is taken away."), "success")
    return redirect(url_for("collection.case", number=number))
