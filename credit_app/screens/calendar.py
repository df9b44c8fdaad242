"""The calendar: days on which business days do not count."""

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from credit_app.db import db
from credit_app.forms.people import HolidayForm
from credit_app.i18n import _
from credit_app.models import Holiday
from credit_app.screens.access import allowed
from credit_app.screens.clock import today
from credit_app.screens.listing import BadParameter

blueprint = Blueprint("calendar", __name__, url_prefix="/admin/calendar")


@blueprint.route("", methods=["GET", "POST"])
@allowed("calendar.change")
def index() -> ResponseReturnValue:
    """List the holidays of a year and add one."""
    form = HolidayForm()
    if form.validate_on_submit():
        db.session.merge(Holiday(day=form.day.data, name=form.name.data))
        db.session.commit()
        flash(_("The holiday is entered. Deadlines that are already running keep their time."), "success")
        return redirect(url_for("calendar.index", year=form.day.data.year))
    year = asked_year()
    days = (
        select(Holiday).where(Holiday.day.between(date(year, 1, 1), date(year, 12, 31))).order_by(Holiday.day)
    )
    rows = db.session.scalars(days).all()
    return render_template(
        "admin/calendar.html", form=form, rows=rows, year=year
    ), 422 if form.errors else 200


def asked_year() -> int:
    """Return the year of the address, this year without one."""
    text = request.args.get("year", "")
    if not text:
        return today().year
    if not text.isascii() or not text.isdigit() or not 2000 <= int(text) <= 2100:
        raise BadParameter(_("The calendar knows the years 2000 to 2100."))
    return int(text)


@blueprint.post("/<day>/remove")
@allowed("calendar.change")
def remove(day: str) -> ResponseReturnValue:
    """Take a holiday out."""
    try:
        row = db.session.get(Holiday, date.fromisoformat(day))
    except ValueError:
        raise BadParameter(_("This is no date.")) from None
    if row:
        db.session.delete(row)
        db.session.commit()
        flash(_("The holiday is taken out."), "success")
    return redirect(url_for("calendar.index", year=day[:4]))
