"""Saved filters of the lists: keep the present one under a name, delete one's own."""

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from credit_app.db import db
from credit_app.facts import saved_filters
from credit_app.forms.discussion import SavedFilterForm
from credit_app.i18n import _
from credit_app.models import SavedFilter
from credit_app.screens.access import allowed, person
from credit_app.screens.listing import BadParameter
from workflows import NotFound

blueprint = Blueprint("saved_filters", __name__, url_prefix="/filters")

# The lists that keep filters, each with what its address may hold.
AREAS: dict[str, tuple[str, ...]] = {
    "inbox.mine": ("task", "overdue", "q", "sort"),
    "inbox.groups": ("task", "overdue", "q", "sort"),
    "watching.index": ("due", "ended"),
    "applications.index": ("status", "mine", "q", "sort"),
}


def of_this_list() -> dict[str, Any] | None:
    """Return the saved filters of the list that is shown, and what saving it would keep; None where none are kept."""
    area = request.endpoint or ""
    if area not in AREAS:
        return None
    now = saved_filters.cleaned(request.query_string.decode(errors="replace"), AREAS[area])
    rows = saved_filters.saved(db.session(), person().id, area)
    chips = [
        {
            "id": row.id,
            "label": row.name,
            "url": f"{url_for(area)}?{row.query}",
            "current": bool(now) and row.query == now,
        }
        for row in rows
    ]
    return {"area": area, "query": now, "chips": chips}


@blueprint.post("")
@allowed("start.see")
def save() -> ResponseReturnValue:
    """Keep the list as it stands under a name."""
    area = request.form.get("area", "")
    if area not in AREAS:
        raise BadParameter(_("This list keeps no filters."))
    query = saved_filters.cleaned(request.form.get("query", ""), AREAS[area])
    form = SavedFilterForm()
    if not query:
        flash(_("There is nothing to save: the list shows everything. Choose a filter first."), "warning")
    elif not form.validate():
        flash(
            _("Not saved. %(field)s: %(error)s", field=form.name.label.text, error=form.name.errors[0]),
            "warning",
        )
    else:
        saved_filters.save(db.session(), person().id, area, form.name.data, query)
        db.session.commit()
        flash(_("The filter “%(name)s” is saved.", name=form.name.data), "success")
    return redirect(f"{url_for(area)}?{query}" if query else url_for(area))


@blueprint.post("/<int:filter_id>/delete")
@allowed("start.see")
def delete(filter_id: int) -> ResponseReturnValue:
    """Delete one's own filter."""
    row = db.session.get(SavedFilter, filter_id)
    if row is None or row.person_id != person().id:
        raise NotFound(_("There is no such filter of yours."))
    area, name = row.area, row.name
    db.session.delete(row)
    db.session.commit()
    flash(_("The filter “%(name)s” is deleted.", name=name), "success")
    return redirect(url_for(area) if area in AREAS else "/")
