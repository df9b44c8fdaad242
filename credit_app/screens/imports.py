"""The import centre: hand in a file, look at the report, see what was imported before."""

from typing import Any, BinaryIO, cast

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.datastructures import FileStorage

from credit_app.db import db
from credit_app.forms.imports import ImportForm
from credit_app.i18n import _, ngettext, said
from credit_app.importers import DECLARED, FileRefused, ImportReport, MappingRefused, import_file, mappings
from credit_app.importers.ubl import MAPPING as UBL
from credit_app.models import IMPORT_KINDS, ImportBatch
from credit_app.permissions import may
from credit_app.screens.access import allowed, check, person
from credit_app.screens.clock import now
from credit_app.screens.listing import Listing, Sort, instant
from credit_app.screens.words import import_kind_word
from workflows.errors import NotFound

blueprint = Blueprint("imports", __name__, url_prefix="/imports")

SORTS = {"started": Sort(ImportBatch.started_at, instant)}


@blueprint.route("", methods=["GET", "POST"])
@allowed("import.see")
def index() -> ResponseReturnValue:
    """List the imports and take a file."""
    form = ImportForm().offer(offers())
    if form.is_submitted():
        check("import.run")
        if form.validate() and (batch := take(form)) is not None:
            return redirect(url_for("imports.show", batch_id=batch))
    listing = Listing(SORTS, ImportBatch.id, "-started")
    query = select(ImportBatch).options(joinedload(ImportBatch.starter))
    rows = listing.page(db.session.scalars(listing.apply(query)).all(), lambda row: (row.started_at, row.id))
    may_run = may(person(), "import.run")
    page = render_template("imports/index.html", form=form, listing=listing, rows=rows, may_run=may_run)
    return page, 422 if form.errors else 200


def offers() -> list[tuple[str, str]]:
    """Return the mappings for the select: 'kind/name' and words; first the kinds that need none."""
    declared = [
        (f"{kind}/", _("%(what)s: %(name)s", what=import_kind_word(kind), name=module.TITLE))
        for kind, module in DECLARED.items()
    ]
    return declared + [
        (
            f"{kind}/{mapping.name}",
            _(
                "%(what)s: %(name)s",
                what=import_kind_word(kind),
                name=_(mapping.title) if mapping.title else mapping.name,
            ),
        )
        for kind in IMPORT_KINDS
        if kind not in DECLARED
        for mapping in ([UBL] if kind == "ubl" else mappings(kind))
    ]


def take(form: ImportForm) -> int | None:
    """Import the file of a form and commit; the number of the kept report, None with an error at the field."""
    try:
        report = run(form)
    except (FileRefused, MappingRefused) as refused:
        db.session.rollback()
        form.file.errors = [said(refused)]
        return None
    db.session.commit()
    flash(*outcome(report))
    return report.batch_id


def run(form: ImportForm) -> ImportReport:
    """Read the uploaded file; its own name is only kept for the report."""
    kind, _slash, name = form.mapping.data.partition("/")
    upload: FileStorage = form.file.data
    return import_file(
        db.session(),
        kind,
        upload.filename or "",
        cast(BinaryIO, upload.stream),
        name,
        mode=form.mode.data,
        dry_run=bool(form.dry_run.data),
        actor_id=person().id,
        now=now(),
    )


def outcome(report: ImportReport) -> tuple[str, str]:
    """Return in one sentence what became of the import, and its kind of message."""
    if report.status == "refused":
        return ngettext(
            "Nothing was imported: %(num)s row needs repair first.",
            "Nothing was imported: %(num)s rows need repair first.",
            report.rows_bad,
        ), "error"
    if report.dry_run:
        return _("Only checked, nothing was written."), "info"
    if report.rows_bad:
        return ngettext(
            "Imported without the %(num)s row that needs repair.",
            "Imported without the %(num)s rows that need repair.",
            report.rows_bad,
        ), "warning"
    return _("Imported."), "success"


@blueprint.get("/<int:batch_id>")
@allowed("import.see")
def show(batch_id: int) -> ResponseReturnValue:
    """Show the report of one import."""
    batch: Any = db.session.get(ImportBatch, batch_id)
    if batch is None:
        raise NotFound(_("This import does not exist."))
    return render_template("imports/show.html", batch=batch, problems=batch.problems)
