"""Papers of a contract: the documents of its versions, and what is filed beside them."""

from io import BytesIO

from flask import flash, redirect, send_file, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import undefer
from werkzeug.wrappers import Response

from credit_app.db import db
from credit_app.facts.contracts import file_document, note_event
from credit_app.forms.contracts import PaperForm
from credit_app.forms.uploads import checked_upload
from credit_app.i18n import _, said
from credit_app.models.contract import ContractDocument, ContractVersion
from credit_app.screens.access import allowed, check, person
from credit_app.screens.clock import today
from credit_app.screens.contracts import blueprint
from credit_app.screens.contracts.contract import contract_page
from credit_app.screens.contracts.visible import contract_by_number
from workflows import InvalidAnswer, NotFound


@blueprint.post("/<number>/papers")
@allowed("contract.see")
def file_paper(number: str) -> ResponseReturnValue:
    """File a paper beside the versions; it is checked by its content."""
    found, form = contract_by_number(number), PaperForm()
    check("contract.perform", found)
    upload = None
    if form.validate():
        try:
            upload = checked_upload(form.file.data, form.file.name) if form.file.data else None
        except InvalidAnswer as refused:
            form.file.errors = [said(refused)]
        else:
            form.file.errors = [] if upload else [_("Choose a file.")]
    if upload is None:
        return contract_page(found, paper=form), 422
    session = db.session()
    file_document(session, found, upload, form.kind.data, person().id, found.version_id)
    note_event(session, found, "paper_filed", today(), upload.filename, person().id, found.version_id)
    session.commit()
    flash(_("The paper is filed."), "success")
    return redirect(url_for("contracts.contract", number=number))


@blueprint.get("/<number>/papers/<int:paper_id>")
@allowed("contract.see")
def paper(number: str, paper_id: int) -> ResponseReturnValue:
    """Hand out a paper."""
    found = contract_by_number(number)
    query = select(ContractDocument).where(
        ContractDocument.id == paper_id, ContractDocument.contract_id == found.id
    )
    row = db.session.scalar(query.options(undefer(ContractDocument.content)))
    if row is None:
        raise NotFound(_("There is no such paper of this contract."))
    return handed_out(row.content, row.filename)


@blueprint.get("/<number>/versions/<int:no>")
@allowed("contract.see")
def version_file(number: str, no: int) -> ResponseReturnValue:
    """Hand out the document of a version; its text where it was filled from a template."""
    found = contract_by_number(number)
    query = select(ContractVersion).where(ContractVersion.contract_id == found.id, ContractVersion.no == no)
    row = db.session.scalar(query.options(undefer(ContractVersion.content), undefer(ContractVersion.text)))
    if row is None or not (row.content or row.text):
        raise NotFound(_("This version has no document."))
    if row.content is not None:
        return handed_out(row.content, row.filename or f"{found.number}-{no}")
    return handed_out(row.text.encode(), f"{found.number}-{no}.txt")


def handed_out(content: bytes, name: str) -> Response:
    """A file that others wrote: it is saved, never shown, for nobody knows what is in it."""
    answer = send_file(
        BytesIO(content), mimetype="application/octet-stream", as_attachment=True, download_name=name
    )
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
