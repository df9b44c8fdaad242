"""Master data of a customer: company, segment, who looks after it, and where it stands in its group."""

from collections.abc import Mapping
from typing import Any

from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from credit_app.db import db
from credit_app.domain.file_access import CLOSED
from credit_app.facts.group_tree import CircleRefused, Group, group_tree, set_parent
from credit_app.forms.customer_file import OF_SALES, MasterDataForm
from credit_app.i18n import _, said
from credit_app.models import (
    ENTERPRISE_KINDS,
    SIZES,
    Branch,
    Customer,
    Department,
    MissingRate,
    Person,
    PersonRole,
)
from credit_app.screens import file_words
from credit_app.screens.access import allowed, check, person
from credit_app.screens.acting import may
from credit_app.screens.clock import today
from credit_app.screens.customers import blueprint
from credit_app.screens.file.opening import Opened, opened, way
from credit_app.screens.file.page import back_to, reads, tab_page
from workflows.errors import Conflict

# What is kept in the access log by the name of what it refers to.
NAMED = {"branch_id": "branch", "department_id": "department", "sales_rep_id": "sales_rep",
         "credit_analyst_id": "credit_analyst"}  # fmt: skip


@reads("master")
def read(file: Opened, forms: Mapping[str, Any]) -> dict[str, Any]:
    """The forms of the tab and the group's tree."""
    group, missing_rate = tree(file.customer)
    return {
        "form": forms.get("master") or form_of(file.customer, filled=True),
        "group": group,
        "missing_rate": missing_rate,
    }


def tree(customer: Customer) -> tuple[Group | None, str | None]:
    """The group's tree, or which rate is missing to draw it."""
    try:
        return group_tree(db.session(), customer, today()), None
    except MissingRate as error:
        return None, said(error)


def form_of(customer: Customer, filled: bool = False) -> MasterDataForm:
    """The form with the fields that this person may change; filled from the row, else as it was sent."""
    form = MasterDataForm(formdata=None, obj=customer) if filled else MasterDataForm()
    if filled:
        form.parent.data = customer.parent.number if customer.parent else ""
    form.offer(
        size=[(code, file_words.SIZES[code]) for code in SIZES],
        enterprise_kind=[(code, file_words.ENTERPRISE_KINDS[code]) for code in ENTERPRISE_KINDS],
        branch_id=named_rows(Branch),
        department_id=named_rows(Department),
        sales_rep_id=people("sales_rep", customer.sales_rep),
        credit_analyst_id=people("credit_analyst", customer.credit_analyst),
    )
    return form if may(person(), "customer.change", customer) else form.only(OF_SALES)


def named_rows(model: Any) -> list[tuple[int, str]]:
    """Rows for a select, by name."""
    return [(row.id, row.name) for row in db.session.scalars(select(model).order_by(model.name, model.id))]


def people(role: str, present: Person | None) -> list[tuple[int, str]]:
    """Who holds a role, for a select; whoever is entered stays offered."""
    holders = select(Person.id, Person.name).where(Person.active, Person.roles.any(PersonRole.role == role))
    found = {row.id: row.name for row in db.session.execute(holders.order_by(func.lower(Person.name)))}
    if present is not None:
        found.setdefault(present.id, present.name)
    return list(found.items())


@blueprint.post("/<number>/master")
@allowed("customer.change_some")
def change_master(number: str) -> ResponseReturnValue:
    """Change master data; only what this person may change is read."""
    file = opened(number)
    check("customer.change_some", file.customer)
    form = form_of(file.customer)
    if form.validate() and (changed := store(form, file.customer)) is not None:
        if changed:
            file.log("change", "master", changed)
        return back_to(file, "master", _("Saved.") if changed else _("Nothing was changed."))
    return tab_page(opened(number), "master", master=form)


def store(form: MasterDataForm, customer: Customer) -> dict[str, Any] | None:
    """Write the form into the row; what changed as field -> [before, after], None with an error at its field."""
    if form.version.data != str(customer.version):
        raise Conflict(
            _("This customer was changed by somebody else since you opened it; nothing was saved.")
        )
    session, before = db.session(), state_of(customer)
    try:
        with session.begin_nested():
            if "parent" in form and not put_into_group(form, customer):
                return None
            for field in form:
                if field.name not in ("version", "parent", "csrf_token"):
                    value = getattr(field, "number", field.data)
                    setattr(customer, field.name, None if value == "" else value)
    except IntegrityError:
        session.refresh(customer)
        form.registration_number.errors = [
            _("Another customer has this registration number in this country.")
        ]
        return None
    session.refresh(customer)
    after = state_of(customer)
    return {name: [before[name], after[name]] for name in after if before[name] != after[name]}


def put_into_group(form: MasterDataForm, customer: Customer) -> bool:
    """Set the parent that was typed; False with an error at the field."""
    words = (form.parent.data or "").split()
    session = db.session()
    parent = None
    if words:
        parent = session.scalar(select(Customer).where(Customer.number == words[0].upper()))
        if parent is None or (way(parent) == CLOSED and parent.id != customer.parent_id):
            form.parent.errors = [_("There is no customer %(number)s.", number=words[0][:40])]
            return False
    if (parent.id if parent else None) == customer.parent_id:
        return True
    try:
        set_parent(session, customer, parent)
    except CircleRefused as refused:
        form.parent.errors = [said(refused)]
        return False
    return True


def state_of(customer: Customer) -> dict[str, Any]:
    """The master data as the access log keeps them."""
    plain = [
        name for name in MasterDataForm().data if name not in ("version", "csrf_token", "parent", *NAMED)
    ]
    found: dict[str, Any] = {name: shown(getattr(customer, name)) for name in plain}
    for name in (*NAMED.values(), "parent"):
        row = getattr(customer, name)
        found[name] = row.name if row is not None else None
    return found


def shown(value: Any) -> Any:
    """A value as JSON keeps it."""
    return value if value is None or isinstance(value, int | str) else str(value)
