"""Contacts at a customer: add, change, remove."""

from collections.abc import Mapping
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from credit_app.db import db
from credit_app.forms.customer_file import ContactForm
from credit_app.i18n import _
from credit_app.models import Contact
from credit_app.screens.access import allowed, check
from credit_app.screens.customers import blueprint
from credit_app.screens.file.opening import Opened, opened
from credit_app.screens.file.page import back_to, reads, tab_page
from workflows.errors import NotFound

PREFIX = "contact"


@reads("master")
def read(file: Opened, forms: Mapping[str, Any]) -> dict[str, Any]:
    """The form of a new contact, or of the one that the address names."""
    edited = str((request.view_args or {}).get("contact_id") or request.args.get("contact", ""))
    row = next((one for one in file.customer.contacts if str(one.id) == edited), None)
    form = forms.get("contact") or ContactForm(formdata=None, obj=row, prefix=PREFIX)
    return {"contact_form": form, "contact": row}


@blueprint.post("/<number>/contacts", defaults={"contact_id": None})
@blueprint.post("/<number>/contacts/<int:contact_id>")
@allowed("customer.change_some")
def save_contact(number: str, contact_id: int | None) -> ResponseReturnValue:
    """Add a contact or change one."""
    file = changing(number)
    row = get(file, contact_id) if contact_id is not None else Contact(name="")
    form = ContactForm(prefix=PREFIX)
    if not form.validate():
        return tab_page(file, "master", contact=form)
    before = row.name or None
    for name in ("name", "role", "email", "phone"):
        setattr(row, name, form[name].data or "")
    if contact_id is None:
        file.customer.contacts.append(row)
    file.log("change", "master", {"contact": [before, row.name]})
    return back_to(file, "master", _("The contact is saved."))


@blueprint.post("/<number>/contacts/<int:contact_id>/remove")
@allowed("customer.change_some")
def remove_contact(number: str, contact_id: int) -> ResponseReturnValue:
    """Take a contact out of the file."""
    file = changing(number)
    row = get(file, contact_id)
    file.log("change", "master", {"contact": [row.name, None]})
    db.session.delete(row)
    return back_to(file, "master", _("The contact is removed."))


def changing(number: str) -> Opened:
    """The file, to somebody who may change contacts in it."""
    file = opened(number)
    check("customer.change_some", file.customer)
    return file


def get(file: Opened, contact_id: int) -> Contact:
    """A contact of this customer."""
    found = next((one for one in file.customer.contacts if one.id == contact_id), None)
    if found is None:
        raise NotFound(_("This contact is gone already."))
    return found
