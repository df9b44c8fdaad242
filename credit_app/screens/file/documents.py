"""Documents in a customer's file: hand in, look at in the page, download; each look and each copy is logged."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from flask import request, send_file
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from werkzeug.wrappers import Response

from credit_app.db import db
from credit_app.facts.customer_documents import document_of, documents_of, file_under, legal_packs
from credit_app.forms.customer_information import DocumentForm
from credit_app.forms.uploads import checked_uploads
from credit_app.i18n import _, ngettext, said
from credit_app.models import CustomerDocument, Person
from credit_app.screens.access import allowed, check, person
from credit_app.screens.acting import may
from credit_app.screens.applications import SHOWN
from credit_app.screens.clock import now
from credit_app.screens.customers import blueprint
from credit_app.screens.file.opening import Opened, opened
from credit_app.screens.file.page import back_to, reads, tab_page
from workflows import InvalidAnswer, NotFound

PREFIX = "document"


@reads("documents")
def read(file: Opened, forms: Mapping[str, Any]) -> dict[str, Any]:
    """The documents, newest first, and the one that the address asks to see."""
    session = db.session()
    hidden = _hidden(file)
    rows = [row for row in documents_of(session, file.customer.id) if row.id not in hidden]
    asked = request.args.get("document", "")
    shown = next((row for row in rows if str(row.id) == asked and row.content_type in SHOWN), None)
    ids = {row.uploaded_by for row in rows if row.uploaded_by}
    names = (
        dict(session.execute(select(Person.id, Person.name).where(Person.id.in_(ids))).all()) if ids else {}
    )
    form = forms.get("document") or DocumentForm(formdata=None, prefix=PREFIX).offer()
    return {"documents": rows, "shown": shown, "can_show": SHOWN, "uploaders": names, "form": form}


@blueprint.post("/<number>/documents")
@allowed("customer.inform")
def add_documents(number: str) -> ResponseReturnValue:
    """File what was handed in; every file is checked by its content."""
    file = opened(number)
    check("customer.inform", file.customer)
    form = DocumentForm(prefix=PREFIX).offer()
    uploads = None
    if form.validate():
        try:
            uploads = checked_uploads(form.files.data or [], form.files.name)
        except InvalidAnswer as refused:
            form.files.errors = [said(refused)]
        else:
            form.files.errors = [] if uploads else [_("Choose at least one file.")]
    if not uploads:
        return tab_page(file, "documents", document=form)
    file_under(db.session(), file.customer.id, uploads, form.kind.data, person().id, now())
    names = [upload.filename for upload in uploads]
    file.log("change", "documents", {"document": [None, ", ".join(names)]})
    return back_to(
        file, "documents", ngettext("%(num)s document is filed.", "%(num)s documents are filed.", len(names))
    )


@blueprint.get("/<number>/documents/<int:document_id>")
@allowed("customer.file")
def document(number: str, document_id: int) -> ResponseReturnValue:
    """Hand out a document: shown in the page's frame when its type can be, else saved."""
    file = opened(number)
    if document_id in _hidden(file):
        raise NotFound(_("There is no such document in this file."))
    row = document_of(db.session(), file.customer.id, document_id, content=True)
    shown = row.content_type in SHOWN and "download" not in request.args
    file.log("view" if shown else "export", "documents", {"document": row.filename})
    answer = handed_out(row, shown)
    db.session.commit()
    return answer


def _hidden(file: Opened) -> set[int]:
    """Evidence packs are for those who see legal cases, whichever way leads to them."""
    return set() if may(person(), "legal.see") else legal_packs(db.session(), file.customer.id)


def handed_out(row: CustomerDocument, shown: bool) -> Response:
    """The bytes; nothing in them can run or reach anything of ours."""
    answer = send_file(
        BytesIO(row.content),
        mimetype=row.content_type if shown else "application/octet-stream",
        as_attachment=not shown,
        download_name=row.filename,
    )
    answer.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    answer.headers["X-Frame-Options"] = "SAMEORIGIN"
    return answer
