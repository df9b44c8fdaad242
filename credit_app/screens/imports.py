"""The import centre: hand in a file, look at the report, see what was imported before."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.datastructures import FileStorage

from credit_app.db import db
from credit_app.forms.imports import ImportForm
from credit_app.i18n import _, ngettext, said
from credit_app.importers import FileRefused, Mapping, MappingRefused, import_file, load_mapping, waiting
from credit_app.importers.examples import example
from credit_app.importers.examples_xml import xml_example
from credit_app.importers.reading import LARGEST_FILE
from credit_app.models import ImportBatch, ImportProblem
from credit_app.permissions import may
from credit_app.screens.access import allowed, check, person
from credit_app.screens.clock import now, today
from credit_app.screens.exporting import send_table
from credit_app.screens.import_words import kinds_of_files, problem_reason
from credit_app.screens.listing import Listing, Sort, instant
from credit_app.screens.words import import_kind_word
from workflows.errors import NotFound

blueprint = Blueprint("imports", __name__, url_prefix="/imports")

SORTS = {"started": Sort(ImportBatch.started_at, instant)}
AROUND = 1 << 16  # what a form weighs beside its file; less than the MB that a refusal names


@blueprint.url_value_preprocessor
def make_room(endpoint: str | None, _values: object) -> None:
    """A file to import may be larger than other requests; only for those who may import, before anything is read."""
    if endpoint == "imports.index" and request.method == "POST" and may(current_user, "import.run"):
        request.max_content_length = max(LARGEST_FILE + AROUND, current_app.config["MAX_CONTENT_LENGTH"])


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
    page = render_template(
        "imports/index.html",
        form=form,
        listing=listing,
        rows=rows,
        may_run=may(person(), "import.run"),
        expected=kinds_of_files(),
    )
    return page, 422 if form.errors else 200


def offers() -> list[tuple[str, str]]:
    """Return the kinds of files for the select: 'kind/name' and words."""
    return [(f"{one.kind}/{one.name}", one.word) for one in kinds_of_files()]


def take(form: ImportForm) -> int | None:
    """Import the file of a form, or leave it to the worker, and commit; its number, None with an error at the field."""
    kind, _slash, name = form.mapping.data.partition("/")
    upload: FileStorage = form.file.data
    order = waiting.Order(
        kind, name, form.mode.data, bool(form.dry_run.data), upload.filename or "", person().id
    )
    try:
        batch_id = begin(order, cast(BinaryIO, upload.stream))
    except (FileRefused, MappingRefused) as refused:
        db.session.rollback()
        form.file.errors = [said(refused)]
        return None
    db.session.commit()
    return batch_id


def begin(order: waiting.Order, stream: BinaryIO) -> int | None:
    """Import a small file at once; a large one, or one that would have to wait for another, is left to the worker."""
    session = db.session()
    small = stream.seek(0, 2) <= waiting.SMALL
    stream.seek(0)
    if not (small and waiting.turn_is_free(session)):
        return waiting.hand_in(session, folder(), stream, order, now()).id
    report = import_file(
        session,
        order.kind,
        order.filename,
        stream,
        order.mapping,
        mode=order.mode,
        dry_run=order.dry_run,
        actor_id=order.actor_id,
        now=now(),
    )
    flash(*outcome(session.get_one(ImportBatch, report.batch_id)))
    return report.batch_id


def folder() -> Path:
    """Return where the files are kept that the worker imports."""
    found: Path = current_app.extensions["config"].imports
    return found


def outcome(batch: ImportBatch) -> tuple[str, str]:
    """Return in one sentence what became of the import, and its kind of message."""
    if batch.status == "refused":
        return ngettext(
            "Nothing was imported: %(num)s row needs repair first.",
            "Nothing was imported: %(num)s rows need repair first.",
            batch.rows_bad,
        ), "error"
    if batch.dry_run:
        return _("Only checked, nothing was written."), "info"
    if batch.rows_bad:
        return ngettext(
            "Imported without the %(num)s row that needs repair.",
            "Imported without the %(num)s rows that need repair.",
            batch.rows_bad,
        ), "warning"
    return _("Imported."), "success"


def found(batch_id: int) -> ImportBatch:
    """Return the import with this number. Raises NotFound."""
    batch = db.session.get(ImportBatch, batch_id)
    if batch is None:
        raise NotFound(_("This import does not exist."))
    return batch


@blueprint.get("/<int:batch_id>")
@allowed("import.see")
def show(batch_id: int) -> ResponseReturnValue:
    """Show the report of one import, or how far it is."""
    batch = found(batch_id)
    before = waiting.imported_before(db.session(), batch)
    return render_template("imports/show.html", batch=batch, problems=batch.problems, before=before)


@blueprint.get("/<int:batch_id>/progress")
@allowed("import.see")
def progress(batch_id: int) -> ResponseReturnValue:
    """Answer how far an import is; once it is over, have the whole page shown anew."""
    batch = found(batch_id)
    page = render_template("imports/_progress.html", batch=batch)
    return page, 200, {} if batch.status in waiting.OPEN else {"HX-Refresh": "true"}


@blueprint.get("/<int:batch_id>/problems.<any(csv, xlsx):form>")
@allowed("import.see")
def problems(batch_id: int, form: str) -> ResponseReturnValue:
    """Send the rows to repair as a table, in the reader's language."""
    batch = found(batch_id)
    headings = [_("Row"), _("Column"), _("Value"), _("Reason")]
    name = f"import-{batch.id}-problems"
    return send_table(form, name, _("Rows to repair"), headings, problem_rows(batch.id))


def problem_rows(batch_id: int) -> Iterator[tuple[object, ...]]:
    """Yield the rows of the report in the order of the file."""
    query = select(ImportProblem).where(ImportProblem.batch_id == batch_id).order_by(ImportProblem.id)
    for row in db.session.scalars(query):
        yield row.row, row.column, row.value, problem_reason(row)


@blueprint.get("/examples/<name>.<any(csv, xlsx):form>")
@allowed("import.see")
def example_file(name: str, form: str) -> ResponseReturnValue:
    """Send an example of the file that a mapping expects."""
    try:
        mapping: Mapping = load_mapping(name)
    except MappingRefused as refused:
        raise NotFound(said(refused)) from refused
    headings, rows = example(mapping, today())
    return send_table(form, f"{mapping.name}-example", import_kind_word(mapping.kind), headings, rows)


@blueprint.get("/examples/<any(bank_statement, ubl):kind>.<any(xml):form>")
@allowed("import.see")
def example_document(kind: str, form: str) -> ResponseReturnValue:
    """Send an example of a file that declares its own meaning."""
    answer = Response(xml_example(kind, today()), mimetype=f"application/{form}")
    answer.headers["Content-Disposition"] = f'attachment; filename="{kind}-example.{form}"'
    return answer
