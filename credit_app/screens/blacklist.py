"""The blacklist: with whom no credit is agreed, kept by the credit manager; entries are lifted, never deleted."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, not_, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from credit_app.db import db
from credit_app.facts.blacklist import in_force
from credit_app.forms.blacklist import BlacklistForm, LiftForm
from credit_app.i18n import _
from credit_app.models import BlacklistEntry, Customer, Person
from credit_app.screens.access import allowed, check, person
from credit_app.screens.clock import now, today
from credit_app.screens.listing import Listing, Sort
from workflows import Conflict, NotFound

blueprint = Blueprint("blacklist", __name__, url_prefix="/blacklist")

SHOWS = ("in_force", "over")
SORTS = {"added": Sort(BlacklistEntry.id, int)}


@blueprint.route("", methods=["GET", "POST"])
@allowed("blacklist.see")
def index() -> ResponseReturnValue:
    """List the entries and take a new one."""
    form = BlacklistForm()
    if form.is_submitted():
        check("blacklist.change")
        if form.validate() and store(form):
            flash(_("The entry holds from %(day)s on.", day=form.valid_from.data.isoformat()), "success")
            return redirect(url_for("blacklist.index"))
    return page(form), 422 if form.errors else 200


def page(form: BlacklistForm) -> str:
    """The list as the address asks for it."""
    listing = Listing(SORTS, BlacklistEntry.id, "-added")
    show, words = listing.choice("show", SHOWS), listing.args.get("q", "").strip().lower()
    query = select(BlacklistEntry).outerjoin(BlacklistEntry.customer)
    query = query.options(joinedload(BlacklistEntry.customer), joinedload(BlacklistEntry.adder))
    if show:
        holds = in_force(today())
        query = query.where(holds if show == "in_force" else not_(holds))
    if words:
        query = query.where(
            or_(
                func.lower(BlacklistEntry.name).contains(words, autoescape=True),
                func.lower(BlacklistEntry.registration_number).contains(words, autoescape=True),
                func.lower(Customer.name).contains(words, autoescape=True),
                func.lower(Customer.number) == words,
            )
        )
    rows = listing.page(list(db.session.scalars(listing.apply(query))), lambda row: (row.id, row.id))
    lifters = {row.lifted_by for row in rows if row.lifted_by}
    names = (
        db.session.execute(select(Person.id, Person.name).where(Person.id.in_(lifters))).all()
        if lifters
        else []
    )
    return render_template(
        "blacklist/index.html",
        form=form,
        lift_form=LiftForm(formdata=None),
        listing=listing,
        rows=rows,
        lifters=dict(names),
        chips=chips(listing, show),
        words=words,
        today=today(),
    )


def chips(listing: Listing, chosen: str | None) -> list[dict[str, Any]]:
    """The filters of the list."""
    words = {None: _("all"), "in_force": _("in force"), "over": _("over or lifted")}
    return [
        {"label": words[show], "url": listing.url(show=show), "current": show == chosen} for show in words
    ]


def store(form: BlacklistForm) -> bool:
    """Add the entry and commit; False with an error at the field."""
    session = db.session()
    row = BlacklistEntry(added_by=person().id, added_at=now())
    if form.customer.data:
        number = form.customer.data.split()[0].upper()
        row.customer_id = session.scalar(select(Customer.id).where(Customer.number == number))
        if row.customer_id is None:
            form.customer.errors = [_("There is no customer %(number)s.", number=number[:40])]
            return False
    row.name = " ".join((form.name.data or "").split())  # as names are compared
    row.registration_number = form.registration_number.data or None
    row.country = form.country.data
    for name in ("ground", "source", "valid_from", "valid_to"):
        setattr(row, name, form[name].data)
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        form.customer.errors = [_("This customer has an entry from this day on already.")]
        return False
    session.commit()
    return True


@blueprint.post("/<int:entry_id>/lift")
@allowed("blacklist.change")
def lift(entry_id: int) -> ResponseReturnValue:
    """Lift an entry, with the reason; it stays on record."""
    session, form = db.session(), LiftForm()
    row = session.scalars(
        select(BlacklistEntry).where(BlacklistEntry.id == entry_id).with_for_update()
    ).first()
    if row is None:
        raise NotFound(_("There is no such entry."))
    if row.lifted_at is not None:
        raise Conflict(_("This entry is lifted already; nothing was changed."))
    if not form.validate():
        flash(_("Not lifted: say why the entry is lifted."), "error")
        return redirect(url_for("blacklist.index"))
    row.lifted_at, row.lifted_by, row.lift_reason = now(), person().id, form.lift_reason.data
    session.commit()
    flash(_("The entry is lifted."), "success")
    return redirect(url_for("blacklist.index"))
