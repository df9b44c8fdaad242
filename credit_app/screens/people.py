"""Administration of people: who works here, with which roles, and who may sign in."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload, selectinload

from credit_app.db import db
from credit_app.forms.people import PersonForm, RoleForm
from credit_app.i18n import _
from credit_app.models import ROLES, Branch, Department, Person, PersonRole
from credit_app.screens import auth
from credit_app.screens.access import allowed, check, person
from credit_app.screens.clock import now
from credit_app.screens.listing import Listing, Sort
from credit_app.screens.words import role_word
from workflows.errors import Conflict, NotFound, Refused

blueprint = Blueprint("people", __name__, url_prefix="/admin/people")

SORTS = {"name": Sort(func.lower(Person.name)), "email": Sort(Person.email)}
SHOWS = ("active", "deactivated", "locked")


@blueprint.get("")
@allowed("people.see")
def index() -> ResponseReturnValue:
    """List everybody."""
    listing = Listing(SORTS, Person.id, "name")
    show, role = listing.choice("show", SHOWS), listing.choice("role", ROLES)
    words = listing.args.get("q", "").strip().lower()
    query = select(Person).options(
        selectinload(Person.roles).joinedload(PersonRole.branch), joinedload(Person.branch)
    )
    if show:
        query = query.where(
            {"active": Person.active, "deactivated": ~Person.active, "locked": Person.locked_until > now()}[
                show
            ]
        )
    if role:
        query = query.where(Person.roles.any(PersonRole.role == role))
    if words:
        query = query.where(
            or_(
                func.lower(Person.name).contains(words, autoescape=True),
                Person.email.contains(words, autoescape=True),
            )
        )
    rows = db.session.scalars(listing.apply(query)).all()
    rows = listing.page(rows, lambda row: (row.name.lower() if listing.sort == "name" else row.email, row.id))
    return render_template(
        "admin/people.html", listing=listing, people=rows, chips=chips(listing, show), words=words, now=now()
    )


def chips(listing: Listing, chosen: str | None) -> list[dict[str, Any]]:
    """Return the filters of the list."""
    words = {None: _("all"), "active": _("active"), "deactivated": _("deactivated"), "locked": _("locked")}
    return [
        {"label": words[show], "url": listing.url(show=show), "current": show == chosen} for show in words
    ]


def get(person_id: int) -> Person:
    """Return a person, or refuse."""
    found = db.session.get(Person, person_id)
    if found is None:
        raise NotFound(_("This person does not exist."))
    return found


def branches() -> list[tuple[int, str]]:
    """Return the branches for a select."""
    return [(row.id, row.name) for row in db.session.scalars(select(Branch).order_by(Branch.name))]


def departments() -> list[tuple[int, str]]:
    """Return the departments for a select."""
    return [(row.id, row.name) for row in db.session.scalars(select(Department).order_by(Department.name))]


@blueprint.route("/new", methods=["GET", "POST"])
@allowed("people.change")
def new() -> ResponseReturnValue:
    """Add a person and send the link to set a password."""
    form = PersonForm().offer(branches(), departments())
    if form.validate_on_submit():
        added = Person(created_at=now())
        if store(form, added):
            auth.send_link(added, "password_invitation")
            db.session.commit()
            flash(_("%(name)s is added. A link to set a password is on its way.", name=added.name), "success")
            return redirect(url_for("people.edit", person_id=added.id))
    return render_template("admin/person.html", form=form, subject=None), 422 if form.errors else 200


def store(form: PersonForm, target: Person) -> bool:
    """Write the form into a person; False with an error at the field when the e-mail is taken."""
    try:
        with db.session.begin_nested():  # it writes what was changed before, so nothing must have been
            for name in ("name", "email", "title", "branch_id", "department_id", "locale"):
                setattr(target, name, getattr(form, name).data or ("" if name == "title" else None))
            db.session.add(target)
    except IntegrityError:
        form.email.errors = [_("Somebody with this e-mail is here already.")]
        return False
    return True


@blueprint.route("/<int:person_id>", methods=["GET", "POST"])
@allowed("people.see")
def edit(person_id: int) -> ResponseReturnValue:
    """Show and change a person."""
    found = get(person_id)
    form = PersonForm(obj=found).offer(branches(), departments())
    if form.is_submitted():
        check("people.change")
        if form.validate() and store(form, found):
            db.session.commit()
            flash(_("Saved."), "success")
            return redirect(url_for("people.edit", person_id=found.id))
    roles = RoleForm(formdata=None).offer([(role, role_word(role)) for role in ROLES], branches())
    return render_template(
        "admin/person.html", form=form, subject=found, roles=roles, now=now()
    ), 422 if form.errors else 200


@blueprint.post("/<int:person_id>/roles")
@allowed("people.change")
def add_role(person_id: int) -> ResponseReturnValue:
    """Give a role."""
    found = get(person_id)
    form = RoleForm().offer([(role, role_word(role)) for role in ROLES], branches())
    if not form.validate_on_submit():
        raise Refused(_("Please choose a role from the list."))
    if found.id == person().id:
        raise Refused(_("Nobody gives roles to themselves. Another administrator can."))
    held = {(row.role, row.branch_id) for row in found.roles}
    if (form.role.data, form.branch_id.data) not in held:
        found.roles.append(PersonRole(role=form.role.data, branch_id=form.branch_id.data))
        db.session.commit()
    flash(_("%(name)s is now %(role)s.", name=found.name, role=role_word(form.role.data)), "success")
    return redirect(url_for("people.edit", person_id=person_id))


@blueprint.post("/<int:person_id>/roles/<int:role_id>/remove")
@allowed("people.change")
def remove_role(person_id: int, role_id: int) -> ResponseReturnValue:
    """Take a role away; the last administrator keeps theirs."""
    found = get(person_id)
    row = next((row for row in found.roles if row.id == role_id), None)
    if row is not None:
        if row.role == "admin":
            keep_an_administrator(found)
        found.roles.remove(row)
        db.session.commit()
        flash(_("The role is taken away."), "success")
    return redirect(url_for("people.edit", person_id=person_id))


def keep_an_administrator(leaving: Person) -> None:
    """Refuse when nobody else could administrate. The rows are locked, so two cannot remove each other."""
    others = db.session.scalars(
        select(Person)
        .where(Person.active, Person.roles.any(PersonRole.role == "admin"))
        .order_by(Person.id)
        .with_for_update()
    ).all()
    if all(other.id == leaving.id for other in others):
        raise Conflict(
            _(
                "%(name)s is the last administrator. Make somebody else administrator first.",
                name=leaving.name,
            )
        )


@blueprint.post("/<int:person_id>/deactivate")
@allowed("people.change")
def deactivate(person_id: int) -> ResponseReturnValue:
    """Let a person sign in no more; all their sessions end at once."""
    found = get(person_id)
    if found.id == person().id:
        raise Refused(_("You cannot deactivate yourself. Another administrator can."))
    if any(row.role == "admin" for row in found.roles):
        keep_an_administrator(found)
    found.active, found.session_epoch = False, found.session_epoch + 1
    db.session.commit()
    flash(_("%(name)s can no longer sign in.", name=found.name), "success")
    return redirect(url_for("people.edit", person_id=person_id))


@blueprint.post("/<int:person_id>/activate")
@allowed("people.change")
def activate(person_id: int) -> ResponseReturnValue:
    """Let a person sign in again, and lift a lock."""
    found = get(person_id)
    found.active, found.failed_logins, found.locked_until = True, 0, None
    db.session.commit()
    flash(_("%(name)s can sign in again.", name=found.name), "success")
    return redirect(url_for("people.edit", person_id=person_id))


@blueprint.post("/<int:person_id>/password-link")
@allowed("people.change")
def password_link(person_id: int) -> ResponseReturnValue:
    """Send the person a link to set a password."""
    found = get(person_id)
    if not found.active:
        raise Refused(_("%(name)s is deactivated. Activate the account first.", name=found.name))
    if not auth.send_link(found, "password_reset"):
        raise Refused(_("Several links were sent in the last hour. Please use one of them or wait."))
    db.session.commit()
    flash(_("A link is on its way to %(email)s. It works once.", email=found.email), "success")
    return redirect(url_for("people.edit", person_id=person_id))
