"""The calendar: days on which business days do not count."""

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from credit_app.db import db
from credit_app.forms.administration import HolidayListForm
from credit_app.forms.people import HolidayForm
from credit_app.i18n import _, ngettext
from credit_app.models import Holiday
from credit_app.screens.access import allowed
from credit_app.screens.clock import today
from credit_app.screens.listing import BadParameter

blueprint = Blueprint("calendar", __name__, url_prefix="/admin/calendar")


@blueprint.route("", methods=["GET", "POST"])
@allowed("calendar.change")
def index() -> ResponseReturnValue:
    """List the holidays of a year and add one."""
    form, several = HolidayForm(formdata=None), HolidayListForm(formdata=None)
    if "holidays" in request.form:
        several = HolidayListForm()
        if several.validate_on_submit():
            return take_in(several)
    elif request.method == "POST":
        form = HolidayForm()
    if request.method == "POST" and "holidays" not in request.form and form.validate_on_submit():
        db.session.merge(Holiday(day=form.day.data, name=form.name.data))
        db.session.commit()
        flash(_("The holiday is entered. Deadlines that are already running keep their time."), "success")
        return redirect(url_for("calendar.index", year=form.day.data.year))
    year = asked_year()
    days = (
        select(Holiday).where(Holiday.day.between(date(year, 1, 1), date(year, 12, 31))).order_by(Holiday.day)
    )
    rows = db.session.scalars(days).all()
    shown = render_template("admin/calendar.html", form=form, several=several, rows=rows, year=year)
    return shown, 422 if form.errors or several.errors else 200


def take_in(form: HolidayListForm) -> ResponseReturnValue:
    """Enter a list of holidays, all or none; days that were there take the new name."""
    for day, name in form.days.items():
        db.session.merge(Holiday(day=day, name=name))
    db.session.commit()
    count = len(form.days)
    flash(
        ngettext(
            "One holiday is entered. Deadlines that are already running keep their time.",
            "%(num)s holidays are entered. Deadlines that are already running keep their time.",
            count,
        ),
        "success",
    )
    return redirect(url_for("calendar.index", year=min(form.days).year))


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
