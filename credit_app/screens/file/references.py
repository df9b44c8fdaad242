"""Bank and trade references of a customer."""

from collections.abc import Mapping
from typing import Any

from flask.typing import ResponseReturnValue
from sqlalchemy import select

from credit_app.db import db
from credit_app.forms.customer_references import ReferenceForm
from credit_app.i18n import _
from credit_app.models import Reference, currency_codes
from credit_app.screens.access import allowed, check, person
from credit_app.screens.clock import now
from credit_app.screens.customers import blueprint
from credit_app.screens.file.opening import Opened, opened
from credit_app.screens.file.page import back_to, reads, tab_page

PREFIX = "reference"
MOST = 100


@reads("master")
def read(file: Opened, forms: Mapping[str, Any]) -> dict[str, Any]:
    """The references, newest first, and the form of a new one."""
    query = select(Reference).where(Reference.customer_id == file.customer.id)
    rows = db.session.scalars(
        query.order_by(Reference.given_on.desc(), Reference.id.desc()).limit(MOST)
    ).all()
    form = forms.get("reference") or ReferenceForm(formdata=None, prefix=PREFIX).offer(
        currency_codes(db.session())
    )
    return {"references": rows, "reference_form": form}


@blueprint.post("/<number>/references")
@allowed("customer.inform")
def add_reference(number: str) -> ResponseReturnValue:
    """Add what a bank or a supplier says."""
    file = opened(number)
    check("customer.inform", file.customer)
    form = ReferenceForm(prefix=PREFIX).offer(currency_codes(db.session()))
    if not form.validate():
        return tab_page(file, "master", reference=form)
    row = Reference(customer_id=file.customer.id, recorded_by=person().id, recorded_at=now())
    for name in ("kind", "name", "given_on", "customer_since", "assessment"):
        setattr(row, name, form[name].data)
    row.contact, row.note = form.contact.data or "", form.note.data or ""
    row.amount, row.currency = form.amount.amount, form.currency.data or None
    db.session.add(row)
    file.log("change", "master", {"reference": [None, row.name]})
    return back_to(file, "master", _("The reference is added."))
