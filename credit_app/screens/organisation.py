"""Branches and departments: where people and customers belong, and what limits who may take a task."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from credit_app.db import db
from credit_app.forms.administration import BranchForm, DepartmentForm
from credit_app.i18n import _
from credit_app.models import Branch, Customer, Department, Person
from credit_app.screens.access import allowed
from workflows import NotFound

blueprint = Blueprint("organisation", __name__, url_prefix="/admin/organisation")


@blueprint.get("")
@allowed("organisation.see")
def index() -> ResponseReturnValue:
    """List branches and departments with how many people and customers belong to each."""
    return page(BranchForm(formdata=None), department_form())


@blueprint.post("/branches")
@allowed("organisation.change")
def add_branch() -> ResponseReturnValue:
    """Add a branch."""
    form = BranchForm()
    if form.validate_on_submit() and is_free(form):
        db.session.add(Branch(code=form.code.data, name=form.name.data))
        db.session.commit()
        flash(_("The branch is added."), "success")
        return redirect(url_for("organisation.index"))
    return page(form, department_form())


@blueprint.route("/branches/<int:branch_id>", methods=["GET", "POST"])
@allowed("organisation.change")
def edit_branch(branch_id: int) -> ResponseReturnValue:
    """Rename a branch; what belongs to it stays."""
    branch = db.session.get(Branch, branch_id)
    if branch is None:
        raise NotFound(_("There is no such branch."))
    form = BranchForm(obj=branch)
    if form.validate_on_submit() and is_free(form, branch.id):
        branch.code, branch.name = form.code.data or "", form.name.data or ""
        db.session.commit()
        flash(_("Saved."), "success")
        return redirect(url_for("organisation.index"))
    shown = render_template("admin/organisation_edit.html", form=form, title=branch.name)
    return shown, 422 if form.errors else 200


@blueprint.post("/departments")
@allowed("organisation.change")
def add_department() -> ResponseReturnValue:
    """Add a department."""
    form = department_form(fresh=False)
    if form.validate_on_submit():
        db.session.add(Department(name=form.name.data, branch_id=form.branch_id.data))
        db.session.commit()
        flash(_("The department is added."), "success")
        return redirect(url_for("organisation.index"))
    return page(BranchForm(formdata=None), form)


@blueprint.route("/departments/<int:department_id>", methods=["GET", "POST"])
@allowed("organisation.change")
def edit_department(department_id: int) -> ResponseReturnValue:
    """Rename a department or move it to another branch."""
    department = db.session.get(Department, department_id)
    if department is None:
        raise NotFound(_("There is no such department."))
    form = DepartmentForm(obj=department).offer(branch_choices())
    if form.validate_on_submit():
        department.name, department.branch_id = form.name.data or "", form.branch_id.data
        db.session.commit()
        flash(_("Saved."), "success")
        return redirect(url_for("organisation.index"))
    shown = render_template("admin/organisation_edit.html", form=form, title=department.name)
    return shown, 422 if form.errors else 200


def is_free(form: BranchForm, own: int = 0) -> bool:
    """Tell whether the code is no other branch's; else say so at its field."""
    query = select(Branch.name).where(
        func.lower(Branch.code) == (form.code.data or "").lower(), Branch.id != own
    )
    taken = db.session.scalar(query)
    if taken is not None:
        form.code.errors = [_("The branch %(name)s has this code already.", name=taken)]
    return taken is None


def branch_choices() -> list[tuple[int, str]]:
    """Return the branches for a select."""
    return [(row.id, row.name) for row in db.session.scalars(select(Branch).order_by(Branch.name))]


def department_form(fresh: bool = True) -> DepartmentForm:
    """Return the form of a department, empty or as it was sent."""
    form = DepartmentForm(formdata=None) if fresh else DepartmentForm()
    return form.offer(branch_choices())


def page(branch: BranchForm, department: DepartmentForm) -> tuple[str, int]:
    """Return the page with both forms as they stand."""

    def counted(column: object) -> dict[int, int]:
        query = select(column, func.count()).where(column.is_not(None)).group_by(column)  # type: ignore[attr-defined,call-overload]
        return dict(db.session.execute(query).all())

    shown = render_template(
        "admin/organisation.html",
        branch=branch,
        department=department,
        branches=db.session.scalars(select(Branch).order_by(Branch.name)).all(),
        departments=db.session.scalars(select(Department).order_by(Department.name)).all(),
        people=counted(Person.branch_id),
        members=counted(Person.department_id),
        customers=counted(Customer.branch_id),
    )
    return shown, 422 if branch.errors or department.errors else 200
