"""Information on a customer: each thing known with source, date, validity and confidence, and what was known before."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from credit_app.db import db
from credit_app.domain.completeness_of_file import ITEM, ITEMS, part_name
from credit_app.facts.customer_documents import document_of, documents_of
from credit_app.facts.customer_file_state import file_state
from credit_app.forms.customer_information import InformationForm
from credit_app.i18n import _, said
from credit_app.models import INFORMATION_KINDS, InformationItem
from credit_app.screens.access import allowed, check, person
from credit_app.screens.clock import now, today
from credit_app.screens.customers import blueprint
from credit_app.screens.file.opening import Opened, opened
from credit_app.screens.file.page import back_to, reads, tab_page

PREFIX = "information"
MOST = 1000


def item_word(name: str) -> str:
    """The name of an information item in words; one that people named themselves as they wrote it."""
    return said(part_name(ITEM + name)) if name in ITEMS else name


@reads("information")
def read(file: Opened, forms: Mapping[str, Any]) -> dict[str, Any]:
    """By kind: for each name the newest item and those before it."""
    query = select(InformationItem).where(InformationItem.customer_id == file.customer.id)
    newest = query.order_by(InformationItem.as_of.desc(), InformationItem.id.desc()).limit(MOST)
    by_kind: dict[str, dict[str, list[InformationItem]]] = {kind: {} for kind in INFORMATION_KINDS}
    for row in db.session.scalars(newest.options(joinedload(InformationItem.recorder))):
        by_kind[row.kind].setdefault(row.name, []).append(row)
    return {
        "by_kind": by_kind,
        "item_word": item_word,
        "documents": {row.id: row for row in documents_of(db.session(), file.customer.id)},
        "form": forms.get("information") or form_of(file, None),
        "state": file_state(db.session(), file.customer, today()),
    }


def form_of(file: Opened, formdata: Any = ...) -> InformationForm:
    """The form with its choices; with `None` an empty one."""
    form = (
        InformationForm(prefix=PREFIX) if formdata is ... else InformationForm(formdata=None, prefix=PREFIX)
    )
    documents = documents_of(db.session(), file.customer.id)
    return form.offer(
        [(name, item_word(name)) for name in ITEMS], [(row.id, row.filename) for row in documents]
    )


@blueprint.post("/<number>/information")
@allowed("customer.inform")
def add_information(number: str) -> ResponseReturnValue:
    """Add something known. What was known before stays."""
    file = opened(number)
    check("customer.inform", file.customer)
    form = form_of(file)
    if not form.validate():
        return tab_page(file, "information", information=form)
    kind, name = form.named
    document = int(form.document_id.data) if form.document_id.data else None
    if document is not None:
        document_of(db.session(), file.customer.id, document)
    db.session.add(
        InformationItem(
            customer_id=file.customer.id,
            kind=kind,
            name=name,
            value=form.value.data,
            source=form.source.data,
            as_of=form.as_of.data,
            valid_until=form.valid_until.data,
            confidence=Decimal(form.confidence.number or 0) / 100,
            document_id=document,
            recorded_by=person().id,
            recorded_at=now(),
        )
    )
    file.log("change", "information", {"information": [None, name]})
    return back_to(file, "information", _("The information is added."))
