"""Receipts of decisions: the page, the PDF in both languages, the figures, and all that it takes to check them."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from credit_app.db import db
from credit_app.domain.receipt import digest
from credit_app.facts.customer_access import log_access
from credit_app.facts.receipt_files import chain_of, figures_of, files_of
from credit_app.facts.receipt_since import changes_since, receipts_of
from credit_app.i18n import LANGUAGES, _, force_locale
from credit_app.models import CreditApplication, DecisionReceipt
from credit_app.reports.pdf import Document, pdf_of
from credit_app.screens import receipt_words, visible
from credit_app.screens.access import allowed, person
from credit_app.screens.clock import now, today
from credit_app.screens.exporting import attached
from credit_app.screens.file.opening import stands_open
from workflows import history
from workflows.errors import Conflict, NotFound

blueprint = Blueprint("receipts", __name__, url_prefix="/receipts")


@blueprint.get("/<int:receipt_id>")
@allowed("history.see")
def show(receipt_id: int) -> ResponseReturnValue:
    """Show what the decision rested on, what changed since, and whether receipt and chain hold."""
    found = fetch(receipt_id)
    log(found, "view")
    figures, chain = figures_of(found), chain_of(db.session(), found)
    _rows, broken = history.verify(db.session(), figures["chain"]["instance"])
    return render_template(
        "receipts/show.html",
        receipt=found,
        figures=figures,
        title=receipt_words.title(figures),
        lead=receipt_words.lead(figures),
        sections=receipt_words.sections(figures),
        since=changes_since(db.session(), found, today()),
        broken=broken,
        unchanged=digest(found.body) == found.sha256,
        named=any("payload" in row for row in chain),
        head=chain[-1]["hash"] if chain else None,
    )


@blueprint.get("/<int:receipt_id>/receipt.<any(json, zip):form>")
@allowed("history.see")
def download(receipt_id: int, form: str) -> ResponseReturnValue:
    """Hand out the figures as they are hashed, or in a ZIP with the chain, the script, and the documents if asked."""
    found = fetch(receipt_id)
    customer = found.application.customer
    whole_file = customer is None or stands_open(customer)
    log(found, "export")
    name = f"{found.application.number}-{found.id}"
    if form == "json":
        return attached(found.body.encode(), "application/json", f"{name}.json")
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        files = files_of(db.session(), found, "documents" in request.args, whole_file)
        for path, content in files.items():
            archive.writestr(path, content)
    return attached(packed.getvalue(), "application/zip", f"{name}.zip")


@blueprint.get("/<int:receipt_id>/receipt.<language>.pdf")
@allowed("history.see")
def pdf(receipt_id: int, language: str) -> ResponseReturnValue:
    """Hand out the receipt as PDF in one of the languages, whichever the reader's own is."""
    found = fetch(receipt_id)
    if language not in LANGUAGES:
        raise NotFound(_("There is no receipt in this language."))
    if digest(found.body) != found.sha256:
        raise Conflict(_("This receipt was changed after it was made; it is not printed as one that holds."))
    log(found, "print")
    with force_locale(language):
        content = pdf_of(document(found, language), found.made_at)
    return attached(content, "application/pdf", f"{found.application.number}-{found.id}.{language}.pdf")


def document(found: DecisionReceipt, language: str) -> Document:
    """The receipt as a document in the language that is set: then only, nothing of what came since."""
    figures = figures_of(found)
    lang, _script, region = ("zh", "Hans", "CN") if language.startswith("zh") else ("en", "", "GB")
    return Document(
        title=receipt_words.title(figures),
        author=figures["company"]["name"],
        lead=receipt_words.lead(figures),
        foot=_("Receipt %(number)s, SHA-256 %(hash)s", number=found.id, hash=found.sha256),
        sections=receipt_words.sections(figures),
        lang=lang,
        region=region,
    )


def fetch(receipt_id: int) -> DecisionReceipt:
    """Return a receipt; NotFound when there is none or its application is not this person's to see."""
    query = select(DecisionReceipt).join(CreditApplication).where(DecisionReceipt.id == receipt_id)
    found = db.session.scalar(query.where(visible.applications(person())))
    if found is None:
        raise NotFound(_("There is no such receipt, or it is not yours to see."))
    return found


def log(found: DecisionReceipt, kind: str) -> None:
    """Note in the customer's file who looked at, printed or took out the receipt."""
    customer_id = found.application.customer_id
    if customer_id is not None:
        log_access(db.session(), customer_id, person().id, kind, "applications", now())
        db.session.commit()


def receipt_ids(application: CreditApplication) -> dict[int | None, int]:
    """The receipts of an application's decisions, for its page: decision id (None: by rule) -> receipt id."""
    return receipts_of(db.session(), application.id)
